"""Reading order: which lines stand in one column, and which columns follow each other.

A gutter is a strip that hardly any line crosses, with prose on both sides. The lines that cross it
(titles, wide tables) cut the page into bands; in a band the left column comes before the right one.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Protocol


class Placed(Protocol):
    """Anything with a place in layout coordinates."""

    @property
    def x0(self) -> float:
        """Left edge."""
        ...

    @property
    def y0(self) -> float:
        """Top edge."""
        ...

    @property
    def x1(self) -> float:
        """Right edge."""
        ...

    @property
    def y1(self) -> float:
        """Bottom edge."""
        ...


@dataclass(slots=True)
class Row:
    """What stands side by side in one column, in reading direction."""

    items: list[Placed] = field(default_factory=list)

    @property
    def y0(self) -> float:
        """Top of the tallest item."""
        return min(item.y0 for item in self.items)

    @property
    def y1(self) -> float:
        """Bottom of the tallest item."""
        return max(item.y1 for item in self.items)

    @property
    def x0(self) -> float:
        """Left edge."""
        return min(item.x0 for item in self.items)

    @property
    def x1(self) -> float:
        """Right edge."""
        return max(item.x1 for item in self.items)


_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")  # Hebrew, Arabic, Syriac
_MIN_GUTTER = 7.0  # points
_MAX_CROSSING = 0.3  # of the lines
_MIN_LINES = 4  # on each side
_MIN_FILL = (
    0.45  # of its column's width, in the middle of its lines: prose, not the cells of a table
)
_MIN_SIDE = 0.15  # of the width, for a column: less is a column of bullets or numbers
_MIN_CHARACTERS = 18  # in the middle of a column's lines: shorter ones are cells
_MAX_DEPTH = 4
_EDGE = 0.12  # no gutter this near to the margins, as a share of the width


def columns(items: Sequence[Placed], *, right_to_left: bool) -> list[list[Row]]:
    """Return the columns in reading order, each as rows from top to bottom."""
    return [rows(group, right_to_left=right_to_left) for group in _split(items, right_to_left, 0)]


def rows(items: Iterable[Placed], *, right_to_left: bool) -> list[Row]:
    """Return the items grouped by base line, from top to bottom."""
    result: list[Row] = []
    top = bottom = 0.0
    for item in sorted(items, key=lambda item: (item.y0 + item.y1, item.x0)):
        overlap = min(bottom, item.y1) - max(top, item.y0)
        if result and overlap > 0.5 * min(bottom - top, item.y1 - item.y0):
            result[-1].items.append(item)
            top, bottom = min(top, item.y0), max(bottom, item.y1)
        else:
            result.append(Row([item]))
            top, bottom = item.y0, item.y1
    for row in result:
        if len(row.items) > 1:
            row.items.sort(key=lambda item: item.x0, reverse=right_to_left)
    return result


def runs_right_to_left(texts: Iterable[str]) -> bool:
    """Whether most characters are of a script written from right to left."""
    right = left = 0
    for text in texts:
        if text.isascii():
            left += len(text)
        else:
            found = len(_RIGHT_TO_LEFT.findall(text))
            right += found
            left += len(text) - found
    return right > left


def _split(items: Sequence[Placed], right_to_left: bool, depth: int) -> list[list[Placed]]:  # noqa: FBT001
    gutter = _gutter(items) if depth < _MAX_DEPTH else None
    if gutter is None:
        return [list(items)]
    groups: list[list[Placed]] = []
    sides: tuple[list[Placed], list[Placed]] = ([], [])
    across: list[Placed] = []

    def flush() -> None:
        for side in reversed(sides) if right_to_left else sides:
            if side:
                groups.extend(_split(list(side), right_to_left, depth + 1))
                side.clear()

    for item in sorted(items, key=lambda item: (item.y0, item.x0)):
        if item.x0 < gutter < item.x1:
            flush()
            across.append(item)
        else:
            if across:
                groups.append(across)
                across = []
            sides[item.x0 >= gutter].append(item)
    flush()
    if across:
        groups.append(across)
    return groups


def _gutter(items: Sequence[Placed]) -> float | None:
    """Return the middle of the best gutter, or None when the items form one column."""
    if len(items) < 2 * _MIN_LINES:
        return None
    left, right = min(i.x0 for i in items), max(i.x1 for i in items)
    width = int(right - left) + 1
    if width <= 4 * _MIN_GUTTER:
        return None
    crossing = [0] * (width + 1)
    for item in items:
        crossing[int(item.x0 - left)] += 1
        crossing[int(item.x1 - left)] -= 1
    total = 0
    for x in range(width + 1):
        total += crossing[x]
        crossing[x] = total
    inner = range(int(width * _EDGE), int(width * (1 - _EDGE)))
    lowest = min((crossing[x] for x in inner), default=len(items))
    if lowest > _MAX_CROSSING * len(items):
        return None
    start, length = _widest(crossing, inner, lowest + max(1, len(items) // 50))
    if length < _MIN_GUTTER:
        return None
    middle = left + start + length / 2
    before = [i for i in items if i.x1 <= middle]
    after = [i for i in items if i.x0 >= middle]
    least = _MIN_SIDE * width
    return middle if all(_is_prose(side, least) for side in (before, after)) else None


def _widest(crossing: list[int], inner: range, most: int) -> tuple[int, int]:
    best = (0, 0)
    start = None
    for x in (*inner, -1):
        if x >= 0 and crossing[x] <= most:
            start = x if start is None else start
        elif start is not None:
            end = x if x >= 0 else inner.stop
            best = max(best, (start, end - start), key=lambda run: run[1])
            start = None
    return best


def _is_prose(side: list[Placed], least_width: float) -> bool:
    if len(side) < _MIN_LINES:
        return False
    width = max(i.x1 for i in side) - min(i.x0 for i in side)
    if width < least_width:
        return False
    lengths = [len(text) for item in side if (text := getattr(item, "text", ""))]
    if not lengths or median(lengths) < _MIN_CHARACTERS:
        return False
    lines = rows(side, right_to_left=False)
    return len(lines) >= _MIN_LINES and median(r.x1 - r.x0 for r in lines) >= _MIN_FILL * width
