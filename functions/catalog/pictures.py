"""Pictures of pages, for readers whose viewer is an image: painted once, kept in the store."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Response

from functions.catalog.delivery import make_safe
from functions.catalog.painting import paint
from functions.catalog.ranges import serve_object
from functions.catalog.service import api, caller
from functions.catalog.wiring import Dependencies, dependencies
from lectern.api import PictureQuery
from lectern.catalog.records import Document
from lectern.documents import revision_prefix
from lectern.errors import Busy, NotFound, SourceGone
from lectern.sandbox import scratch_folder
from lectern.serving.http import read_query

_WIDTHS = (320, 640, 1000, 1600, 2400)  # few, so that asking cannot fill the store
_PAINTERS = threading.BoundedSemaphore(2)  # each may take as much memory as the sandbox allows
_PATIENCE_S = 60
_LAST_PAGE = 99_999


@api.route("GET", "/v1/documents/<document_id>/pages/<int:page_number>.png", query=PictureQuery)
def get_page_picture(document_id: str, page_number: int) -> Response:
    """Return a page of a PDF as PNG; pages count from 1."""
    document = page_of_pdf(document_id, page_number)
    wanted = read_query(PictureQuery).width
    width = next(each for each in _WIDTHS if each >= wanted)
    needs = dependencies()
    key = page_key(document, page_number, f"{width}.png")
    etag = f"{document.revision}-{page_number}-{width}"
    try:
        response = serve_object(needs.store, key, etag=etag)
    except SourceGone:
        _paint(needs, document, page_number, width, key)
        response = serve_object(needs.store, key, etag=etag)
    name = f"{document.name}-{page_number}.png"
    make_safe(response, content_type="image/png", file_name=name)
    return response


def page_of_pdf(document_id: str, page_number: int) -> Document:
    """Return the document of the current request's caller, if it has such a page to show.

    Raises:
        NotFound: It does not exist for the caller, is no PDF, or has no such page.
    """
    document = caller().document(document_id)
    if not _is_pdf(document):
        raise NotFound(
            f"document {document_id!r} is no PDF and has no pages to show; use its content",
            code="no_pages",
        )
    if not 1 <= page_number <= (document.pages or _LAST_PAGE):
        raise NotFound(f"document {document_id!r} has no page {page_number}")
    return document


def _is_pdf(document: Document) -> bool:
    return document.content_type == "application/pdf" or document.name.lower().endswith(".pdf")


def page_key(document: Document, page_number: int, what: str) -> str:
    """Return where something made from a page is kept, with the revision's figures."""
    prefix = revision_prefix(
        "figures", document.collection_id, document.document_id, document.revision
    )
    return f"{prefix}pages/{page_number:05d}-{what}"


def _paint(needs: Dependencies, document: Document, page_number: int, width: int, key: str) -> None:
    with (
        painter(),
        needs.store.local_file(document.object_key) as source,
        scratch_folder("pages") as folder,
    ):
        target = folder / "page.png"
        needs.painter.run(paint, str(source), page_number, width, str(target))
        needs.store.write(key, target.read_bytes(), content_type="image/png")


@contextmanager
def painter() -> Iterator[None]:
    """Wait for one of the few who may work in the sandbox at once.

    Raises:
        Busy: Too many are waiting.
    """
    if not _PAINTERS.acquire(timeout=_PATIENCE_S):
        raise Busy("too many pages are being painted; try again soon")
    try:
        yield
    finally:
        _PAINTERS.release()
