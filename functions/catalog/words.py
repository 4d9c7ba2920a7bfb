"""The words of a page and where they stand, so that a viewer of pictures has text to select."""

from flask import Response

from functions.catalog.painting import list_words
from functions.catalog.pictures import page_key, page_of_pdf, painter
from functions.catalog.ranges import serve_object
from functions.catalog.service import api
from functions.catalog.wiring import Dependencies, dependencies
from lectern.api import PageWords
from lectern.catalog.records import Document
from lectern.errors import SourceGone
from lectern.sandbox import scratch_folder


@api.route("GET", "/v1/documents/<document_id>/pages/<int:page_number>/words", reply=PageWords)
def get_page_words(document_id: str, page_number: int) -> Response:
    """Return the size and the words of a page of a PDF; pages count from 1."""
    document = page_of_pdf(document_id, page_number)
    needs = dependencies()
    key = page_key(document, page_number, "words.json")
    etag = f"{document.revision}-{page_number}-words"
    try:
        response = serve_object(needs.store, key, etag=etag)
    except SourceGone:
        _list(needs, document, page_number, key)
        response = serve_object(needs.store, key, etag=etag)
    response.content_type = "application/json"
    return response


def _list(needs: Dependencies, document: Document, page_number: int, key: str) -> None:
    with (
        painter(),
        needs.store.local_file(document.object_key) as source,
        scratch_folder("words") as folder,
    ):
        target = folder / "words.json"
        needs.painter.run(list_words, str(source), page_number, str(target))
        words = PageWords.model_validate_json(target.read_bytes())  # the sandbox is not trusted
        needs.store.write(key, words.model_dump_json().encode(), content_type="application/json")
