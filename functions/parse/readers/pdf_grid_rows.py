"""The rows of a ruled table: what stands between two rules is one row, or several without rules."""

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from functions.parse.readers.cleaning import clean_line
from lectern.documents import Box

_TOUCHING = 0.15  # of the height: characters nearer than this are of one word
_CELL_GAP = 0.8  # of the height, between cells of a line that stands alone
_MAX_CROSSING = 0.1  # of the rows of a band may have a word that stands in two columns
_MIN_FILLED = 0.65  # of the places a band would have as rows
_NUMBER = re.compile(r"[\W\d]*\d[\W\d]*")

Cell = tuple[float, float, float, float]
GridRow = tuple[tuple[str, ...], Box]
"""The cells of a row, and its place."""


@dataclass(frozen=True, slots=True)
class Glyph:
    """A character and its place."""

    text: str
    x0: float
    x1: float
    y: float
    height: float

    @property
    def x(self) -> float:
        """Its middle."""
        return (self.x0 + self.x1) / 2


@dataclass(frozen=True, slots=True)
class PrintedLine:
    """A line of the page: its place as `PageContent` has it, and its characters, none blank."""

    box: Box
    glyphs: tuple[Glyph, ...]

    @property
    def y(self) -> float:
        """Its middle."""
        return (self.box.y0 + self.box.y1) / 2


@dataclass(frozen=True, slots=True)
class Band:
    """What stands between two rules; a cell is None where another one spans its place."""

    box: Cell
    cells: tuple[Cell | None, ...]

    @property
    def undivided(self) -> bool:
        """Whether one cell takes its whole width."""
        return len(self.cells) > 1 and sum(cell is not None for cell in self.cells) == 1


Pieces = list[tuple[PrintedLine, list[tuple[int, Glyph]]]]
"""Lines of a band, their characters with the column each stands in."""


def rows_of(band: Band, pieces: Pieces, bands: Sequence[Band]) -> list[GridRow]:
    """Return the band as one row, or as several when its base lines are rows without rules."""
    width = len(band.cells)
    whole = (_cells(pieces, width), Box(*(round(v, 2) for v in band.box)))
    if band.undivided and (starts := _column_starts(bands)):
        groups = _undivided_rows(pieces, starts)
    else:
        groups = _base_lines(pieces)
        if not _agree([_cells(group, width) for group in groups]):
            groups = []
    if len(groups) < 2:  # noqa: PLR2004
        return [whole]
    left, _, right, _ = whole[1]
    return [
        (
            _cells(group, width),
            Box(left, min(n.box.y0 for n, _ in group), right, max(n.box.y1 for n, _ in group)),
        )
        for group in groups
    ]


def _undivided_rows(pieces: Pieces, starts: Sequence[float]) -> list[Pieces]:
    """Return the rows of a band with no rules at all, or none when it is no part of the table.

    A line that stands alone, not in the first column, continues the cell above it.
    """
    groups: list[Pieces] = []
    full = crossing = 0
    for group in _base_lines(pieces):
        placed = [
            (line, [(max(bisect_right(starts, g.x) - 1, 0), g) for _, g in glyphs])
            for line, glyphs in group
        ]
        if len(placed) == 1:
            line, glyphs = placed[0]
            column = glyphs[0][0]
            if len({c for c, _ in glyphs}) == 1 or _crosses(glyphs, _CELL_GAP):
                placed = [(line, [(column, g) for _, g in glyphs])]
                if column and groups:
                    groups[-1] += placed
                else:
                    groups.append(placed)
                continue
        full += 1
        crossing += any(_crosses(glyphs, _TOUCHING) for _, glyphs in placed)
        groups.append(placed)
    rows = full + sum(len(group) == 1 for group in groups)
    return groups if full > 1 and crossing <= _MAX_CROSSING * full and full >= rows / 2 else []


def _column_starts(bands: Sequence[Band]) -> list[float] | None:
    """Return the left edge of each column, None when some column has no cell of its own."""
    starts: dict[int, float] = {}
    for band in bands:
        if not band.undivided:
            for column, cell in enumerate(band.cells):
                if cell:
                    starts.setdefault(column, cell[0])
    ordered = [starts[column] for column in sorted(starts)]
    complete = len(ordered) == len(bands[0].cells) and ordered == sorted(ordered)
    return ordered if complete else None


def _base_lines(pieces: Pieces) -> list[Pieces]:
    groups: list[Pieces] = []
    for piece in sorted(pieces, key=lambda piece: piece[0].y):
        line = piece[0]
        if groups and line.y - groups[-1][0][0].y < (line.box.y1 - line.box.y0) / 2:
            groups[-1].append(piece)
        else:
            groups.append([piece])
    return groups


def _cells(pieces: Pieces, width: int) -> tuple[str, ...]:
    texts: list[list[str]] = [[] for _ in range(width)]
    for _, glyphs in pieces:
        for column in {column for column, _ in glyphs}:
            texts[column].append("".join(g.text for c, g in glyphs if c == column))
    return tuple(clean_line(" ".join(text)) for text in texts)


def _crosses(glyphs: Sequence[tuple[int, Glyph]], gap: float) -> bool:
    """Whether the line goes on from one column into another without a gap as wide as `gap`.

    `gap` is a share of the height of its characters.
    """
    visible = [(column, glyph) for column, glyph in glyphs if not glyph.text.isspace()]
    return any(
        a != b and second.x0 - first.x1 < gap * first.height
        for (a, first), (b, second) in pairwise(visible)
    )


def _agree(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the columns say that these are rows, and not the lines of wrapped cells.

    The first column has text in each, and so has a column of numbers: those do not wrap.
    """
    if len(rows) < 2:  # noqa: PLR2004
        return False
    used = [column for column in zip(*rows, strict=True) if any(column)]
    filled = sum(sum(map(bool, column)) for column in used)
    if len(used) < 2 or not all(used[0]) or filled < _MIN_FILLED * len(used) * len(rows):  # noqa: PLR2004
        return False
    numbers = sum(all(_NUMBER.fullmatch(cell) for cell in column) for column in used[1:])
    return numbers > 1 or (numbers == 1 and len(rows) > 2)  # noqa: PLR2004
