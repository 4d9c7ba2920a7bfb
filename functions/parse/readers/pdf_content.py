"""What stands on a PDF page: visible lines of text, drawings and images, as displayed.

Coordinates are PDF points with the origin at the top left of the page as displayed: a page's own
rotation is applied first, and its crop box is the page.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from functions.parse.readers.cleaning import clean_line
from functions.parse.readers.pdf_engine import PdfPage, pymupdf
from lectern.documents import Box

_FLAGS = (
    pymupdf.TEXTFLAGS_DICT & ~pymupdf.TEXT_PRESERVE_IMAGES & ~pymupdf.TEXT_PRESERVE_LIGATURES
    | pymupdf.TEXT_COLLECT_VECTORS
)
_TEXT, _VECTOR = 0, 3  # block types
_BOLD = 16
_BOLD_CHAR = 8
_DRAWN = 16 | 32  # filled or stroked; text that is neither is invisible
_SMALLEST_SIZE = 1.0  # points; smaller text is not meant for people
_WHITE = 0xF5  # every channel from here on
LAYER_SHARE = 0.5  # a page covered this far by an image is a scan, its text a layer or a stamp
STAMP_CHARACTERS = 120  # of a page: more is text of its own
_MAX_VECTORS = 20_000
_HANGUL = re.compile("[\uac00-\ud7a3]")
_USUAL_WORD = 8  # letters: Korean words are shorter on the whole
_SPACE = 0.2  # of the font size
_PRESENTATION_FORM = re.compile("[\ufb00-\ufdff\ufe70-\ufefc]")  # ligatures, Arabic shapes
_LEADERS = re.compile(r"\s*(?:\.\s?){4,}\s*")  # dots between an entry and its page number


@dataclass(slots=True)
class TextLine:
    """A run of text on one base line. `x0`..`y1` are turned so that the text runs to the right."""

    text: str
    box: Box
    size: float
    bold: bool
    aside: bool  # runs in another direction than most of the page
    x0: float
    y0: float
    x1: float
    y1: float


@dataclass(slots=True)
class PageContent:
    """A page's content. `turned` says that most text does not run to the right as displayed."""

    width: float
    height: float
    lines: list[TextLine] = field(default_factory=list)
    drawings: list[Box] = field(default_factory=list)
    images: list[Box] = field(default_factory=list)
    turned: bool = False
    unreadable_glyphs: int = 0
    text_layer: bool = False  # there is text without ink, under a scan

    @property
    def is_stamped_picture(self) -> bool:
        """Whether it is a scan with a few printed words on it: a stamp, a page number."""
        letters = sum(len(line.text) for line in self.lines)
        large = self.image_share > LAYER_SHARE
        return large and 0 < letters <= STAMP_CHARACTERS and not self.text_layer

    @property
    def image_share(self) -> float:
        """How much of the page its largest image covers, 0..1."""
        area = self.width * self.height
        return max((_area(box) for box in self.images), default=0.0) / area if area else 0.0


def read_content(page: PdfPage) -> PageContent:
    """Return what a reader of the page sees; hidden text is left out.

    Hidden is what has no ink (unless an image covers the page: the text layer of a scan), is
    smaller than 1 point, is white on nothing dark, fully transparent, or outside of the page.
    """
    if page.rotation:
        page.remove_rotation()
    width, height = page.rect.width, page.rect.height
    blocks = page.get_text("dict", flags=_FLAGS)["blocks"]
    if _lacks_spaces(blocks):
        blocks = page.get_text("rawdict", flags=_FLAGS)["blocks"]
        _restore_spaces(blocks)
    content = PageContent(width, height)
    if page.get_images() or not any(block["type"] == _TEXT for block in blocks):
        content.images = [
            box for info in page.get_image_info() if (box := clipped(info["bbox"], width, height))
        ]
    vectors = [block for block in blocks if block["type"] == _VECTOR][:_MAX_VECTORS]
    content.drawings = [Box(*v["bbox"]) for v in vectors if not _is_white(v["color"])]
    content.lines = list(_visible_lines(blocks, content, vectors))
    content.unreadable_glyphs = sum(line.text.count("\ufffd") for line in content.lines)
    return content


def _lacks_spaces(blocks: Iterable[dict[str, Any]]) -> bool:
    """Whether there is Korean without its spaces: MuPDF makes none from gaps between CJK signs."""
    hangul = spaces = 0
    for block in blocks:
        if block["type"] != _TEXT:
            continue
        for line in block["lines"]:
            for span in line["spans"]:
                text = span["text"]
                if not text.isascii():
                    hangul += len(_HANGUL.findall(text))
                    spaces += text.count(" ")
    return hangul > _USUAL_WORD * (spaces + 1)


def _restore_spaces(blocks: Iterable[dict[str, Any]]) -> None:
    """Give the spans of a `rawdict` their text, with a space where a gap is as wide as one."""
    for line in (line for block in blocks if block["type"] == _TEXT for line in block["lines"]):
        end: float | None = None
        for span in line["spans"]:
            pieces: list[str] = []
            for character in span["chars"]:
                x0, _, x1, _ = character["bbox"]
                if end is not None and x0 - end > _SPACE * span["size"]:
                    pieces.append(" ")
                pieces.append(character["c"])
                end = x1
            span["text"] = "".join(pieces)


def _visible_lines(
    blocks: Iterable[dict[str, Any]], content: PageContent, vectors: list[dict[str, Any]]
) -> Iterator[TextLine]:
    layer = content.image_share > LAYER_SHARE
    lines = [line for block in blocks if block["type"] == _TEXT for line in block["lines"]]
    turn = dominant_turn(map(_direction, lines))
    content.turned = turn != (1, 0)
    for line in lines:
        spans = [
            span
            for span in line["spans"]
            if span["size"] >= _SMALLEST_SIZE
            and (layer or (span["alpha"] and span["char_flags"] & _DRAWN))
            and not (_is_white(span["color"]) and not _on_ground(span, content, vectors))
        ]
        if not spans:
            continue
        content.text_layer |= not all(span["char_flags"] & _DRAWN for span in spans)
        text = clean_line("".join(span["text"] for span in spans))
        if not text.isascii() and _PRESENTATION_FORM.search(text):
            text = unicodedata.normalize("NFKC", text)
        if "...." in text or ". . . ." in text:
            text = _LEADERS.sub(" … ", text)
        box = clipped(line["bbox"], content.width, content.height)
        if not text or box is None:
            continue
        widest = spans[0] if len(spans) == 1 else max(spans, key=lambda span: len(span["text"]))
        yield TextLine(
            text,
            box,
            round(widest["size"] * 2) / 2,
            bool(widest["flags"] & _BOLD or widest["char_flags"] & _BOLD_CHAR),
            _direction(line) != turn,
            *turned(box, turn, content),
        )


def dominant_turn(directions: Iterable[tuple[int, int]]) -> tuple[int, int]:
    """Return the direction most lines run in, as one of the four unit vectors."""
    counts = Counter(directions)
    best = max(counts, key=counts.__getitem__, default=(1, 0))
    return best if best in {(1, 0), (-1, 0), (0, 1), (0, -1)} else (1, 0)


def _direction(line: dict[str, Any]) -> tuple[int, int]:
    x, y = line["dir"]
    return round(x), round(y)


def turned(box: Box, turn: tuple[int, int], content: PageContent) -> Box:
    """Return `box` on the page turned so that text in direction `turn` runs to the right."""
    width, height = content.width, content.height
    if turn == (1, 0):
        return box
    if turn == (0, 1):  # runs down
        return Box(box.y0, width - box.x1, box.y1, width - box.x0)
    if turn == (0, -1):  # runs up
        return Box(height - box.y1, box.x0, height - box.y0, box.x1)
    return Box(width - box.x1, height - box.y1, width - box.x0, height - box.y0)


def clipped(bbox: Iterable[float], width: float, height: float) -> Box | None:
    """Return the part of `bbox` on the page, rounded to a hundredth of a point, or None."""
    x0, y0, x1, y1 = bbox
    box = Box(
        round(max(x0, 0.0), 2),
        round(max(y0, 0.0), 2),
        round(min(x1, width), 2),
        round(min(y1, height), 2),
    )
    return box if box.x0 < box.x1 and box.y0 < box.y1 else None


def _is_white(color: int) -> bool:
    return color >= _WHITE << 16 and color >> 8 & 0xFF >= _WHITE and color & 0xFF >= _WHITE


def _on_ground(span: dict[str, Any], content: PageContent, vectors: list[dict[str, Any]]) -> bool:
    """Whether something that is not white lies under the middle of the span."""
    x0, y0, x1, y1 = span["bbox"]
    x, y = (x0 + x1) / 2, (y0 + y1) / 2
    grounds = [v["bbox"] for v in vectors if not v["stroked"] and not _is_white(v["color"])]
    return any(
        left <= x <= right and top <= y <= bottom
        for left, top, right, bottom in (*grounds, *content.images)
    )


def _area(box: Box) -> float:
    return (box.x1 - box.x0) * (box.y1 - box.y0)
