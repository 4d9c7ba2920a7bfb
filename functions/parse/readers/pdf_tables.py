"""Tables: ruled ones by MuPDF's geometry, unruled ones from text that stands in columns.

`find_tables` costs 60 ms a page, so it runs only where drawings look like a grid, within a time
budget; it gives the cells, and their text is read from the characters inside them.
"""

import re
import resource
import time
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO
from itertools import pairwise
from typing import Any

from functions.parse.readers.cleaning import clean_line
from functions.parse.readers.pdf_columns import Row
from functions.parse.readers.pdf_content import PageContent, TextLine
from functions.parse.readers.pdf_engine import PdfPage, pymupdf
from lectern.documents import Box

_RULE = 3.0  # points: thinner drawings are ruling lines
_MIN_RULE_LENGTH = 15.0
_MAX_DRAWINGS = 3_000
_MAX_COLUMNS = 60
_BUDGET_SHARE = 0.3  # of the CPU limit, for `find_tables` in one call
_BUDGET_S = 30.0  # where there is no limit
_LEAST_HELD = 0.97  # of the characters of the lines within a grid
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
        """Return the page's ruled tables and take their lines out of `content`.

        A grid whose cells lack some of the text within it is left out: its lines stay text.
        """
        if content.turned or not content.lines:
            return []
        kept: list[Table] = []
        if self._left_s > 0 and _looks_ruled(content.drawings):
            started = time.process_time()
            tables = _ruled_tables(page)
            self._left_s -= time.process_time() - started
            for table in tables:
                inside = [line for line in content.lines if _inside(line, table.box)]
                if _holds_all(table, inside):
                    kept.append(table)
                    taken = {id(line) for line in inside}
                    content.lines = [line for line in content.lines if id(line) not in taken]
        return kept


def _holds_all(table: Table, lines: Sequence[TextLine]) -> bool:
    """Return whether the table has the text of the lines that it would take the place of."""
    theirs = sum(len("".join(line.text.split())) for line in lines)
    own = sum(len("".join(cell.split())) for row in table.rows for cell in row)
    return own >= _LEAST_HELD * theirs


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


def _ruled_tables(page: PdfPage) -> list[Table]:
    with redirect_stdout(StringIO()):  # it advertises its layout model there
        found = page.find_tables(use_layout=False).tables
    grids = [g for g in found if g.row_count > 1 and 1 < g.col_count <= _MAX_COLUMNS]
    if not grids:
        return []
    raw = page.get_text("rawdict", flags=pymupdf.TEXTFLAGS_RAWDICT & ~pymupdf.TEXT_PRESERVE_IMAGES)
    characters = [
        ((c["bbox"][0] + c["bbox"][2]) / 2, (c["bbox"][1] + c["bbox"][3]) / 2, c["c"], number)
        for number, line in enumerate(
            line for block in raw["blocks"] if block["type"] == 0 for line in block["lines"]
        )
        for span in line["spans"]
        for c in span["chars"]
    ]
    tables = (_read_grid(grid, characters) for grid in grids)
    return [table for table in tables if table is not None]


def _read_grid(grid: Any, characters: list[tuple[float, float, str, int]]) -> Table | None:
    """Return the grid with its text, or None when it is a frame around something else."""
    x0, y0, x1, y1 = grid.bbox
    bands = [(row.bbox, row.cells) for row in grid.rows]  # computed at each access
    starts = [bbox[1] for bbox, _ in bands]
    texts: dict[tuple[int, int], list[str]] = {}
    last: dict[tuple[int, int], int] = {}
    for x, y, character, line in characters:
        if not (x0 <= x <= x1 and y0 <= y <= y1):
            continue
        band = max(bisect_right(starts, y) - 1, 0)
        for row in range(band, -1, -1):  # a cell may span several rows
            cells = bands[row][1]
            column = next((i for i, c in enumerate(cells) if c and _holds(c, x, y)), None)
            if column is not None:
                key = (row, column)
                pieces = texts.setdefault(key, [])
                if last.get(key, line) != line:
                    pieces.append(" ")
                last[key] = line
                pieces.append(character)
                break
    table = tuple(
        tuple(clean_line("".join(texts.get((r, c), ()))) for c in range(grid.col_count))
        for r in range(len(bands))
    )
    kept = [number for number, row in enumerate(table) if any(row)]
    used = [c for c in range(grid.col_count) if any(row[c] for row in table)]
    if len(kept) < 2 or len(used) < 2:  # noqa: PLR2004
        return None
    return Table(
        Box(x0, y0, x1, y1),
        Box(x0, y0, x1, y1),
        tuple(tuple(table[r][c] for c in used) for r in kept),
        tuple(Box(*(round(v, 2) for v in bands[r][0])) for r in kept),
    )


def _holds(cell: Sequence[float], x: float, y: float) -> bool:
    return cell[0] <= x <= cell[2] and cell[1] <= y <= cell[3]


def _inside(line: TextLine, box: Box) -> bool:
    x, y = (line.x0 + line.x1) / 2, (line.y0 + line.y1) / 2
    return box.x0 - 1 <= x <= box.x1 + 1 and box.y0 - 1 <= y <= box.y1 + 1


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
    if not 2 <= len(edges) <= _MAX_COLUMNS:  # noqa: PLR2004
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
    boxes = tuple(
        _around(item.box for item in row.items if isinstance(item, TextLine)) for row in run
    )
    layout = _around(Box(row.x0, row.y0, row.x1, row.y1) for row in run)
    return Table(_around(boxes), layout, tuple(grid), boxes)


def _around(boxes: Iterable[Box]) -> Box:
    x0, y0, x1, y1 = zip(*boxes, strict=True)
    return Box(min(x0), min(y0), max(x1), max(y1))
