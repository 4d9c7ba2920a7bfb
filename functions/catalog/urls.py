"""Documents from addresses on the web, fetched by Lectern for its users."""

import io
import mimetypes
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from flask import Response

from functions.catalog.fetching import Fetched, fetch
from functions.catalog.receiving import receive
from functions.catalog.service import api, caller
from functions.catalog.uploads import answer, record_upload
from functions.catalog.wiring import Dependencies, dependencies
from lectern.access import Access
from lectern.api import DocumentReply, UrlRequest
from lectern.catalog.records import Collection, Registration
from lectern.documents import safe_name
from lectern.errors import Busy, InvalidRequest
from lectern.serving.http import read_body

SOURCE_URL = "source_url"
"""The field of a document's metadata that says where it was fetched."""

_AT_ONCE = threading.BoundedSemaphore(4)
_PIECE_BYTES = 1 << 16
_UNKNOWN_TYPE = "application/octet-stream"
_EXTENSIONS = {"text/html": ".html", "text/plain": ".txt", "application/xhtml+xml": ".html"}


@api.route(
    "POST",
    "/v1/collections/<collection>/urls",
    body=UrlRequest,
    reply=DocumentReply,
    status=201,
)
def add_url(collection: str) -> Response:
    """Fetch a public web address and store what comes as a document. For editors.

    Only http and https on their usual ports, and only addresses of the public internet, also
    behind redirects. The address that answered is kept as `source_url` in the metadata.
    """
    access = caller()
    found = access.collection(collection, role="editor")
    registered = take_in(dependencies(), access, found, read_body(UrlRequest))
    record_upload(access, registered)
    return answer(registered)


def take_in(
    needs: Dependencies, access: Access, collection: Collection, asked: UrlRequest
) -> Registration:
    """Fetch and store a document, in constant memory.

    Raises:
        InvalidRequest: Fetching is switched off, or see `fetch`.
        TooLarge: It exceeds the limit.
        TransientError: It does not answer, or too many are being fetched.
    """
    if needs.fetch_policy is None:
        raise InvalidRequest(
            "fetching from the web is switched off (LECTERN_URL_INGESTION); upload the file",
            code="url_ingestion_off",
        )
    with _turn(), fetch(asked.url, needs.fetch_policy) as fetched:
        content_type = fetched.content_type or _UNKNOWN_TYPE
        reserved = access.catalog.documents.reserve(
            collection.collection_id,
            access.user.user_id,
            document_name(asked.name, fetched),
            content_type=content_type,
            tags=asked.tags,
            metadata={SOURCE_URL: fetched.url},
            allow_copy=asked.allow_duplicate,
        )
        try:
            source = io.BufferedReader(fetched.body, _PIECE_BYTES)
            return receive(needs, reserved, source, content_type=content_type)
        except Exception:
            access.catalog.documents.discard(reserved.document_id, reserved.revision)
            raise


def document_name(wanted: str, fetched: Fetched) -> str:
    """Return the name of the document: as wanted, else the address's last part or its host.

    The extension says what came, where the name has none that does: a stage reads by it.
    """
    address = urlsplit(fetched.url)
    last = PurePosixPath(unquote(address.path)).name
    name = safe_name(wanted or last or address.hostname or "page")
    extension = _EXTENSIONS.get(fetched.content_type) or mimetypes.guess_extension(
        fetched.content_type
    )
    named_type = mimetypes.guess_type(name)[0]
    known = named_type == fetched.content_type or fetched.content_type in {"", _UNKNOWN_TYPE}
    host_only = not wanted and not last
    if extension and not known and (named_type is None or host_only or extension == ".html"):
        name = safe_name(f"{name}{extension}")
    return name


@contextmanager
def _turn() -> Iterator[None]:
    if not _AT_ONCE.acquire(blocking=False):
        raise Busy("several addresses are being fetched right now; try again soon")
    try:
        yield
    finally:
        _AT_ONCE.release()
