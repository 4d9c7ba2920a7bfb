"""Rows of a column into paragraphs: where one ends, and how its lines make one text."""

# ruff: noqa: RUF001 - dashes, quotes and full-width signs are meant

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

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
_MAX_STEP = 2.6  # of the font size: double spacing
_STEP_OF_SIZE = 1.5  # where nothing says what is usual
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
        """The first line."""
        return self.rows[0][0]

    @property
    def speaker(self) -> TextLine:
        """The line whose font speaks for the paragraph."""
        return _speaker(self.rows[0])


def paragraphs(rows: Sequence[Row]) -> Iterator[Paragraph]:
    """Yield the paragraphs of a column from top to bottom; every row holds text lines only."""
    texts: list[list[TextLine]] = [
        [item for item in row.items if isinstance(item, TextLine)] for row in rows
    ]
    if not texts:
        return
    left = min(row[0].x0 for row in texts)
    right = max(row[-1].x1 for row in texts)
    current = Paragraph([texts[0]], _is_item(texts[0]))
    for row, following in zip_longest(texts[1:], texts[2:]):
        item = _is_item(row)
        if item or CAPTION.match(row[0].text) or _breaks(current, row, following, left, right):
            yield current
            current = Paragraph([row], item)
        else:
            current.rows.append(row)
    yield current


def _is_item(row: list[TextLine]) -> bool:
    """Whether the row begins with a bullet or a number, which may be a line of its own."""
    return bool(BULLET.match(" ".join(line.text for line in row[:2])))


def _speaker(row: Sequence[TextLine]) -> TextLine:
    """Return the line whose font speaks for the row: the longest."""
    return row[0] if len(row) == 1 else max(row, key=lambda line: len(line.text))


def _usual_step(current: Paragraph, row: list[TextLine], following: list[TextLine] | None) -> float:
    """Return the distance of base lines to expect: the paragraph's own, or else the one after."""
    line = _speaker(row)
    steps = [line.size * _STEP_OF_SIZE]
    if len(current.rows) > 1:
        steps.append(_speaker(current.rows[-1]).y1 - _speaker(current.rows[-2]).y1)
    elif following is not None and _speaker(following).size == line.size:
        steps.append(min(_speaker(following).y1 - line.y1, line.size * _MAX_STEP))
    return max(steps[-1], line.size)


def _breaks(
    current: Paragraph,
    row: list[TextLine],
    following: list[TextLine] | None,
    left: float,
    right: float,
) -> bool:
    before, line = current.rows[-1], _speaker(row)
    last = _speaker(before)
    step = line.y1 - last.y1
    if step > _GAP * _usual_step(current, row, following) or step < -line.size:
        return True
    if abs(line.size - last.size) > _SIZE_CHANGE * last.size or line.bold != last.bold:
        return True
    indent = row[0].x0 - before[0].x0
    low, high = (share * line.size for share in _INDENT)
    if low < indent < high and not (current.list_item and len(current.rows) == 1):
        return before[0].x0 - left < low or len(current.rows) > 1
    ends_early = before[-1].x1 < right - _SHORT * (right - left)
    return ends_early and bool(_SENTENCE_END.search(before[-1].text))


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
    hyphen = text[-1] in "-\u2010" and following[0].islower()
    if hyphen and (match := _HYPHENATED.search(text)):
        first = match[0]
        rest = re.match(r"[^\W\d_]*", following)
        tail = rest[0] if rest else ""
        whole = first[:-1] + tail
        return (text, "") if is_word(first + tail) and not is_word(whole) else (text[:-1], "")
    if _CJK.match(text[-1]) and _CJK.match(following[0]):
        return text, ""
    return text, " "
