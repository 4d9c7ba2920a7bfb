"""Tables from cells that a service found: spans filled, header rows as one."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from functions.parse.readers.cleaning import clean_line
from functions.parse.readers.replies.placing import around
from lectern.documents import Box

MAX_ROWS = 20_000
MAX_COLUMNS = 1_000
_MAX_FIELDS = 200_000


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell: where it begins (from 0), how far it spans, and its place on the page."""

    row: int
    column: int
    rows: int
    columns: int
    text: str
    header: bool
    box: Box | None


@dataclass(frozen=True, slots=True)
class Grid:
    """A table as `Block` has it: rows of equal length, the header first when `has_header`."""

    rows: tuple[tuple[str, ...], ...]
    row_boxes: tuple[Box, ...]
    has_header: bool


def grid_of(cells: Iterable[Cell], box: Box | None) -> Grid | None:
    """Return the table that the cells make, or None when nothing stands in it.

    The text of a spanning cell is repeated in every field it covers, so that each row says all that
    holds for it. Rows of column headers become one, whose fields join what stands in them. Rows
    and columns without text are left out.

    Args:
        cells: The cells in any order; those out of bounds are left out.
        box: Place of the table, for rows of which no cell has one.
    """
    sound = [cell for cell in cells if _is_sound(cell)]
    fields = _fields(sound)
    used_rows = sorted({row for (row, _), cell in fields.items() if clean_line(cell.text)})
    used = sorted({column for (_, column), cell in fields.items() if clean_line(cell.text)})
    if not used_rows:
        return None
    rows = [_row(fields, row, used) for row in used_rows]
    boxes = [_row_box(sound, row) or box for row in used_rows]
    height = _header_height(fields, used_rows, used)
    if height > 1:
        rows[:height] = [tuple(map(_joined, zip(*rows[:height], strict=True)))]
        boxes[:height] = [around(c.box for c in sound if c.row in used_rows[:height]) or box]
    whole = tuple(each for each in boxes if each is not None)
    return Grid(tuple(rows), whole if len(whole) == len(rows) else (), height > 0)


def _is_sound(cell: Cell) -> bool:
    return 0 <= cell.row < MAX_ROWS and 0 <= cell.column < MAX_COLUMNS


def _fields(cells: Sequence[Cell]) -> Mapping[tuple[int, int], Cell]:
    fields: dict[tuple[int, int], Cell] = {}
    left = _MAX_FIELDS
    for cell in cells:
        rows = min(max(cell.rows, 1), MAX_ROWS - cell.row)
        columns = min(max(cell.columns, 1), MAX_COLUMNS - cell.column)
        if rows * columns > left:
            rows = columns = 1  # nobody's table; the cell itself stays
        left -= rows * columns
        for row in range(cell.row, cell.row + rows):
            for column in range(cell.column, cell.column + columns):
                fields.setdefault((row, column), cell)
    return fields


def _row(
    fields: Mapping[tuple[int, int], Cell], row: int, columns: Sequence[int]
) -> tuple[str, ...]:
    cells = (fields.get((row, column)) for column in columns)
    return tuple(clean_line(cell.text) if cell else "" for cell in cells)


def _row_box(cells: Iterable[Cell], row: int) -> Box | None:
    """Return the place of a row: of the cells in it alone, else of those that begin in it."""
    begun = [cell for cell in cells if cell.row == row]
    alone = [cell.box for cell in begun if cell.rows <= 1]
    return around(alone) or around(cell.box for cell in begun)


def _header_height(
    fields: Mapping[tuple[int, int], Cell], rows: Sequence[int], columns: Sequence[int]
) -> int:
    """Return how many of the first rows hold nothing but column headers; one row at least stays."""
    height = 0
    for row in rows:
        filled = [
            cell for column in columns if (cell := fields.get((row, column))) and cell.text.strip()
        ]
        if not all(cell.header for cell in filled):
            break
        height += 1
    return min(height, len(rows) - 1)


def _joined(texts: tuple[str, ...]) -> str:
    return " ".join(dict.fromkeys(text for text in texts if text))
