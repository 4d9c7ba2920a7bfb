"""HTTP ranges (RFC 9110, section 14) over an object in the store."""

from collections.abc import Iterator

from flask import Response, request
from werkzeug.exceptions import RequestedRangeNotSatisfiable
from werkzeug.http import parse_range_header, unquote_etag

from lectern.objects.port import ObjectStore

_PIECE_BYTES = 1 << 20


def requested_range(header: str, size: int) -> tuple[int, int] | None:
    """Return start and end (exclusive) of the one byte range asked for, or None for everything.

    A header that is malformed, in another unit or asks for several ranges counts as none, which
    the standard allows.

    Raises:
        RequestedRangeNotSatisfiable: The range lies beyond the object.
    """
    parsed = parse_range_header(header)
    if parsed is None or parsed.units != "bytes" or len(parsed.ranges) != 1:
        return None
    chosen = parsed.range_for_length(size)
    if chosen is None:
        raise RequestedRangeNotSatisfiable(length=size)
    return chosen


def serve_object(store: ObjectStore, key: str, *, etag: str) -> Response:
    """Return the answer to the current GET or HEAD: all of the object, one range of it, or 304.

    It is read piece by piece while it is sent.

    Args:
        store: Where the object is.
        key: Its key.
        etag: What changes when its content does, without quotes.

    Raises:
        SourceGone: There is no object at `key`.
    """
    size = store.info(key).size_bytes
    response = Response(status=200)
    response.set_etag(etag)
    response.headers["Accept-Ranges"] = "bytes"
    response.headers["Cache-Control"] = "private, no-cache"
    if request.if_none_match.contains_weak(etag):
        response.status_code = 304
        return response
    chosen = requested_range(request.headers.get("Range", ""), size) if _fresh(etag) else None
    start, end = chosen or (0, size)
    if chosen:
        response.status_code = 206
        response.headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    response.content_length = end - start
    if request.method == "GET":
        response.response = _pieces(store, key, start, end) if chosen else store.stream(key)
    return response


def _fresh(etag: str) -> bool:
    """Whether a range still is of what the caller has (If-Range; a date never proves that)."""
    condition = request.headers.get("If-Range")
    return condition is None or unquote_etag(condition) == (etag, False)


def _pieces(store: ObjectStore, key: str, start: int, end: int) -> Iterator[bytes]:
    for position in range(start, end, _PIECE_BYTES):
        yield store.read_range(key, position, min(position + _PIECE_BYTES, end))
