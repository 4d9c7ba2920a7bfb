"""The text of ruled tables: MuPDF gives the cells, the characters of the page fill them.

A line of text belongs to a grid as a whole or not at all, so that nothing is cut at its edges.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO
from itertools import groupby
from statistics import median
from typing import Any

from functions.parse.readers.pdf_content import clipped
from functions.parse.readers.pdf_engine import PdfPage, pymupdf
from functions.parse.readers.pdf_grid_rows import Band, Cell, Glyph, GridRow, PrintedLine, rows_of
from lectern.documents import Box

MAX_COLUMNS = 60
_OVERHANG = 0.2  # of a line's characters may stand outside of the cells
_TALL = 2.0  # times the usual row: a band that encloses something else


@dataclass(frozen=True, slots=True)
class Grid:
    """A table with its text; `lines` are the places of the lines it holds."""

    box: Box
    rows: tuple[GridRow, ...]
    lines: frozenset[Box]


def read_grids(page: PdfPage) -> list[Grid]:
    """Return the page's ruled tables from top to bottom, no line of text in two of them."""
    with redirect_stdout(StringIO()):  # it advertises its layout model there
        found = page.find_tables(use_layout=False).tables
    grids = [g for g in found if g.row_count > 1 and 1 < g.col_count <= MAX_COLUMNS]
    if not grids:
        return []
    lines = list(_printed_lines(page))
    outlines: list[Cell] = [tuple(grid.bbox) for grid in grids]
    tables: list[Grid] = []
    for number, grid in sorted(enumerate(grids), key=lambda pair: _area(outlines[pair[0]])):
        others = [outline for n, outline in enumerate(outlines) if n != number]
        for bands in _sections(_bands(grid), lines, others):
            table = _read_grid(bands, lines)
            if table is not None:  # inner tables come first, and keep their text
                tables.append(table)
                lines = [line for line in lines if line.box not in table.lines]
    return sorted(tables, key=lambda table: (table.box.y0, table.box.x0))


def _printed_lines(page: PdfPage) -> Iterator[PrintedLine]:
    flags = pymupdf.TEXTFLAGS_RAWDICT & ~pymupdf.TEXT_PRESERVE_IMAGES
    for block in page.get_text("rawdict", flags=flags)["blocks"]:
        for line in block.get("lines", ()):
            glyphs = tuple(
                Glyph(c["c"], x0, x1, (y0 + y1) / 2, y1 - y0)
                for span in line["spans"]
                for c in span["chars"]
                for x0, y0, x1, y1 in [c["bbox"]]
            )
            box = clipped(line["bbox"], page.rect.width, page.rect.height)
            if box and any(not glyph.text.isspace() for glyph in glyphs):
                yield PrintedLine(box, glyphs)


def _bands(grid: Any) -> list[Band]:
    return [
        Band(tuple(row.bbox), tuple(c and tuple(c) for c in row.cells))
        for row in grid.rows  # computed at each access
    ]


def _read_grid(bands: list[Band], lines: Sequence[PrintedLine]) -> Grid | None:
    """Return the grid with its text, or None when it is a frame around something else."""
    placed = [(line, places) for line in lines if (places := _places(line, bands))]
    rows: list[GridRow] = []
    for number, band in enumerate(bands):
        here = [
            (line, [(place[1], glyph) for place, glyph in places if place[0] == number])
            for line, places in placed
        ]
        rows += rows_of(band, [(line, glyphs) for line, glyphs in here if glyphs], bands)
    rows = [row for row in rows if any(row[0])]
    used = [c for c in range(len(bands[0].cells)) if any(cells[c] for cells, _ in rows)]
    if len(rows) < 2 or len(used) < 2:  # noqa: PLR2004
        return None
    return Grid(
        _around(band.box for band in bands),
        tuple((tuple(cells[c] for c in used), box) for cells, box in rows),
        frozenset(line.box for line, _ in placed),
    )


def _sections(
    bands: list[Band], lines: Sequence[PrintedLine], others: Sequence[Cell]
) -> list[list[Band]]:
    """Return the bands in runs, without those that only enclose what else is on the page.

    Such a band is one high cell with another table in it, or with lines that reach out of it.
    """
    usual = median(band.box[3] - band.box[1] for band in bands)

    def foreign(band: Band) -> bool:
        x0, y0, x1, y1 = band.box
        if not band.undivided or y1 - y0 < _TALL * usual:
            return False
        inside = [n for n in lines if y0 <= n.y <= y1 and n.box.x0 < x1 and n.box.x1 > x0]
        return any(_holds(band.box, (o[0] + o[2]) / 2, (o[1] + o[3]) / 2) for o in others) or any(
            not _places(line, [band]) for line in inside
        )

    return [list(run) for alien, run in groupby(bands, foreign) if not alien]


def _places(line: PrintedLine, bands: Sequence[Band]) -> list[tuple[tuple[int, int], Glyph]] | None:
    """Return band and column of each character, or None for a line that is not of the grid.

    It is of the grid when it begins in a cell and hardly reaches out of the cells; what does is
    put with the character before it.
    """
    if not bands[0].box[1] <= line.y <= bands[-1].box[3]:
        return None
    tops = [band.box[1] for band in bands]
    visible = [glyph for glyph in line.glyphs if not glyph.text.isspace()]
    found = [_place(glyph, bands, tops) for glyph in visible]
    if found[0] is None or found.count(None) > _OVERHANG * len(found):
        return None
    place = found[0]
    result: list[tuple[tuple[int, int], Glyph]] = []
    ahead = iter(found)
    for glyph in line.glyphs:
        if not glyph.text.isspace():
            place = next(ahead) or place
        result.append((place, glyph))
    return result


def _place(glyph: Glyph, bands: Sequence[Band], tops: Sequence[float]) -> tuple[int, int] | None:
    last = bisect_right(tops, glyph.y) - 1
    for number in range(last, -1, -1):  # a cell may span several bands
        for column, cell in enumerate(bands[number].cells):
            if cell and _holds(cell, glyph.x, glyph.y):
                return number, column
    return None


def _holds(cell: Cell, x: float, y: float) -> bool:
    return cell[0] <= x <= cell[2] and cell[1] <= y <= cell[3]


def _area(box: Cell) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])


def _around(boxes: Iterable[Cell]) -> Box:
    x0, y0, x1, y1 = zip(*boxes, strict=True)
    return Box(min(x0), min(y0), max(x1), max(y1))
