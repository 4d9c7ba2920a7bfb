"""Tables: ruled ones by MuPDF's geometry, unruled ones from text that stands in columns.

`find_tables` costs 60 ms a page, so it runs only where drawings look like a grid, within a time
budget, see `pdf_grids`.
"""

import re
import resource
import time
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from functions.parse.readers.pdf_columns import Row
from functions.parse.readers.pdf_content import PageContent, TextLine
from functions.parse.readers.pdf_engine import PdfPage
from functions.parse.readers.pdf_grids import MAX_COLUMNS, Grid, read_grids
from functions.parse.readers.pdf_table_headers import names_columns
from lectern.documents import Box

_RULE = 3.0  # points: thinner drawings are ruling lines
_MIN_RULE_LENGTH = 15.0
_MAX_DRAWINGS = 3_000
_BUDGET_SHARE = 0.3  # of the CPU limit, for `find_tables` in one call
_BUDGET_S = 30.0  # where there is no limit
_MIN_ROWS = 3  # of a table without rules
_CELL_GAP = 1.0  # in font sizes, between cells of a row
_PROSE_CHARACTERS = 45  # a "cell" that is usually longer is a line of a text column


_MARKER = re.compile(r"^(?:\W|\(?\w{1,4}[.)]|\d{1,3})$")


@dataclass(slots=True)
class Table:
    """A table, its place as displayed (`box`), and where it is in layout coordinates."""

    box: Box
    layout: Box
    rows: tuple[tuple[str, ...], ...]
    row_boxes: tuple[Box, ...]
    has_header: bool

    @property
    def x0(self) -> float:
        """Left edge."""
        return self.layout.x0

    @property
    def y0(self) -> float:
        """Top edge."""
        return self.layout.y0

    @property
    def x1(self) -> float:
        """Right edge."""
        return self.layout.x1

    @property
    def y1(self) -> float:
        """Bottom edge."""
        return self.layout.y1


class TableFinder:
    """Finds the tables of page after page, `find_tables` within one time budget."""

    def __init__(self) -> None:
        limit = resource.getrlimit(resource.RLIMIT_CPU)[0]
        self._left_s = _BUDGET_S if limit == resource.RLIM_INFINITY else limit * _BUDGET_SHARE

    def ruled(self, page: PdfPage, content: PageContent) -> list[Table]:
        """Return the page's ruled tables and take their lines out of `content`."""
        if content.turned or not content.lines:
            return []
        tables: list[Table] = []
        if self._left_s > 0 and _looks_ruled(content.drawings):
            started = time.process_time()
            grids = read_grids(page)
            self._left_s -= time.process_time() - started
            taken = {box for grid in grids for box in grid.lines}
            tables = [_ruled_table(grid, content.lines) for grid in grids]
            content.lines = [line for line in content.lines if line.box not in taken]
        return tables


def _looks_ruled(drawings: Sequence[Box]) -> bool:
    if not 4 <= len(drawings) <= _MAX_DRAWINGS:  # noqa: PLR2004
        return False
    horizontal: set[int] = set()
    vertical: set[int] = set()
    for box in drawings:
        width, height = box.x1 - box.x0, box.y1 - box.y0
        if width >= _MIN_RULE_LENGTH:
            horizontal.update((round(box.y0), round(box.y1)))
        if height >= _RULE * 2:
            vertical.update((round(box.x0), round(box.x1)))
    return len(horizontal) > 2 and len(vertical) > 2  # noqa: PLR2004


def _ruled_table(grid: Grid, lines: Iterable[TextLine]) -> Table:
    rows, boxes = zip(*grid.rows, strict=True)
    inside = [line for line in lines if line.box in grid.lines]
    first = [line for line in inside if line.y0 + line.y1 < 2 * boxes[0].y1]
    distinct = _is_distinct(first, [line for line in inside if line not in first])
    header = names_columns(rows, distinct=distinct)
    return Table(grid.box, grid.box, rows, boxes, header)


def _is_distinct(first: Sequence[TextLine], others: Sequence[TextLine]) -> bool:
    """Whether the first row is bold, and most of the others are not."""
    plain = sum(not line.bold for line in others)
    return bool(first) and all(line.bold for line in first) and plain * 2 > len(others)


def with_aligned_tables(rows: Sequence[Row], *, right_to_left: bool) -> list[Row]:
    """Return the rows of a column, those that make a table without rules as one row each."""
    result: list[Row] = []
    run: list[Row] = []
    for row in [*rows, None]:
        if row is not None and _is_table_row(row) and (not run or _continues(run, row)):
            run.append(row)
            continue
        table = _read_run(run, right_to_left=right_to_left) if len(run) >= _MIN_ROWS else None
        result += [Row([table])] if table else run
        run = []
        if row is not None and _is_table_row(row):
            run = [row]
        elif row is not None:
            result.append(row)
    return result


def _is_table_row(row: Row) -> bool:
    items = row.items
    if any(isinstance(item, Table) for item in items):
        return False
    if len(items) < 2:  # noqa: PLR2004
        return False
    size = min(item.y1 - item.y0 for item in items)
    ordered = sorted(items, key=lambda item: item.x0)
    return any(b.x0 - a.x1 >= _CELL_GAP * size for a, b in pairwise(ordered))


def _continues(run: Sequence[Row], row: Row) -> bool:
    return row.y0 - run[-1].y1 < 2.0 * (run[-1].y1 - run[-1].y0)


def _read_run(run: Sequence[Row], *, right_to_left: bool) -> Table | None:
    """Return the rows as a table, its columns where no row has text, or None for text columns."""
    spans = sorted((item.x0, item.x1) for row in run for item in row.items)
    edges: list[list[float]] = []
    for x0, x1 in spans:
        if edges and x0 < edges[-1][1] + 2.0:
            edges[-1][1] = max(edges[-1][1], x1)
        else:
            edges.append([x0, x1])
    if not 2 <= len(edges) <= MAX_COLUMNS:  # noqa: PLR2004
        return None
    starts = [edge[0] for edge in edges]
    grid: list[tuple[str, ...]] = []
    for row in run:
        cells = [""] * len(edges)
        for item in row.items:
            if isinstance(item, TextLine):
                column = bisect_right(starts, item.x0 + 0.01) - 1
                cells[column] = f"{cells[column]} {item.text}".strip()
        grid.append(tuple(reversed(cells) if right_to_left else cells))
    if len(edges) == 2 and sum(bool(_MARKER.match(row[0])) for row in grid) > len(grid) / 2:  # noqa: PLR2004
        return None  # a list
    filled = sorted(len(cell) for row in grid for cell in row if cell)
    if not filled or filled[len(filled) // 2] > _PROSE_CHARACTERS:
        return None
    if len(filled) < 0.4 * len(grid) * len(edges):
        return None
    lines = [[item for item in row.items if isinstance(item, TextLine)] for row in run]
    boxes = tuple(_around(line.box for line in row) for row in lines)
    distinct = _is_distinct(lines[0], [line for row in lines[1:] for line in row])
    header = names_columns(grid, distinct=distinct)
    layout = _around(Box(row.x0, row.y0, row.x1, row.y1) for row in run)
    return Table(_around(boxes), layout, tuple(grid), boxes, header)


def _around(boxes: Iterable[Box]) -> Box:
    x0, y0, x1, y1 = zip(*boxes, strict=True)
    return Box(min(x0), min(y0), max(x1), max(y1))
