"""HTML and XHTML: what a reader of the page would read, in order.

Scripts, styles, navigation, forms' controls and hidden elements are left out. Nothing is fetched:
pictures come from `data:` addresses or from the container (MHTML, EPUB) that `pictures` looks in.
"""

import base64
import binascii
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from functions.parse.blocks import ReadPage
from functions.parse.readers.cleaning import clean_line
from functions.parse.readers.decoding import decode, read_limited
from functions.parse.readers.html_tables import add_table
from functions.parse.readers.page_builder import PageBuilder
from functions.parse.readers.page_furniture import (
    is_skipped,
    leave_out_navigation,
    shown_headings,
)
from functions.parse.readers.safe_xml import inner_text, local_name, parse_html

if TYPE_CHECKING:
    from lxml import etree

Pictures = Callable[[str], bytes]
"""Returns the picture at an address inside the container, b"" when there is none."""

_CHARSET = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([\w.:-]+)""", re.IGNORECASE)
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_BLOCKS = frozenset({
    "address", "article", "aside", "blockquote", "body", "center", "details", "div", "dl",
    "dt", "dd", "fieldset", "figcaption", "figure", "footer", "form", "header", "hgroup",
    "hr", "html", "legend", "li", "main", "ol", "p", "section", "summary", "ul", "table",
    "tr", "td", "th", "thead", "tbody", "tfoot", "caption", "pre",
})  # fmt: skip
_SELF_CLOSED = re.compile(
    r"<(title|script|style|iframe|textarea|a|b|i|em|strong|span|div|p|td|th|li)\b([^<>]*?)/>"
)


def read(path: Path, *, first_page: int, last_page: int | None) -> Iterator[ReadPage]:
    """Yield one page. See `Reader`."""
    del first_page, last_page
    page = PageBuilder()
    add_document(page, decode_html(read_limited(path)))
    yield page.page(1)


def decode_html(data: bytes, declared: str | None = None) -> str:
    """Return HTML bytes as text: mark, then UTF-8, then the charset it declares, then a guess."""
    found = _CHARSET.search(data[:4096])
    return decode(data, declared or (found[1].decode("ascii") if found else None))


def add_document(
    page: PageBuilder, text: str, pictures: Pictures | None = None, *, title: str | None = None
) -> None:
    """Add the main content of an HTML document to `page`.

    Args:
        page: Where to.
        text: The document.
        pictures: Where its pictures are, when it came in a container.
        title: Stands above a document without a first-level heading; None: its own title.
    """
    root = parse_html(_as_html(text))
    if root is None:
        return
    found = root.find(".//head/title")
    own = clean_line(inner_text(found))
    leave_out_navigation(root)
    if next(shown_headings(root), None) is None:
        page.heading(own if title is None else title, 1)
    _Walker(page, pictures).run(root)


def add_html(page: PageBuilder, fragment: str) -> None:
    """Add an HTML fragment, such as raw HTML within markdown, to `page`."""
    root = parse_html(fragment)
    if root is not None:
        _Walker(page, None).run(root)


def _as_html(text: str) -> str:
    """Return XHTML as HTML: no declaration, and `<title/>` closed, which HTML leaves open."""
    text = re.sub(r"\A\s*<\?xml[^>]*\?>", "", text)
    if "http://www.w3.org/1999/xhtml" in text[:4096]:
        text = _SELF_CLOSED.sub(r"<\1\2></\1>", text)
    return text


class _Walker:
    def __init__(self, page: PageBuilder, pictures: Pictures | None) -> None:
        self._page = page
        self._pictures = pictures
        self._buffer: list[str] = []
        self._numbers: list[int | None] = []  # next number of each open list; None: bullets
        self._marker: str | None = None  # of the item that awaits its first text

    def run(self, element: "etree._Element") -> None:
        self._walk(element)
        self._flush()

    def _walk(self, element: "etree._Element") -> None:
        name = local_name(element)
        if not name or is_skipped(element):
            return
        if name in _BLOCKS or name in _HEADINGS:
            self._flush()
            self._block(element, name)
            self._flush()
        elif name == "br":
            self._buffer.append("\n")
        elif name == "img":
            self._image(element)
        else:
            self._children(element)

    def _children(self, element: "etree._Element") -> None:
        self._say(element.text)
        for child in element:
            self._walk(child)
            self._say(child.tail)

    def _say(self, text: str | None) -> None:
        if text:
            self._buffer.append(re.sub(r"\s+", " ", text))

    def _block(self, element: "etree._Element", name: str) -> None:
        if name in _HEADINGS:
            self._heading(element, _HEADINGS[name])
        elif name == "pre":
            self._page.code("".join(_listing(element)))
        elif name == "table":
            if not add_table(self._page, element):
                self._children(element)
        elif name in {"ul", "ol", "dl"}:
            self._list(element, name)
        elif name == "li":
            self._marker = self._next_marker()
            self._children(element)
        elif name in {"dt", "dd"}:
            self._marker = "-" if name == "dt" else ":"
            self._children(element)
        else:
            self._children(element)

    def _heading(self, element: "etree._Element", level: int) -> None:
        self._children(element)
        text, self._buffer = "".join(self._buffer), []
        self._page.heading(text, level)

    def _list(self, element: "etree._Element", name: str) -> None:
        start = element.get("start", "1")
        first = int(start) if re.fullmatch(r"-?\d{1,6}", start) else 1
        self._numbers.append(first if name == "ol" else None)
        self._children(element)
        self._flush()
        self._numbers.pop()
        self._marker = None
        if not self._numbers:
            self._page.end_list()

    def _next_marker(self) -> str:
        number = self._numbers[-1] if self._numbers else None
        if number is None:
            return "-"
        self._numbers[-1] = number + 1
        return f"{number}."

    def _image(self, element: "etree._Element") -> None:
        source, alt = element.get("src", ""), element.get("alt", "")
        image = _embedded(source) or (self._pictures(source) if self._pictures else b"")
        if image:
            self._flush()
            self._page.figure(image, alt)
        else:
            self._say(f" {alt} ")

    def _flush(self) -> None:
        text, self._buffer = "".join(self._buffer), []
        if not text.strip():
            return
        if self._numbers:
            self._page.item(text, depth=len(self._numbers) - 1, marker=self._marker or " ")
            self._marker = None
        else:
            self._page.text(text)


def _listing(element: "etree._Element") -> Iterator[str]:
    yield element.text or ""
    for child in element:
        if local_name(child) == "br":
            yield "\n"
        elif not is_skipped(child):
            yield from _listing(child)
        yield child.tail or ""


def _embedded(source: str) -> bytes:
    """Return the picture of a `data:` address."""
    head, _, payload = source.partition(",")
    if not head.startswith("data:image/") or not head.endswith(";base64"):
        return b""
    try:
        return base64.b64decode(payload)
    except (binascii.Error, ValueError):
        return b""
