"""Which paragraphs are headings, and how deep: from fonts, numbers and the document's outline."""

# ruff: noqa: RUF001 - dashes, quotes and full-width signs are meant

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from functions.parse.readers.pdf_content import TextLine
from functions.parse.readers.pdf_paragraphs import CAPTION, Paragraph

_LARGER = 1.12  # of the body size
_MAX_CHARACTERS = 180
_MAX_ROWS = 3
_MAX_LEVEL = 6
_LONGEST_DIVISION = 30  # characters
_MAX_SIZES = 4
_NUMBERED = re.compile(r"^(\d{1,2}(?:\.\d{1,2}){0,4})\.?\s+[^\W\d]")
_NAMED = re.compile(
    r"^(?:(chapter|part|appendix|annex|article|kapitel|chapitre)\s+[\divxlc]+\b|"
    r"(section|§)\s*[\divxlc.]+\b|제\s*\d+\s*([편장절관조])|第\s*[\d一二三四五六七八九十百]+\s*([編章節条條节编]))",
    re.IGNORECASE,
)
_DIVISIONS = {"편": 1, "장": 2, "절": 3, "관": 4, "조": 5}
_DIVISIONS |= {"編": 1, "编": 1, "章": 2, "節": 3, "节": 3, "条": 4, "條": 4}
_NOT_AT_THE_END = re.compile(r"[.,;:。、，；]$")
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Fonts:
    """The fonts of a document: the size of its body text and the larger ones, largest first."""

    body: float
    body_is_bold: bool
    larger: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class OutlineEntry:
    """An entry of the document's own table of contents; `title` is folded for comparison."""

    level: int
    title: str
    text: str
    page_number: int


def fonts_of(lines: Iterable[TextLine]) -> Fonts:
    """Return the statistics of the lines, each weighted by its length."""
    sizes: Counter[float] = Counter()
    bold: Counter[float] = Counter()
    for line in lines:
        sizes[line.size] += len(line.text)
        if line.bold:
            bold[line.size] += len(line.text)
    body = max(sizes, key=lambda size: (sizes[size], size), default=0.0)
    larger = sorted((size for size in sizes if size >= body * _LARGER), reverse=True)
    return Fonts(body, bold[body] > sizes[body] / 2, tuple(larger))


def heading_level(
    paragraph: Paragraph,
    text: str,
    fonts: Fonts,
    outline: Mapping[int, Sequence[OutlineEntry]],
    page_number: int,
) -> int:
    """Return the level of the heading that the paragraph is, 1 the outermost, or 0."""
    if (
        len(text) > _MAX_CHARACTERS
        or len(paragraph.rows) > _MAX_ROWS
        or not any(map(str.isalpha, text))
        or " … " in text
        or CAPTION.match(text)
    ):
        return 0  # a number of a page, an entry of a table of contents, a caption
    title = fold(text)
    for entry in outline.get(page_number, ()):
        if title == entry.title:
            return min(entry.level, _MAX_LEVEL)
    line = paragraph.speaker
    larger = line.size >= fonts.body * _LARGER
    bold = line.bold and not fonts.body_is_bold and line.size >= fonts.body * 0.9
    named = _NAMED.match(text)
    numbered = _NUMBERED.match(text)
    ends_like_text = _NOT_AT_THE_END.search(text) and not named and not numbered
    plain_item = paragraph.list_item and not numbered and not larger
    set_like_text = not (larger or bold) and not _stands_by_itself(paragraph, text, named)
    if set_like_text or ends_like_text or plain_item:
        return 0
    return min(_level(line, fonts, larger, named, numbered), _MAX_LEVEL)


def _stands_by_itself(paragraph: Paragraph, text: str, named: re.Match[str] | None) -> bool:
    """Return whether a text is a division of a law (제1장 총강) on a line of its own.

    Such lines are often set like the text beneath them. An article whose sentence begins on the
    same line is text.
    """
    division = named is not None and (named[3] or named[4])
    alone = len(paragraph.rows) == 1 and not _NOT_AT_THE_END.search(text)
    return bool(division) and alone and len(text) <= _LONGEST_DIVISION


def _level(
    line: TextLine,
    fonts: Fonts,
    larger: bool,  # noqa: FBT001
    named: re.Match[str] | None,
    numbered: re.Match[str] | None,
) -> int:
    if named:
        if named[1]:
            return 1
        return 2 if named[2] else _DIVISIONS[named[3] or named[4]]
    if numbered:
        return 1 + numbered[1].count(".") + bool(fonts.larger and not larger)
    ranks = fonts.larger[:_MAX_SIZES]
    if larger:
        return 1 + sum(size > line.size for size in ranks)
    return 1 + len(ranks)


def numbered_depth(text: str) -> int:
    """Return how deep a heading's own number says it is: 2 for "5.1 Results", 0 without one."""
    numbered = _NUMBERED.match(text)
    return 1 + numbered[1].count(".") if numbered else 0


def outline_of(entries: Iterable[Sequence[object]]) -> list[OutlineEntry]:
    """Return `Document.get_toc()` as entries; those without a title or a page are left out."""
    result = []
    for level, title, page_number, *_ in entries:
        text = " ".join(str(title).split())
        if isinstance(level, int) and isinstance(page_number, int) and page_number > 0 and text:
            result.append(OutlineEntry(level, fold(text), text, page_number))
    return result


def headings_before(outline: Iterable[OutlineEntry], first_page: int) -> list[tuple[int, str]]:
    """Return level and text of the headings that are open where `first_page` begins."""
    path: list[tuple[int, str]] = []
    for entry in outline:
        if entry.page_number < first_page:
            path = [*(item for item in path if item[0] < entry.level), (entry.level, entry.text)]
    return path


def fold(text: str) -> str:
    """Return what two spellings of a heading have in common: its letters and digits."""
    return "".join(_WORD.findall(text)).casefold()
