"""OpenDocument texts (.odt)."""

from collections.abc import Iterator
from pathlib import Path

from functions.parse.blocks import ReadPage
from functions.parse.readers.odf import OdfWalker, open_body
from functions.parse.readers.page_builder import PageBuilder


def read(path: Path, *, first_page: int, last_page: int | None) -> Iterator[ReadPage]:
    """Yield one page; footnotes stand at its end. See `Reader`."""
    del first_page, last_page
    with open_body(path, "text") as (package, body):
        page = PageBuilder()
        walker = OdfWalker(page, package)
        walker.walk(body)
        walker.end()
        yield page.page(1)
