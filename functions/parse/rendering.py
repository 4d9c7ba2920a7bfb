"""The text of a page, written from its blocks, with the place of every block in it."""

import re
from dataclasses import dataclass, replace

from functions.parse.blocks import Block, ReadPage
from lectern.documents import Line

_SEPARATOR = "\n\n"
_FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Placed:
    """A block in the text of its page; all offsets are code points of that text.

    `rows` are the spans of a table's rows (its caption apart, its header included);
    `header` is what a piece of the table that begins later has to repeat.
    """

    block: Block
    start: int
    end: int
    lines: tuple[Line, ...] = ()
    rows: tuple[tuple[int, int], ...] = ()
    header: str = ""


def render(page: ReadPage) -> tuple[str, tuple[Placed, ...]]:
    """Return the page's text in reading order and its blocks placed; blocks without text go.

    What a block that goes had closed, the block after it closes.
    """
    pieces: list[str] = []
    placed: list[Placed] = []
    position = closes = 0
    for found in page.blocks:
        closes = min(filter(None, (closes, found.closes)), default=0)
        block = found if found.closes == closes else replace(found, closes=closes)
        text, item = _render_table(block) if block.kind == "table" else _render_text(block)
        if not text.strip():
            continue
        closes = 0
        if pieces:
            position += len(_SEPARATOR)
        pieces.append(text)
        placed.append(_moved(item, position))
        position += len(text)
    return _SEPARATOR.join(pieces), tuple(placed)


def printable(text: str) -> str:
    """Return `text` with a space for each control character and surrogate; offsets stay valid."""
    return _FORBIDDEN.sub(" ", text)


def _render_text(block: Block) -> tuple[str, Placed]:
    text = printable(block.text)
    lines = block.lines
    if block.kind == "figure" and block.box is not None and text:
        lines = (Line(0, len(text), *block.box), *lines)  # a cited caption points at the figure
    return text, Placed(block, 0, len(text), lines)


def _render_table(block: Block) -> tuple[str, Placed]:
    """Return the table as Markdown under its caption: `| cell | cell |`, a row on each line."""
    caption = printable(block.text)
    text = caption + "\n" if caption else ""
    lines = list(block.lines)
    spans: list[tuple[int, int]] = []
    header = ""
    for number, row in enumerate(block.rows):
        start = len(text)
        text += _row(row)
        spans.append((start, len(text)))
        if number < len(block.row_boxes):
            lines.append(Line(start, len(text), *block.row_boxes[number]))
        text += "\n"
        if number == 0 and block.has_header:
            rule = "|" + " --- |" * len(row) + "\n"
            header = text[start:] + rule
            text += rule
    text = text.rstrip("\n")
    return text, Placed(block, 0, len(text), tuple(lines), tuple(spans), header)


def _row(cells: tuple[str, ...]) -> str:
    escaped = (
        " ".join(printable(cell).replace("\\", "\\\\").replace("|", "\\|").split())
        for cell in cells
    )
    return "| " + " | ".join(escaped) + " |"


def _moved(item: Placed, by: int) -> Placed:
    return Placed(
        item.block,
        item.start + by,
        item.end + by,
        tuple(line._replace(start=line.start + by, end=line.end + by) for line in item.lines),
        tuple((start + by, end + by) for start, end in item.rows),
        item.header,
    )
