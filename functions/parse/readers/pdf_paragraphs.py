"""Rows of a column into paragraphs: where one ends, and how its lines make one text."""

# ruff: noqa: RUF001 - dashes, quotes and full-width signs are meant

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from functions.parse.readers.pdf_columns import Row
from functions.parse.readers.pdf_content import TextLine
from lectern.documents import Line

BULLET = re.compile(
    r"^(?:[•◦▪▫■□●○‣⁃∙·*–—-]|[\uf0b7\uf0a7]|\(?(?:\d{1,2}|[a-zA-Z]|[ivxlc]{1,5})[.)]"
    r"|[①-⑳]|[가-하]\.)\s+\S"
)
CAPTION = re.compile(
    r"^(?:(?:Table|TABLE|Figure|FIGURE|Fig|FIG|Abbildung|Tabelle)\.?\s*[A-Z]?\d+(?:[.\-–]\d+)*\s*"
    r"[.:|–—]|(?:표|그림|表|図|图|圖)\s*\d+)"
)
_SENTENCE_END = re.compile(r"[.!?:;。！？][\"'”’)\]]*$")
_HYPHENATED = re.compile(r"[^\W\d_]{2,}[-\u2010]$")
_CJK = re.compile("[\u2e80-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef]")

_GAP = 1.3  # of the usual distance between base lines
_GAP_OF_SIZE = 1.9  # of the font size, where a column has too few lines to have a usual distance
_SIZE_CHANGE = 0.08
_INDENT = (0.8, 8.0)  # in font sizes
_SHORT = 0.2  # a last line ends this share of the width before the others


@dataclass(slots=True)
class Paragraph:
    """Lines that belong together. `list_item` says that it begins with a bullet or a number."""

    rows: list[list[TextLine]]
    list_item: bool

    @property
    def first(self) -> TextLine:
        """The first line; its font speaks for the paragraph."""
        return self.rows[0][0]


def paragraphs(rows: Sequence[Row]) -> Iterator[Paragraph]:
    """Yield the paragraphs of a column from top to bottom; every row holds text lines only."""
    texts: list[list[TextLine]] = [
        [item for item in row.items if isinstance(item, TextLine)] for row in rows
    ]
    if not texts:
        return
    pitch = _pitch(texts)
    left = min(row[0].x0 for row in texts)
    right = max(row[-1].x1 for row in texts)
    current = Paragraph([texts[0]], _is_item(texts[0]))
    for row in texts[1:]:
        bullet = _is_item(row)
        if bullet or CAPTION.match(row[0].text) or _breaks(current, row, pitch, left, right):
            yield current
            current = Paragraph([row], bullet)
        else:
            current.rows.append(row)
    yield current


def _is_item(row: list[TextLine]) -> bool:
    """Whether the row begins with a bullet or a number, which may be a line of its own."""
    return bool(BULLET.match(" ".join(line.text for line in row[:2])))


def _pitch(rows: list[list[TextLine]]) -> float:
    """Return the usual distance of base lines, 0 when there are too few to tell."""
    steps = [
        b[0].y1 - a[0].y1
        for a, b in pairwise(rows)
        if abs(a[0].size - b[0].size) < 1 and a[0].y1 < b[0].y1 < a[0].y1 + 3.2 * a[0].size
    ]
    return median(steps) if len(steps) > 2 else 0.0  # noqa: PLR2004


def _breaks(
    current: Paragraph, row: list[TextLine], pitch: float, left: float, right: float
) -> bool:
    before, line = current.rows[-1], row[0]
    last = before[0]
    step = line.y1 - last.y1
    usual = max(pitch * _GAP, line.size * 1.25) if pitch else line.size * _GAP_OF_SIZE
    if step > usual or step < -line.size:
        return True
    if abs(line.size - last.size) > _SIZE_CHANGE * last.size or line.bold != last.bold:
        return True
    indent = line.x0 - last.x0
    low, high = (share * line.size for share in _INDENT)
    if low < indent < high and not (current.list_item and len(current.rows) == 1):
        return last.x0 - left < low or len(current.rows) > 1
    return before[-1].x1 < right - _SHORT * (right - left) and bool(
        _SENTENCE_END.search(before[-1].text)
    )


def compose(
    rows: Sequence[Sequence[TextLine]], is_word: Callable[[str], bool]
) -> tuple[str, tuple[Line, ...]]:
    """Return the rows as one text and where each line of it stands.

    A word hyphenated at a line's end is put together unless only its hyphenated form is a word of
    the document (`is_word`). CJK lines join without a space.
    """
    pieces: list[str] = []
    lines: list[Line] = []
    position = 0
    flat = [line for row in rows for line in row]
    for number, line in enumerate(flat):
        text = line.text
        following = flat[number + 1] if number + 1 < len(flat) else None
        join = ""
        if following is not None:
            text, join = _joined(line, following.text, is_word)
        pieces += [text, join]
        lines.append(Line(position, position + len(text), *line.box))
        position += len(text) + len(join)
    return "".join(pieces), tuple(line for line in lines if line.start < line.end)


def _joined(line: TextLine, following: str, is_word: Callable[[str], bool]) -> tuple[str, str]:
    """Return the line's text and what stands between it and `following`."""
    text = line.text
    if following[0].islower() and (match := _HYPHENATED.search(text)):
        first = match[0]
        rest = re.match(r"[^\W\d_]*", following)
        tail = rest[0] if rest else ""
        whole = first[:-1] + tail
        return (text, "") if is_word(first + tail) and not is_word(whole) else (text[:-1], "")
    if _CJK.match(text[-1]) and _CJK.match(following[0]):
        return text, ""
    return text, " "
