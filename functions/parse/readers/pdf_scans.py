"""Pages that are pictures: what OCR reads takes the place of their lines, or joins them."""

from dataclasses import replace
from difflib import SequenceMatcher

from functions.parse import ocr
from functions.parse.readers.pdf_content import PageContent, TextLine, dominant_turn, turned
from functions.parse.readers.pdf_engine import PdfPage

_ALIKE = 0.5  # of two texts in one place: OCR has read the printed line


def read_scan(page: PdfPage, content: PageContent) -> None:
    """Replace the lines of `content` with what OCR reads on the page.

    Raises:
        UnreadableDocument: See `ocr_page`.
    """
    content.lines = _text_lines(ocr.ocr_page(page), content)


def read_under_stamp(page: PdfPage, content: PageContent) -> None:
    """Add what OCR reads on the page to its printed lines, unless that is but a picture's noise.

    Raises:
        UnreadableDocument: See `ocr_page`.
    """
    found = tuple(
        line
        for line in ocr.ocr_page(page)
        if not any(_is_reading_of(line, printed) for printed in content.lines)
    )
    if not ocr.is_legible(found):
        return
    stamps = content.lines
    content.lines = _text_lines(found, content)
    turn = dominant_turn(line.direction for line in found)
    for stamp in stamps:
        x0, y0, x1, y1 = turned(stamp.box, turn, content)
        aside = stamp.aside or content.turned
        content.lines.append(replace(stamp, aside=aside, x0=x0, y0=y0, x1=x1, y1=y1))


def _text_lines(lines: tuple[ocr.OcrLine, ...], content: PageContent) -> list[TextLine]:
    turn = dominant_turn(line.direction for line in lines)
    content.turned = turn != (1, 0)
    return [
        TextLine(
            line.text,
            line.box,
            round(line.size),
            False,
            line.direction != turn,
            *turned(line.box, turn, content),
        )
        for line in lines
    ]


def _is_reading_of(line: ocr.OcrLine, printed: TextLine) -> bool:
    x, y = (line.box.x0 + line.box.x1) / 2, (line.box.y0 + line.box.y1) / 2
    box = printed.box
    if not (box.x0 <= x <= box.x1 and box.y0 <= y <= box.y1):
        return False
    texts = SequenceMatcher(None, line.text.casefold(), printed.text.casefold(), autojunk=False)
    return texts.ratio() >= _ALIKE
