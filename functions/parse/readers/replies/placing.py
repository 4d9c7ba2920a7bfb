"""Where the words of a service's text stand: boxes in points, a line of the page each."""

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from lectern.documents import Box, Line

_INSIDE = 2.0  # points that a line may stand out of its paragraph's box
_PLAIN = str.maketrans(
    dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\u02bc", "'")
    | dict.fromkeys("\u201c\u201d\u201e\u201f\u2033", '"')
    | dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-")
)
"""Services write quotation marks and dashes plainly; a sign for a sign, so that offsets stay."""
_MOST_SKIPPED = 60  # characters of the text between two lines found one after the other
_BULLET = re.compile(r"^(?:[^\w\s\"'(\[{<]+|o(?=[A-Z])|\(?(?:\d{1,2}|[a-zA-Z])[.)])")
_ENOUGH = 0.6  # of the text in lines that were found: less says more about chance than about place


@dataclass(frozen=True, slots=True)
class TextOnPage:
    """A line of the page, from its own text or the service's; its box in points."""

    text: str
    box: Box


@dataclass(frozen=True, slots=True)
class Scale:
    """How a reply's coordinates become points of the page as displayed, origin at the top left.

    Args:
        width: The page's width in points.
        height: The page's height in points.
        unit_width: The same width as the reply measures it: inches, pixels, points.
        unit_height: The same height.
    """

    width: float
    height: float
    unit_width: float
    unit_height: float

    def box(
        self, x0: float, y0: float, x1: float, y1: float, *, from_bottom: bool = False
    ) -> Box | None:
        """Return the part of a rectangle on the page, to a hundredth of a point, or None.

        Args:
            x0: One vertical edge in the reply's unit; the order of the edges does not matter.
            y0: One horizontal edge.
            x1: The other vertical edge.
            y1: The other horizontal edge.
            from_bottom: The reply's origin is at the bottom left.
        """
        if not all(map(math.isfinite, (x0, y0, x1, y1))) or not self._measures():
            return None
        if from_bottom:
            y0, y1 = self.unit_height - y0, self.unit_height - y1
        across, down = self.width / self.unit_width, self.height / self.unit_height
        left, right = sorted((x0 * across, x1 * across))
        top, bottom = sorted((y0 * down, y1 * down))
        box = Box(
            round(max(left, 0.0), 2),
            round(max(top, 0.0), 2),
            round(min(right, self.width), 2),
            round(min(bottom, self.height), 2),
        )
        return box if box.x0 < box.x1 and box.y0 < box.y1 else None

    def polygon(self, points: Sequence[float]) -> Box | None:
        """Return the rectangle around a polygon given as x, y, x, y, …, or None."""
        if len(points) < 4 or len(points) % 2:  # noqa: PLR2004
            return None
        across, down = points[0::2], points[1::2]
        return self.box(min(across), min(down), max(across), max(down))

    def _measures(self) -> bool:
        units = (self.unit_width, self.unit_height)
        return all(math.isfinite(unit) and unit > 0 for unit in units)


def around(boxes: Iterable[Box | None]) -> Box | None:
    """Return the rectangle around those that are there, None without any."""
    there = [box for box in boxes if box is not None]
    if not there:
        return None
    return Box(
        min(box.x0 for box in there),
        min(box.y0 for box in there),
        max(box.x1 for box in there),
        max(box.y1 for box in there),
    )


def place(text: str, boxes: Sequence[Box], lines: Iterable[TextOnPage]) -> tuple[Line, ...]:
    """Return where the lines of a paragraph stand, or all of it in `boxes` where that is unclear.

    A line counts that lies in a box and whose words follow in `text`, whatever its spaces,
    quotation marks and dashes, and also when a bullet before it or a hyphen at its end has gone.
    Lines are in order and lie in the text; of several boxes each is a line of all of it.
    """
    if not boxes or not text:
        return ()
    inked = [position for position, sign in enumerate(text) if not sign.isspace()]
    signs = "".join(text[position] for position in inked).translate(_PLAIN)
    placed: list[Line] = []
    cursor = 0
    for line in lines:
        if not any(_within(line.box, box) for box in boxes):
            continue
        for words in _spellings(line.text):
            at = signs.find(words, cursor, cursor + _MOST_SKIPPED + len(words))
            if at >= 0:
                cursor = at + len(words)
                placed.append(Line(inked[at], inked[cursor - 1] + 1, *line.box))
                break
    covered = sum(line.end - line.start for line in placed)
    if covered < _ENOUGH * len(text):
        return tuple(Line(0, len(text), *box) for box in boxes)
    return tuple(placed)


def _spellings(line: str) -> Iterator[str]:
    """Yield the signs of a line as they may stand in a text, the likeliest first, none empty."""
    signs = "".join(line.split()).translate(_PLAIN)
    without_hyphen = signs.rstrip("-\u00ad")
    without_bullet = _BULLET.sub("", signs)
    spellings = (signs, without_hyphen, without_bullet, _BULLET.sub("", without_hyphen))
    yield from (each for each in dict.fromkeys(spellings) if each)


def _within(inner: Box, outer: Box) -> bool:
    x, y = (inner.x0 + inner.x1) / 2, (inner.y0 + inner.y1) / 2
    return (
        outer.x0 - _INSIDE <= x <= outer.x1 + _INSIDE
        and outer.y0 - _INSIDE <= y <= outer.y1 + _INSIDE
    )
