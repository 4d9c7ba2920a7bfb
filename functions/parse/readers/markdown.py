"""Markdown (CommonMark with GitHub's tables and strikethrough) through markdown-it-py.

Raw HTML in it is read for its text by the HTML reader; nothing in it runs or is fetched.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from functions.parse.blocks import ReadPage
from functions.parse.readers.cleaning import clean
from functions.parse.readers.decoding import decode, read_limited
from functions.parse.readers.page_builder import PageBuilder

if TYPE_CHECKING:
    from markdown_it.token import Token

_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.*?\n)(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_TAGS = re.compile(r"</?[a-zA-Z][^>]*>")


def read(path: Path, *, first_page: int, last_page: int | None) -> Iterator[ReadPage]:
    """Yield one page. See `Reader`."""
    del first_page, last_page
    text = clean(decode(read_limited(path)))
    page = PageBuilder()
    if front := _FRONT_MATTER.match(text):
        page.text(front[1])
        text = text[front.end() :]
    add_markdown(page, text)
    yield page.page(1)


def add_markdown(page: PageBuilder, text: str) -> None:
    """Add the blocks of a markdown text to `page`."""
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    _Walker(page).walk(parser.parse(text))


class _Walker:
    """Turns markdown-it's flat stream of tokens into blocks."""

    def __init__(self, page: PageBuilder) -> None:
        self._page = page
        self._numbers: list[int | None] = []  # next number of each open list; None: bullets
        self._marker: str | None = None  # of the item that awaits its first paragraph
        self._rows: list[list[str]] = []

    def walk(self, tokens: "Sequence[Token]") -> None:  # noqa: C901 - a case per token type
        for position, token in enumerate(tokens):
            match token.type:
                case "inline":
                    self._inline(token, tokens[position - 1])
                case "fence" | "code_block":
                    self._page.code(token.content)
                case "html_block":
                    self._html(token.content)
                case "bullet_list_open":
                    self._numbers.append(None)
                case "ordered_list_open":
                    self._numbers.append(int(token.attrGet("start") or 1))
                case "bullet_list_close" | "ordered_list_close":
                    self._numbers.pop()
                    if not self._numbers:
                        self._page.end_list()
                case "list_item_open":
                    self._marker = self._next_marker()
                case "list_item_close":
                    self._marker = None
                case "tr_open":
                    self._rows.append([])
                case "table_close":
                    self._page.table(self._rows)
                    self._rows = []

    def _inline(self, token: "Token", opening: "Token") -> None:
        text = inline_text(token)
        if opening.type == "heading_open":
            self._page.heading(text, int(opening.tag[1:]))
        elif opening.type in {"th_open", "td_open"}:
            self._rows[-1].append(text)
        elif self._numbers:
            self._page.item(text, depth=len(self._numbers) - 1, marker=self._marker or " ")
            self._marker = None
        else:
            self._page.text(text)

    def _next_marker(self) -> str:
        number = self._numbers[-1]
        if number is None:
            return "-"
        self._numbers[-1] = number + 1
        return f"{number}."

    def _html(self, source: str) -> None:
        from functions.parse.readers.web_page import add_html

        add_html(self._page, source)


def _is_break(token: "Token") -> bool:
    return token.type == "html_inline" and token.content.lower().startswith("<br")


def inline_text(token: "Token") -> str:
    """Return what an inline token shows: link texts, alt texts, no marks and no tags."""
    parts: list[str] = []
    for child in token.children or ():
        if child.type in {"text", "code_inline", "image"}:
            parts.append(inline_text(child) if child.type == "image" else child.content)
        elif child.type in {"softbreak", "hardbreak"} or _is_break(child):
            parts.append("\n")
    return "".join(parts) if token.children else _TAGS.sub("", token.content)
