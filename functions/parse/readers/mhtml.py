"""MHTML web archives (RFC 2557): the page and its pictures in one MIME message."""

from collections.abc import Iterator
from pathlib import Path

from functions.parse.blocks import ReadPage
from functions.parse.readers.mail import parse_mail, part_bytes, part_text
from functions.parse.readers.page_builder import PageBuilder
from functions.parse.readers.web_page import add_document
from lectern.errors import UnreadableDocument


def read(path: Path, *, first_page: int, last_page: int | None) -> Iterator[ReadPage]:
    """Yield one page. See `Reader`."""
    del first_page, last_page
    parts = [part for part in parse_mail(path).walk() if not part.is_multipart()]
    body = next(
        (part for part in parts if part.get_content_subtype() in {"html", "xhtml+xml"}), None
    )
    if body is None:
        raise UnreadableDocument(
            "the web archive holds no page; save the page again as HTML or PDF", code="damaged"
        )
    images = {
        address: part
        for part in parts
        if part.get_content_maintype() == "image"
        for address in (part.get("Content-Location"), _by_id(part.get("Content-ID")))
        if address
    }

    def picture(address: str) -> bytes:
        return part_bytes(images[address]) if address in images else b""

    page = PageBuilder()
    add_document(page, part_text(body), picture)
    yield page.page(1)


def _by_id(content_id: str | None) -> str | None:
    return f"cid:{content_id.strip().strip('<>')}" if content_id else None
