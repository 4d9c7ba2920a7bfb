"""HTML tables as grids: spans expanded, nested tables after the one that holds them."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from functions.parse.readers.delimited import has_header
from functions.parse.readers.page_builder import PageBuilder
from functions.parse.readers.safe_xml import local_name

if TYPE_CHECKING:
    from lxml import etree

MAX_SPAN = 1000  # HTML's own limit for colspan
MAX_CELLS = 500_000
_UNREAD = frozenset({"script", "style", "template", "noscript"})


def add_table(page: PageBuilder, table: "etree._Element") -> bool:
    """Add `table`, then the tables nested in it; return False when it only lays the page out."""
    cells = list(_rows(table))
    nested = [inner for row in cells for cell in row for inner in _nested(cell)]
    rows = expand(
        [
            [(_text(cell), _span(cell, "colspan"), _span(cell, "rowspan")) for cell in row]
            for row in cells
        ]
    )
    filled = [row for row in rows if any(cell.strip() for cell in row)]
    wide = max((sum(bool(cell.strip()) for cell in row) for row in filled), default=0)
    lays_out = table.get("role") in {"presentation", "none"}
    if lays_out or wide < 2 or (nested and len(filled) < 2):  # noqa: PLR2004
        return False
    caption = table.find("caption")
    header = bool(cells) and (
        all(local_name(cell) == "th" for cell in cells[0]) or table.find("thead") is not None
    )
    page.table(
        rows,
        has_header=header or has_header(filled),
        caption=_text(caption) if caption is not None else "",
    )
    for inner in nested:
        if not add_table(page, inner):
            page.text(_text(inner))
    return True


def expand(rows: list[list[tuple[str, int, int]]]) -> list[list[str]]:
    """Return the grid of cells given as (text, columns, rows) spans.

    The text of a spanning cell is repeated in every field it covers, so that each row says
    everything that holds for it.
    """
    grid: list[dict[int, str]] = [{} for _ in rows]
    total = 0
    for row_number, row in enumerate(rows):
        column = 0
        for text, columns, height in row:
            while column in grid[row_number]:
                column += 1
            for covered in grid[row_number : row_number + height]:
                for field in range(column, column + columns):
                    covered.setdefault(field, text)
                total += columns
            if total > MAX_CELLS:
                return [[text for text, _, _ in row] for row in rows]
    return [[row.get(i, "") for i in range(max(row, default=-1) + 1)] for row in grid]


def _rows(table: "etree._Element") -> Iterator[list["etree._Element"]]:
    for child in table:
        name = local_name(child)
        if name == "tr":
            yield [cell for cell in child if local_name(cell) in {"td", "th"}]
        elif name in {"thead", "tbody", "tfoot"}:
            yield from _rows(child)


def _nested(cell: "etree._Element") -> Iterator["etree._Element"]:
    for child in cell:
        if local_name(child) == "table":
            yield child
        else:
            yield from _nested(child)


def _span(cell: "etree._Element", name: str) -> int:
    value = cell.get(name, "1").strip()
    return min(max(int(value), 1), MAX_SPAN) if re.fullmatch(r"\d{1,6}", value) else 1


def _text(element: "etree._Element") -> str:
    return "".join(_words(element))


def _words(element: "etree._Element") -> Iterator[str]:
    yield element.text or ""
    for child in element:
        name = local_name(child)
        if name == "img":
            yield f" {child.get('alt', '')} "
        elif name in {"br", "p", "div", "li"}:
            yield " "
        if name and name != "table" and name not in _UNREAD:
            yield from _words(child)
        yield child.tail or ""
