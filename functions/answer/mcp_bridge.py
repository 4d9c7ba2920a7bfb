"""One request of a WSGI server, served by an ASGI application on the background event loop."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from typing import Any

from flask import Request, Response

from lectern.errors import LecternError
from lectern.models.background import Produced

Message = MutableMapping[str, Any]
Application = Callable[
    [
        MutableMapping[str, Any],
        Callable[[], Awaitable[Message]],
        Callable[[Message], Awaitable[None]],
    ],
    Awaitable[None],
]

_OF_THE_CONNECTION = frozenset({"connection", "keep-alive", "transfer-encoding"})


def bridged(application: Application, request: Request, body: bytes) -> Response:
    """Return the application's response, streamed as it comes.

    The application runs as one task; closing the response cancels it, so that nothing of a
    request outlives its connection.
    """

    async def serve(put: Callable[[Message], None]) -> None:
        incoming: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive() -> Message:
            if not incoming:
                await asyncio.Event().wait()  # the end of the connection cancels the task
            return incoming.pop()

        async def send(message: Message) -> None:
            put(message)

        await application(_scope(request), receive, send)

    messages = Produced(serve)
    start = next(messages, None)
    if start is None:
        raise LecternError("the request got no response; the log of the function has it")
    response = Response(_body(messages), status=int(start["status"]))
    response.headers.clear()
    for name, value in start["headers"]:
        if name.decode("latin-1").lower() not in _OF_THE_CONNECTION:
            response.headers.add(name.decode("latin-1"), value.decode("latin-1"))
    response.call_on_close(messages.close)
    return response


def _body(messages: Iterator[Message]) -> Iterator[bytes]:
    for message in messages:
        if message["type"] == "http.response.body" and message.get("body"):
            yield message["body"]


def _scope(request: Request) -> dict[str, Any]:
    path = request.path
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": request.scheme,
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": request.query_string,
        "headers": [
            (name.lower().encode("latin-1"), value.encode("latin-1"))
            for name, value in request.headers
        ],
        "client": None,
        "server": None,
    }
