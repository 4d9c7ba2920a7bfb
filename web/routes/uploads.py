"""Files on their way from the browser into the store, never held in this process.

`POST /api/uploads` reserves a document and gives two addresses; `PUT` the bytes to the first, then
`POST` to the second. They carry what they stand for, sealed, so that any pod can serve them. The
bytes go through here, as the page may talk to no other server; with `LECTERN_WEB_UPLOAD_ORIGIN` it
may talk to the object store, and the first address is the store's own, presigned.
"""

import json
from functools import cache
from typing import Annotated
from urllib.parse import urlsplit

import httpx
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from lectern.api import UploadRequest, UploadTicket
from lectern.client.connection import error_of
from lectern.errors import Forbidden, InvalidRequest, TransientError
from lectern.trust import tls_context
from web.configuration import settings
from web.gate import visitor_of
from web.routes.forms import FORM_HEADER, check_secret, seal
from web.routes.problems import lectern_of, speaks_json

_MAX_BODY_BYTES = 64 << 10
_SIGNED_LINKS = "/v1/objects/"
_SILENCE_S = 120.0


class UploadAsked(UploadRequest):
    """What the page asks for: `UploadRequest` and the collection it is for."""

    collection: Annotated[str, Field(min_length=1, max_length=100)]


class _Sealed(BaseModel):
    """What the addresses of an upload stand for; `form` ties them to the browser they are for."""

    model_config = ConfigDict(frozen=True)

    ticket: UploadTicket
    content_type: str
    form: str


@speaks_json
async def reserve(request: Request) -> Response:
    """Reserve a document of a collection and say where its bytes go."""
    check_secret(request, request.headers.get(FORM_HEADER, ""))
    asked = await _asked(request)
    plain = UploadRequest(**asked.model_dump(exclude={"collection"}, exclude_unset=True))
    ticket = await run_in_threadpool(lectern_of(request).documents.ticket, asked.collection, plain)
    visitor = visitor_of(request)
    sealed = _Sealed(
        ticket=ticket, content_type=asked.content_type, form=visitor.form if visitor else ""
    )
    address = "/api/uploads/" + seal().fernet.encrypt(sealed.model_dump_json().encode()).decode()
    direct = _origin(ticket.upload_url) == settings().web_upload_origin != ""
    typed = direct and asked.content_type  # it is signed, too
    return JSONResponse(
        {
            "document_id": ticket.document_id,
            "revision": ticket.revision,
            "upload_url": ticket.upload_url if direct else address,
            "headers": {"Content-Type": asked.content_type} if typed else {},
            "confirm_url": address,
            "expires_at": ticket.expires_at.isoformat(),
        },
        201,
    )


@speaks_json
async def receive(request: Request) -> Response:
    """Pass the bytes of a reserved document on as they come."""
    check_secret(request, request.headers.get(FORM_HEADER, ""))
    sealed = _opened(request)
    headers = {"Content-Type": sealed.content_type} if sealed.content_type else {}
    if "content-length" in request.headers:
        headers["Content-Length"] = request.headers["content-length"]
    try:
        answer = await _outgoing().put(
            _reachable(sealed.ticket.upload_url), content=request.stream(), headers=headers
        )
    except ClientDisconnect:
        return Response(status_code=499)
    except httpx.HTTPError as error:
        raise TransientError("the store cannot be reached; try again", code="no_store") from error
    if not answer.is_success:
        raise error_of(answer.status_code, answer.headers, answer.content)
    return Response(status_code=204)


@speaks_json
async def confirm(request: Request) -> Response:
    """Say that the bytes have arrived; return the document."""
    check_secret(request, request.headers.get(FORM_HEADER, ""))
    sealed = _opened(request)
    document = await run_in_threadpool(lectern_of(request).documents.confirm, sealed.ticket)
    return Response(document.model_dump_json(), media_type="application/json")


async def _asked(request: Request) -> UploadAsked:
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > _MAX_BODY_BYTES:
            raise InvalidRequest(f"the body is larger than {_MAX_BODY_BYTES} bytes")
    try:
        return UploadAsked.model_validate_json(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"])) or "body"
        raise InvalidRequest(f"the upload is invalid at {where!r}: {first['msg']}") from error


def _opened(request: Request) -> _Sealed:
    """Return what an address stands for.

    Raises:
        Forbidden: It is not one of ours, or another browser's.
    """
    from cryptography.fernet import InvalidToken

    visitor = visitor_of(request)
    try:
        data = json.loads(seal().fernet.decrypt(request.path_params["sealed"].encode()))
        sealed = _Sealed.model_validate(data)
    except (InvalidToken, ValueError) as error:
        raise Forbidden(
            "this is no address for an upload; reserve one", code="no_ticket"
        ) from error
    if visitor is None or visitor.form != sealed.form:
        raise Forbidden("this upload was begun by another browser; reserve a new one")
    return sealed


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()


def _reachable(url: str) -> str:
    """Return a signed link as this process reaches it: the catalog's by its own address."""
    _, ours, path = url.partition(_SIGNED_LINKS)
    if not ours:
        return url
    return settings().function_url.format(function="catalog").rstrip("/") + ours + path


@cache
def _outgoing() -> httpx.AsyncClient:
    return httpx.AsyncClient(
        timeout=httpx.Timeout(_SILENCE_S, connect=10.0),
        verify=tls_context(),
        trust_env=False,
        follow_redirects=False,
    )


ROUTES = [
    Route("/api/uploads", reserve, methods=["POST"]),
    Route("/api/uploads/{sealed}", receive, methods=["PUT"]),
    Route("/api/uploads/{sealed}", confirm, methods=["POST"]),
]
