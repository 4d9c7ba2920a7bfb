"""Plain text: paragraphs by empty lines, with the headings that need no markup to be seen."""

import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from functions.parse.blocks import ReadPage
from functions.parse.readers.cleaning import clean, without_data
from functions.parse.readers.decoding import decode, read_limited
from functions.parse.readers.page_builder import PageBuilder

_LONGEST_HEADING = 100
_UNDERLINE = re.compile(r"(=|-|~|\*|#)\1{2,}\s*")
_ITEM = re.compile(r"(?P<indent>\s*)(?P<marker>[-*•·▪◦○●‣]|\(?\d{1,3}[.)])\s+(?P<text>\S.*)")
_PARTS = re.compile(
    r"(chapter|part|book|section|article|stave|appendix|act|canto)\s+([ivxlcdm]+|\d+|[a-z])\b"
    r"|제\s*\d+\s*[편장절관](\s|$)|제\s*\d+\s*조(\s|\(|의|$)"
    r"|第\s*[0-9一二三四五六七八九十百千\u3007零]+\s*[編编部章節节回卷巻款条條]",
    re.IGNORECASE,
)
_OUTERMOST = re.compile(r"part|book|제\s*\d+\s*편|第\s*\S+\s*[編编部卷巻]", re.IGNORECASE)
_INNERMOST = re.compile(
    r"section|article|제\s*\d+\s*[절관조]|第\s*\S+\s*[節节款条條]", re.IGNORECASE
)


def read(path: Path, *, first_page: int, last_page: int | None) -> Iterator[ReadPage]:
    """Yield one page. See `Reader`."""
    del first_page, last_page
    yield text_page(decode(read_limited(path)))


def text_page(text: str) -> ReadPage:
    """Return the page that a plain text makes."""
    page = PageBuilder()
    add_text(page, text)
    return page.page(1)


def add_text(page: PageBuilder, text: str) -> None:
    """Add the paragraphs, lists and headings of a plain text to `page`."""
    for paragraph in re.split(r"\n\s*\n", clean(without_data(text))):
        lines = paragraph.strip("\n").split("\n")
        if not paragraph.strip():
            continue
        if len(lines) > 1 and _UNDERLINE.fullmatch(lines[1]) and _is_short(lines[0]):
            page.heading(lines[0], 1 if lines[1].startswith("=") else 2)
            lines = lines[2:]
        elif (level := _heading_level(lines)) is not None:
            page.heading(lines[0], level)
            lines = lines[1:]
        _add_lines(page, lines)


def _add_lines(page: PageBuilder, lines: list[str]) -> None:
    items = [_ITEM.fullmatch(line) for line in lines]
    if lines and items[0] and sum(item is not None for item in items) * 2 >= len(lines):
        text, marker, depth = "", "-", 0
        for line, item in zip(lines, items, strict=True):
            if item:
                page.item(text, depth=depth, marker=marker)
                text, depth = item["text"], len(item["indent"].expandtabs(4)) // 2
                marker = item["marker"] if item["marker"][-1] in ".)" else "-"
            else:
                text += f"\n{line}"
        page.item(text, depth=depth, marker=marker)
    else:
        page.text("\n".join(lines))


def _heading_level(lines: list[str]) -> int | None:
    """Return the level of the heading that `lines` begin with, if they do."""
    line = lines[0].strip()
    if not _is_short(line) or line.endswith((",", ";", "다.", "。", "、")):
        return None
    if _PARTS.match(line):
        if _OUTERMOST.match(line):
            return 1
        return 3 if _INNERMOST.match(line) else 2
    alone = len(lines) == 1
    letters = [c for c in line if c.isalpha()]
    if alone and len(letters) > 3 and all(_is_capital(c) for c in letters):  # noqa: PLR2004
        return None if line.endswith((".", "!", "?", ":")) else 2
    return None


def _is_capital(letter: str) -> bool:
    return unicodedata.category(letter) == "Lu"


def _is_short(line: str) -> bool:
    return 0 < len(line.strip()) <= _LONGEST_HEADING
