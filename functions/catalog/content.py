"""The bytes of a document and of its figures."""

import mimetypes

from flask import Response

from functions.catalog.delivery import make_safe
from functions.catalog.ranges import serve_object
from functions.catalog.service import api, caller
from functions.catalog.wiring import dependencies
from lectern.api import FigureQuery
from lectern.documents import DocumentState, revision_prefix, safe_name
from lectern.errors import NotFound, SourceGone
from lectern.serving.http import read_query


@api.route("GET", "/v1/documents/<document_id>/content")
def get_content(document_id: str) -> Response:
    """Return the file as it was uploaded; ranges and conditional requests are answered.

    No browser executes it: HTML and the like come as plain text.
    """
    document = caller().document(document_id)
    if document.state is DocumentState.AWAITING_UPLOAD:
        raise NotFound(f"document {document_id!r} has no content yet; its upload is not finished")
    store = dependencies().store
    etag = document.sha256 or store.info(document.object_key).etag
    response = serve_object(store, document.object_key, etag=etag)
    make_safe(response, content_type=document.content_type, file_name=document.name)
    return response


@api.route("GET", "/v1/documents/<document_id>/figures/<name>", query=FigureQuery)
def get_figure(document_id: str, name: str) -> Response:
    """Return an image that was cut out of a document; `name` is the last part of `figure_key`."""
    document = caller().document(document_id)
    revision = read_query(FigureQuery).revision or document.revision
    prefix = revision_prefix("figures", document.collection_id, document_id, revision)
    store = dependencies().store
    key = prefix + name
    if name != safe_name(name):
        raise NotFound(f"document {document_id!r} has no figure {name!r}")
    try:
        response = serve_object(store, key, etag=store.info(key).etag)
    except SourceGone as error:
        raise NotFound(f"document {document_id!r} has no figure {name!r}") from error
    make_safe(response, content_type=mimetypes.guess_type(name)[0] or "", file_name=name)
    return response
