"""Painting a page of a PDF and listing its words. Sandbox only: the document is hostile."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lectern.errors import NotFound, UnreadableDocument

_MAX_WORDS = 20_000  # a page of a newspaper has 5,000
_MAX_HEIGHT = 8000  # pixels; a page may be a hundred times as high as wide


def paint(source: str, page_number: int, width: int, target: str) -> None:
    """Write page `page_number` (1-based) of the PDF at `source`, `width` pixels wide, as PNG.

    Raises:
        NotFound: There is no such page.
        UnreadableDocument: It is damaged or encrypted.
    """
    from functions.catalog.pdf_engine import pymupdf

    with _page(source, page_number) as page:
        scale = min(width / max(page.rect.width, 1), _MAX_HEIGHT / max(page.rect.height, 1))
        picture = page.get_pixmap(matrix=pymupdf.Matrix(scale, scale), alpha=False)
        Path(target).write_bytes(picture.tobytes("png"))


def list_words(source: str, page_number: int, target: str) -> None:
    """Write size and words of page `page_number` (1-based) of the PDF at `source` as JSON.

    The JSON is a `PageWords`. Raises as `paint` does.
    """
    with _page(source, page_number) as page:
        if page.rotation:
            page.remove_rotation()  # so that the boxes are those of the page as displayed
        words = [
            (*(round(edge, 2) for edge in word[:4]), word[4], word[5], word[6])
            for word in page.get_text("words")[:_MAX_WORDS]
        ]
        size = {"width": round(page.rect.width, 2), "height": round(page.rect.height, 2)}
        Path(target).write_text(json.dumps({**size, "words": words}), encoding="utf-8")


@contextmanager
def _page(source: str, page_number: int) -> Iterator[Any]:
    from functions.catalog.pdf_engine import pymupdf

    try:
        document = pymupdf.open(source, filetype="pdf")
    except (RuntimeError, ValueError) as error:
        raise UnreadableDocument("the PDF is damaged; export it again") from error
    if document.needs_pass:
        raise UnreadableDocument(
            "the PDF is protected by a password; upload it without", code="password_protected"
        )
    if not 1 <= page_number <= document.page_count:
        raise NotFound(f"there is no page {page_number}; the last one is {document.page_count}")
    try:
        yield document[page_number - 1]
    except (RuntimeError, ValueError) as error:
        raise UnreadableDocument(f"page {page_number} of the PDF is damaged") from error
