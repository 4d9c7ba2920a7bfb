"""Source code and configuration: the whole file as listings, cut where blank lines let it."""

from collections.abc import Iterator
from pathlib import Path

from functions.parse.blocks import ReadPage
from functions.parse.readers.cleaning import clean
from functions.parse.readers.decoding import decode, read_limited
from functions.parse.readers.page_builder import PageBuilder

_LISTING_LINES = 60
"""A listing ends at the first line without indentation after so many lines."""


def read(path: Path, *, first_page: int, last_page: int | None) -> Iterator[ReadPage]:
    """Yield one page. See `Reader`."""
    del first_page, last_page
    page = PageBuilder()
    listing: list[str] = []
    for line in clean(decode(read_limited(path))).split("\n"):
        if len(listing) >= _LISTING_LINES and line[:1].strip() and not listing[-1].strip():
            page.code("\n".join(listing))
            listing = []
        listing.append(line)
    page.code("\n".join(listing))
    yield page.page(1)
