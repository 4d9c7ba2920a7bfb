"""Reads PDF: text in reading order with boxes, headings, lists, tables, figures, scans."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from functions.parse import ocr
from functions.parse.blocks import ReadPage
from functions.parse.readers.pdf_blocks import PageReader
from functions.parse.readers.pdf_content import PageContent, read_content
from functions.parse.readers.pdf_document import open_pdf, outline_entries
from functions.parse.readers.pdf_engine import Document, PdfPage, pymupdf
from functions.parse.readers.pdf_furniture import remove_furniture
from functions.parse.readers.pdf_headings import OutlineEntry, fonts_of, headings_before
from functions.parse.readers.pdf_scans import read_scan, read_under_stamp
from lectern.errors import UnreadableDocument
from lectern.tessdata import installed

_SCAN_SHARE = 0.02  # of a page without text: covered this far by a picture, it is a scan
_GARBAGE_SHARE = 0.3  # of its letters unknown: the fonts do not say what they show
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)?")


def read(path: Path, *, first_page: int = 1, last_page: int | None = None) -> Iterator[ReadPage]:
    """Yield the pages, see `Reader`. Headings are told by the fonts of these pages.

    A page that is a picture is read by OCR where that is installed, and is empty otherwise but for
    what is printed on it.

    Raises:
        UnreadableDocument: See `open_pdf`; or no page of the whole document has text and OCR is
            not installed (code `needs_ocr`).
    """
    with open_pdf(path) as document:
        last = min(last_page or document.page_count, document.page_count)
        numbers = range(first_page, last + 1)
        contents: list[PageContent] = []
        unread = 0
        for number in numbers:
            content, skipped = _content(document, number)
            contents.append(content)
            unread += skipped
        if unread and unread == document.page_count:
            raise ocr.needs_ocr("the PDF")
        remove_furniture(contents)
        outline: dict[int, list[OutlineEntry]] = defaultdict(list)
        for entry in outline_entries(document):
            outline[entry.page_number].append(entry)
        fonts = fonts_of(line for content in contents for line in content.lines if not line.aside)
        reader = PageReader(fonts, outline, _Vocabulary(contents))
        labels = bool(document.get_page_labels())
        for number, content in zip(numbers, contents, strict=True):
            page = document[number - 1]
            yield ReadPage(
                number,
                tuple(reader.blocks(page, content, number)),
                content.width,
                content.height,
                _label(page, number) if labels else None,
            )


def headings_at(path: Path, first_page: int) -> list[tuple[int, str]]:
    """Return level and text of the outline's headings that are open where the page begins."""
    if first_page == 1:
        return []
    with open_pdf(path) as document:
        return headings_before(outline_entries(document), first_page)


def _content(document: Document, number: int) -> tuple[PageContent, bool]:
    """Return the page's content and whether it is a picture that could not be read."""
    try:
        page = document[number - 1]
        content = read_content(page)
    except (RuntimeError, ValueError, pymupdf.mupdf.FzErrorBase) as error:
        if document.page_count > 1:
            return PageContent(0.0, 0.0), False  # one broken page does not fail the others
        raise UnreadableDocument(
            f"page {number} is damaged; print the document to a new PDF and upload that",
            code="damaged",
        ) from error
    letters = sum(len(line.text) for line in content.lines)
    garbage = content.unreadable_glyphs > _GARBAGE_SHARE * letters
    stamped = content.is_stamped_picture and not garbage
    if not (stamped or (garbage if letters else content.image_share > _SCAN_SHARE)):
        return content, False
    if installed() is None:
        return content, not letters
    read = read_under_stamp if stamped else read_scan
    read(page, content)
    return content, False


def _label(page: PdfPage, number: int) -> str | None:
    label = str(page.get_label())[:32]
    return label if label and label != str(number) else None


class _Vocabulary:
    """The words of the pages, collected when the first hyphen asks for them."""

    def __init__(self, contents: Sequence[PageContent]) -> None:
        self._contents = contents
        self._words: set[str] | None = None

    def __call__(self, word: str) -> bool:
        if self._words is None:
            self._words = {
                found.casefold()
                for content in self._contents
                for line in content.lines
                for found in _WORD.findall(line.text)
            }
        return word.casefold() in self._words
