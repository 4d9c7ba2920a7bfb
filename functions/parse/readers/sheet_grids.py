"""A sheet's cells as tables: islands of cells between empty rows and columns."""

from collections.abc import Iterable, Mapping

from functions.parse.readers.delimited import has_header
from functions.parse.readers.page_builder import PageBuilder
from lectern.errors import TooLarge

Cells = Mapping[tuple[int, int], str]
"""Texts of the cells that are not empty, by (row, column)."""

MAX_CELLS = 1_000_000
_ROW_GAP = 1
"""Empty rows within a table; more of them begin another."""
_COLUMN_GAP = 1
_PROSE_CHARACTERS = 3


def refuse_too_many(cells: int, sheet: str) -> None:
    """Refuse a sheet that is a database.

    Raises:
        TooLarge: It has more than `MAX_CELLS` filled cells.
    """
    if cells > MAX_CELLS:
        raise TooLarge(
            f"the sheet {sheet!r} has more than {MAX_CELLS} filled cells; split the workbook"
        )


def add_sheet(page: PageBuilder, cells: Cells) -> None:
    """Add the tables of a sheet, from top to bottom, then left to right.

    An island of one column and few cells is text: a title, a remark. A title right above a table
    (one text in its first row, be it merged over many cells) becomes the table's caption.
    """
    for rows, columns in _islands(cells):
        grid = [[cells.get((row, column), "") for column in columns] for row in rows]
        filled = [[cell for cell in row if cell] for row in grid]
        if max(map(len, filled)) == 1 and len(columns) == 1 and len(rows) <= _PROSE_CHARACTERS:
            for row in filled:
                page.text("\n".join(row))
            continue
        caption = ""
        if len(grid) > 2 and len(set(filled[0])) == 1 and max(map(len, filled[1:])) > 1:  # noqa: PLR2004
            caption, grid = filled[0][0], grid[1:]
        page.table(grid, has_header=has_header(grid), caption=caption)


def _islands(cells: Cells) -> list[tuple[list[int], list[int]]]:
    """Return the row and column numbers of each island: bands of rows, cut at empty columns."""
    by_row: dict[int, set[int]] = {}
    for row, column in cells:
        by_row.setdefault(row, set()).add(column)
    islands = []
    for band in _runs(by_row, _ROW_GAP):
        columns = {column for row in band for column in by_row[row]}
        for run in _runs(columns, _COLUMN_GAP):
            inside = range(run[0], run[-1] + 1)
            occupied = [row for row in band if any(c in by_row[row] for c in inside)]
            islands += [(rows, run) for rows in _runs(occupied, _ROW_GAP)]
    return islands


def _runs(numbers: Iterable[int], gap: int) -> list[list[int]]:
    """Return sorted numbers in runs whose neighbours leave out at most `gap` numbers."""
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and number - runs[-1][-1] <= gap + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return runs
