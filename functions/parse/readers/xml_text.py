"""Any other XML, SVG included: its text, a paragraph per element that holds text itself."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from functions.parse.blocks import ReadPage
from functions.parse.readers.page_builder import PageBuilder
from functions.parse.readers.safe_xml import local_name, parse_xml, refuse_deep
from lectern.errors import TooLarge

if TYPE_CHECKING:
    from lxml import etree

MAX_BYTES = 64 * 1024 * 1024
_UNREAD = frozenset({"script", "style"})
_TITLES = frozenset({"title", "heading", "head"})


def read(path: Path, *, first_page: int, last_page: int | None) -> Iterator[ReadPage]:
    """Yield one page. See `Reader`."""
    del first_page, last_page
    if path.stat().st_size > MAX_BYTES:
        raise TooLarge(f"XML files of more than {MAX_BYTES >> 20} MiB are not read; split it")
    data = path.read_bytes()
    _refuse_entities(data)
    root = parse_xml(data)
    refuse_deep(root)
    page = PageBuilder()
    _add(page, root, 1)
    yield page.page(1)


def _refuse_entities(data: bytes) -> None:
    """Refuse declared entities: they expand without bound or point at other files."""
    if any("<!ENTITY".encode(encoding) in data for encoding in ("ascii", "utf-16-le", "utf-16-be")):
        raise TooLarge(
            "the XML declares entities, which can expand without bound or reach other files; "
            "remove its <!ENTITY> declarations and upload it again"
        )


def _add(page: PageBuilder, element: "etree._Element", depth: int) -> None:
    name = local_name(element)
    if not name or name in _UNREAD:
        return
    if _holds_text(element):
        text = "".join(_words(element))
        if name in _TITLES:
            page.heading(text, depth)
        else:
            page.text(text)
        return
    for child in element:
        _add(page, child, depth + 1)


def _holds_text(element: "etree._Element") -> bool:
    own = [element.text, *(child.tail for child in element)]
    return any(text and text.strip() for text in own)


def _words(element: "etree._Element") -> Iterator[str]:
    if local_name(element) in _UNREAD:
        return
    yield element.text or ""
    for child in element:
        yield from _words(child)
        yield child.tail or ""
