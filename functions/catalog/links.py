"""Signed links of a store that cannot sign its own: the folder. The signature is the right."""

import mimetypes

from flask import Response, request

from functions.catalog.delivery import make_safe
from functions.catalog.ranges import serve_object
from functions.catalog.receiving import receive
from functions.catalog.replies import registration_reply
from functions.catalog.service import api
from functions.catalog.wiring import Dependencies, dependencies
from lectern.api import DocumentReply
from lectern.catalog.records import Reservation
from lectern.errors import Forbidden
from lectern.objects.signing import verify

_UPLOAD_KEY_PARTS = 5  # uploads/<collection>/<document>/<revision>/<file name>


@api.route("PUT", "/v1/objects/<path:key>", reply=DocumentReply, status=201)
def put_object(key: str) -> DocumentReply:
    """Take the bytes of an upload ticket; the signed link is the right to send them, once."""
    needs = dependencies()
    _verify(needs, key, "PUT")
    reserved = _reservation(needs, key)
    request.max_content_length = needs.max_upload_bytes
    registration = receive(needs, reserved, request.stream, content_type=request.mimetype)
    return registration_reply(registration)


@api.route("GET", "/v1/objects/<path:key>")
def get_object(key: str) -> Response:
    """Return an object by its signed link; ranges and conditional requests are answered."""
    needs = dependencies()
    file_name = request.args.get("file_name", "")
    _verify(needs, key, "GET", file_name=file_name)
    response = serve_object(needs.store, key, etag=needs.store.info(key).etag)
    name = file_name or key.rpartition("/")[2]
    content_type = mimetypes.guess_type(name)[0] or ""
    make_safe(response, content_type=content_type, file_name=name, save=bool(file_name))
    return response


def _verify(needs: Dependencies, key: str, method: str, *, file_name: str = "") -> None:
    arguments = request.args
    verify(
        key,
        method,
        arguments.get("expires", ""),
        arguments.get("signature", ""),
        needs.signing_secret(),
        file_name=file_name,
    )


def _reservation(needs: Dependencies, key: str) -> Reservation:
    """Return the reservation that waits for the bytes of `key`; a second PUT finds none."""
    parts = key.split("/")
    if len(parts) == _UPLOAD_KEY_PARTS and parts[0] == "uploads" and parts[3].isdecimal():
        reserved = needs.catalog.documents.reserved(parts[2], int(parts[3]))
        if reserved is not None and reserved.object_key == key:
            return reserved
    raise Forbidden(
        "this link was used already, or its upload was given up; ask for a new one",
        code="link_used",
    )
