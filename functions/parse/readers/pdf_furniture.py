"""Headers, footers and page numbers: what repeats at the edges of pages and is no content."""

# ruff: noqa: RUF001 - dashes, quotes and full-width signs are meant

import re
from collections import Counter
from collections.abc import Sequence

from functions.parse.readers.pdf_content import PageContent, TextLine

_EDGE = 0.12  # of the page's height, at its top and bottom
_SHARE = 0.3  # of the pages
_MIN_PAGES = 3
_MAX_CHARACTERS = 160
_LARGE = 1.15  # times the body's size: set like a heading
_DIGITS = re.compile(r"\d+")
_PAGE_NUMBER = re.compile(
    r"^[-–—|\s]*(?:page|p\.|seite|페이지)?\s*(?:\d{1,4}|[ivxlcdm]{1,7})"
    r"(?:\s*(?:/|of|von|de|sur|중)\s*\d{1,4})?\s*(?:쪽|페이지|頁|页)?[-–—|\s]*$",
    re.IGNORECASE,
)


def remove_furniture(pages: Sequence[PageContent]) -> None:
    """Take repeated edge lines and bare page numbers out of the pages' lines."""
    keys: list[dict[int, tuple[str, int]]] = []
    counts: Counter[tuple[str, int]] = Counter()
    large = _body_size(pages) * _LARGE
    for page in pages:
        edge = (line for line in page.lines if _at_edge(line, page))
        found = {id(line): _key(line, page, large) for line in edge}
        keys.append(found)
        counts.update(set(found.values()))
    enough = max(_MIN_PAGES, len(pages) * _SHARE)
    repeated = {key for key, count in counts.items() if count >= enough}
    for page, found in zip(pages, keys, strict=True):
        page.lines = [
            line
            for line in page.lines
            if id(line) not in found
            or (found[id(line)] not in repeated and not _is_page_number(line, page))
        ]


def _at_edge(line: TextLine, page: PageContent) -> bool:
    middle = (line.box.y0 + line.box.y1) / 2
    edge = page.height * _EDGE
    return not edge < middle < page.height - edge and len(line.text) <= _MAX_CHARACTERS


def _body_size(pages: Sequence[PageContent]) -> float:
    """Return the font size, in points, that most characters have."""
    sizes: Counter[float] = Counter()
    for page in pages:
        for line in page.lines:
            sizes[line.size] += len(line.text)
    return max(sizes, key=lambda size: (sizes[size], size), default=0.0)


def _key(line: TextLine, page: PageContent, large: float) -> tuple[str, int]:
    """Return text and side; the place varies by a line between left and right pages.

    Numbers do not tell "12 Annual report" from "13 Annual report", but in large print they tell
    the headings "Station 1" and "Station 2" apart.
    """
    text = line.text if line.size > large else _DIGITS.sub("#", line.text)
    return text, line.box.y0 > page.height / 2


def _is_page_number(line: TextLine, page: PageContent) -> bool:
    if not _PAGE_NUMBER.match(line.text):
        return False
    alone = [o for o in page.lines if o is not line and abs(o.box.y0 - line.box.y0) < line.size]
    outermost = all(
        o.box.y1 <= line.box.y0 + line.size or o in alone for o in page.lines if o is not line
    ) or all(o.box.y0 >= line.box.y1 - line.size or o in alone for o in page.lines if o is not line)
    return outermost and not alone
