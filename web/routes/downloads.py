"""Files on their way to the browser: documents piece by piece, figures, exports."""

from collections.abc import Iterator
from contextlib import ExitStack
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from lectern.errors import InvalidRequest
from web.routes.problems import lectern_of, speaks_json

_ASKED = ("if-none-match", "if-range", "range")
_ANSWERED = (
    "accept-ranges",
    "content-disposition",
    "content-length",
    "content-range",
    "content-security-policy",
    "content-type",
    "etag",
)
_PIECE_BYTES = 256 << 10
_EXPORTS = {
    "markdown": ("text/markdown; charset=utf-8", "md"),
    "json": ("application/json", "json"),
}


@speaks_json
async def content(request: Request) -> Response:
    """Return the file of a document as it was uploaded; ranges are answered."""
    asked = {name: request.headers[name] for name in _ASKED if name in request.headers}
    stack = ExitStack()
    opening = lectern_of(request).pages.content(request.path_params["document"], asked)
    answer = await run_in_threadpool(stack.enter_context, opening)

    def pieces() -> Iterator[bytes]:
        with stack:
            yield from answer.iter_raw(_PIECE_BYTES)

    headers = {name: answer.headers[name] for name in _ANSWERED if name in answer.headers}
    headers["Cache-Control"] = "private, no-cache"
    headers["Content-Encoding"] = answer.headers.get("content-encoding", "identity")  # not gzipped
    headers.setdefault("content-security-policy", "default-src 'none'; sandbox")
    return StreamingResponse(pieces(), answer.status_code, headers)


@speaks_json
async def figure(request: Request) -> Response:
    """Return an image that was cut out of a document."""
    revision = request.query_params.get("r", "")
    if not revision.isdecimal():
        raise InvalidRequest("r is the document's revision, a number")
    data = await run_in_threadpool(
        lectern_of(request).documents.figure,
        request.path_params["document"],
        request.path_params["name"],
        revision=int(revision),
    )
    kind = "image/jpeg" if data.startswith(b"\xff\xd8") else "image/png"
    headers = {"Cache-Control": "private, max-age=31536000, immutable", "Vary": "Cookie"}
    return Response(data, media_type=kind, headers=headers)


@speaks_json
async def export(request: Request) -> Response:
    """Return a conversation as a file to keep, `format` being `markdown` or `json`."""
    kind = request.query_params.get("format", "markdown")
    if kind not in _EXPORTS:
        raise InvalidRequest(f"format is {kind[:20]!r}; choose markdown or json")
    lectern = lectern_of(request)
    conversation_id = request.path_params["conversation"]
    conversation = await run_in_threadpool(lectern.conversations.get, conversation_id)
    data = await run_in_threadpool(
        lectern.conversations.export, conversation_id, "json" if kind == "json" else "markdown"
    )
    media_type, extension = _EXPORTS[kind]
    return saved_as(f"{conversation.title or 'conversation'}.{extension}", data, media_type)


@speaks_json
async def evaluation_cases(request: Request) -> Response:
    """Return judged answers as JSON lines; for administrators."""
    data = await run_in_threadpool(lectern_of(request).feedback.export)
    return saved_as("evaluation-cases.jsonl", data, "application/x-ndjson")


def saved_as(name: str, data: bytes, media_type: str) -> Response:
    """Return a file that the browser saves and never shows."""
    safe = "".join("_" if c in '\\/:*?"<>|' or not c.isprintable() else c for c in name)[-150:]
    return Response(
        data,
        media_type=media_type,
        headers={
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(safe, safe='')}",
            "Cache-Control": "no-store",
        },
    )


ROUTES = [
    Route("/api/documents/{document}/content", content),
    Route("/api/documents/{document}/figures/{name}", figure),
    Route("/api/export/{conversation}", export),
    Route("/api/feedback/evaluation-cases", evaluation_cases),
]
