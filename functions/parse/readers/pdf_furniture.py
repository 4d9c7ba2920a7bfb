"""Headers, footers and page numbers: what repeats at the edges of pages and is no content."""

# ruff: noqa: RUF001 - dashes, quotes and full-width signs are meant

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from functions.parse.readers.pdf_content import PageContent, TextLine

_EDGE = 0.12  # of the page's height, at its top and bottom
_SHARE = 0.3  # of the pages
_MIN_PAGES = 3
_MAX_CHARACTERS = 160
_Key = tuple[str, int]
_LARGE = 1.15  # times the body's size: set like a heading
_DIGITS = re.compile(r"\d+")
_PAGE_NUMBER = re.compile(
    r"^[-–—|\s]*(?P<word>page|p\.|seite|페이지)?\s*(?:[A-Z]{1,2}-)?(?:\d{1,6}|[ivxlcdm]{1,7})"
    r"(?P<of>\s*(?:/|of|von|de|sur|중)\s*\d{1,6})?\s*(?P<counter>쪽|페이지|頁|页)?[-–—|\s]*$",
    re.IGNORECASE,
)
_FARTHEST = 50  # how far the number that is printed on a page may be from the page's own
_AGREE = 0.8  # of the pages with such a line


def remove_furniture(pages: Sequence[PageContent]) -> None:
    """Take repeated edge lines and bare page numbers out of the pages' lines.

    A line whose numbers differ from page to page repeats only if they count the pages: the numbers
    of invoices and the sums beneath them are content. No page is emptied, unless all it holds is
    its number.
    """
    large = _body_size(pages) * _LARGE
    places: defaultdict[_Key, list[tuple[int, TextLine]]] = defaultdict(list)
    for index, page in enumerate(pages):
        for line in page.lines:
            if _at_edge(line, page):
                places[_key(line, page, large)].append((index, line))
    enough = max(_MIN_PAGES, len(pages) * _SHARE)
    repeated = {
        id(line)
        for found in places.values()
        if len({index for index, _ in found}) >= enough
        for line in _furniture(found, enough)
    }
    for page in pages:
        edge = (line for line in page.lines if _at_edge(line, page))
        numbers = {id(line) for line in edge if _is_page_number(line, page)}
        kept = [line for line in page.lines if id(line) not in repeated | numbers]
        if not kept:
            kept = [line for line in page.lines if id(line) not in numbers]
        page.lines = kept


def _furniture(found: Sequence[tuple[int, TextLine]], enough: float) -> Iterator[TextLine]:
    """Yield the lines of one shape that repeat to the letter, or but for the number of the page."""
    same = Counter(line.text for _, line in found)
    counting = _counts_pages(found)
    for _, line in found:
        if counting or same[line.text] >= enough:
            yield line


def _counts_pages(found: Sequence[tuple[int, TextLine]]) -> bool:
    """Return whether every number of these lines is the same on all pages or counts them."""
    numbers = [(index, [int(n[-9:]) for n in _DIGITS.findall(line.text)]) for index, line in found]
    least = _AGREE * len(found)
    for position in range(len(numbers[0][1])):
        constant = Counter(each[position] for _, each in numbers)
        offsets = Counter(each[position] - index for index, each in numbers)
        offset, agreeing = offsets.most_common(1)[0]
        bare = all(not any(map(str.isalpha, line.text)) for _, line in found)
        counts = agreeing >= least and (abs(offset) <= _FARTHEST or bare)
        if not counts and constant.most_common(1)[0][1] < least:
            return False
    return True


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


def _key(line: TextLine, page: PageContent, large: float) -> _Key:
    """Return text and side; the place varies by a line between left and right pages.

    Numbers do not tell "12 Annual report" from "13 Annual report", but in large print they tell
    the headings "Station 1" and "Station 2" apart.
    """
    heading = line.size > large and not _PAGE_NUMBER.match(line.text)
    text = line.text if heading else _DIGITS.sub("#", line.text)
    return text, line.box.y0 > page.height / 2


def _is_page_number(line: TextLine, page: PageContent) -> bool:
    found = _PAGE_NUMBER.match(line.text)
    if found is None:
        return False
    if found["counter"] or (found["word"] and found["of"]):
        return True  # it says so itself, whatever stands beside it
    alone = [o for o in page.lines if o is not line and abs(o.box.y0 - line.box.y0) < line.size]
    outermost = all(
        o.box.y1 <= line.box.y0 + line.size or o in alone for o in page.lines if o is not line
    ) or all(o.box.y0 >= line.box.y1 - line.size or o in alone for o in page.lines if o is not line)
    return outermost and not alone
