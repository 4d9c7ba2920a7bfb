"""Uploads: a form with a file in it, or a ticket to PUT the bytes where they are kept."""

import mimetypes
from datetime import UTC, datetime, timedelta
from pathlib import PurePosixPath

from flask import Response, request
from pydantic import TypeAdapter, ValidationError
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import RequestEntityTooLarge

from functions.catalog.receiving import confirm_stored, receive, too_large
from functions.catalog.replies import document_reply, json_response, registration_reply
from functions.catalog.service import api, caller
from functions.catalog.wiring import dependencies
from lectern.access import Access
from lectern.api import DocumentReply, UploadRequest, UploadTicket
from lectern.catalog.records import Collection, Document, Registration, Reservation
from lectern.errors import InvalidRequest, NotFound, SourceGone
from lectern.serving.http import read_body

_TICKET_S = 3600
_LAST_REVISION = 2**31 - 1  # the database's integer
_FORM_ROOM_BYTES = 1 << 20  # what a form has beside its file
_UNKNOWN_TYPE = "application/octet-stream"
_METADATA = TypeAdapter(dict[str, str])
_FLAG = TypeAdapter(bool)


@api.route(
    "POST",
    "/v1/collections/<collection>/documents",
    body=UploadRequest,
    reply=DocumentReply,
    status=201,
)
def upload_document(collection: str) -> Response | UploadTicket:
    """Upload a document: `multipart/form-data`, or JSON for a ticket.

    A form has the field `file` and optionally `name`, `tags` (repeated), `metadata` (a JSON object
    of strings) and `allow_duplicate`; the answer is the document, 201, or 200 with `duplicate` when
    the current revision has these very bytes. Bytes that another document of the collection holds
    make no new document: the answer is that other one, 200 with `duplicate_of`, unless
    `allow_duplicate` is true. JSON asks for an `UploadTicket`: PUT the bytes to its URL, then
    `POST …/uploaded` unless the store announces uploads itself. A name the collection knows makes
    a new revision of that document, which stays searchable meanwhile.
    """
    access = caller()
    found = access.collection(collection, role="editor")
    if request.mimetype == "multipart/form-data":
        return _receive_form(access, found)
    return _issue_ticket(access, found, read_body(UploadRequest))


@api.route(
    "POST",
    "/v1/documents/<document_id>/revisions/<int:revision>/uploaded",
    reply=DocumentReply,
    status=201,
)
def confirm_upload(document_id: str, revision: int) -> Response:
    """Say that the bytes of a ticket are in the store. Safe to repeat."""
    access = caller()
    if known := _known_as(access, document_id):
        reply = document_reply(known, duplicate=True, duplicate_of=known.document_id)
        return json_response(reply, 200)
    document = access.document(document_id, role="editor")
    if revision > _LAST_REVISION:
        raise NotFound(f"document {document_id!r} has no revision {revision}")
    reserved = access.catalog.documents.reserved(document_id, revision)
    if reserved is None:
        return _confirmed_before(access, document, revision)
    try:
        registration = confirm_stored(dependencies(), reserved)
    except SourceGone as error:
        raise InvalidRequest(
            f"revision {revision} of document {document_id!r} has no bytes yet; PUT them to the "
            "ticket's upload_url first",
            code="not_uploaded",
        ) from error
    record_upload(access, registration)
    return answer(registration)


def _receive_form(access: Access, collection: Collection) -> Response:
    needs = dependencies()
    # Werkzeug spools a file beyond 500 kB to disk, so its size costs no memory.
    request.max_content_length = needs.max_upload_bytes + _FORM_ROOM_BYTES
    try:
        file = request.files.get("file")
    except RequestEntityTooLarge as error:
        raise too_large(needs.max_upload_bytes) from error
    if file is None:
        raise InvalidRequest("the form has no field 'file' with a file in it")
    asked = _form_request(file)
    reserved = _reserve(access, collection, asked)
    try:
        registration = receive(needs, reserved, file.stream, content_type=asked.content_type)
    except Exception:
        access.catalog.documents.discard(reserved.document_id, reserved.revision)
        raise
    record_upload(access, registration)
    return answer(registration)


def _form_request(file: FileStorage) -> UploadRequest:
    """Return the form's fields, held to the same limits as a ticket's."""
    name = request.form.get("name") or PurePosixPath(file.filename or "").name
    try:
        metadata = _METADATA.validate_json(request.form.get("metadata") or "{}")
        return UploadRequest(
            name=name,
            content_type=file.mimetype or "",
            tags=request.form.getlist("tags"),
            metadata=metadata,
            allow_duplicate=_FLAG.validate_python(request.form.get("allow_duplicate", "false")),
        )
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"])) or "metadata"
        raise InvalidRequest(f"the form is invalid at {where!r}: {first['msg']}") from error


def _issue_ticket(access: Access, collection: Collection, asked: UploadRequest) -> UploadTicket:
    needs = dependencies()
    if (asked.size_bytes or 0) > needs.max_upload_bytes:
        raise too_large(needs.max_upload_bytes)
    reserved = _reserve(access, collection, asked)
    expires_at = datetime.now(UTC) + timedelta(seconds=_TICKET_S)
    return UploadTicket(
        document_id=reserved.document_id,
        revision=reserved.revision,
        upload_url=needs.store.upload_url(
            reserved.object_key, expires_s=_TICKET_S, content_type=asked.content_type
        ),
        expires_at=expires_at,
    )


def _reserve(access: Access, collection: Collection, asked: UploadRequest) -> Reservation:
    return access.catalog.documents.reserve(
        collection.collection_id,
        access.user.user_id,
        asked.name,
        content_type=_content_type(asked),
        tags=asked.tags,
        metadata=asked.metadata,
        allow_copy=asked.allow_duplicate,
    )


def _content_type(asked: UploadRequest) -> str:
    """Return the declared type, or the one the name suggests where none was declared."""
    if asked.content_type and asked.content_type != _UNKNOWN_TYPE:
        return asked.content_type
    return mimetypes.guess_type(asked.name)[0] or _UNKNOWN_TYPE


def _known_as(access: Access, document_id: str) -> Document | None:
    """Return the document that had the ticket's bytes already, if it is the caller's to write."""
    known = access.catalog.documents.known_as(document_id)
    if known is None:
        return None
    try:
        return access.document(known.document_id, role="editor")
    except NotFound:
        return None


def _confirmed_before(access: Access, document: Document, revision: int) -> Response:
    """Answer a repetition, or somebody whom the store's own announcement has overtaken."""
    timeline = access.catalog.documents.timeline(document.document_id)
    if not any(entry.revision == revision for entry in timeline):
        raise NotFound(f"document {document.document_id!r} has no revision {revision}")
    reply = document_reply(document, duplicate=revision > document.revision)
    return json_response(reply, 200)


def answer(registration: Registration) -> Response:
    """Return what an upload is answered: 201, or 200 when it brought nothing new."""
    nothing_new = registration.duplicate or registration.superseded
    return json_response(registration_reply(registration), 200 if nothing_new else 201)


def record_upload(access: Access, registration: Registration) -> None:
    """Note who brought a document or a new revision of one; what brought nothing is not noted."""
    if not (registration.duplicate or registration.superseded):
        document = registration.document
        access.record(
            "document.uploaded",
            document.document_id,
            collection=document.collection_id,
            revision=str(document.revision),
        )
