"""`/mcp`: Lectern as a tool for agents, over the Model Context Protocol (streamable HTTP)."""

from collections.abc import Iterator

from flask import Response, request

from functions.answer.mcp_bridge import bridged
from functions.answer.streaming import Cancellation
from functions.answer.views import api, events_for
from functions.answer.wiring import dependencies
from lectern.access import authenticate
from lectern.api import AnswerEvent, AnswerRequest
from lectern.errors import Forbidden, TooLarge

_MOST_BYTES = 256 << 10  # a question and a thousand ids of documents fit


@api.route("POST", "/mcp")
def post_mcp() -> Response:
    """Serve one message of the Model Context Protocol.

    Streamable HTTP without sessions: every message is complete in itself, and carries the bearer
    token (an API key) whose rights apply. The tools only read: `ask`, `search`,
    `list_collections`, `list_documents`, `read_document`. Pages of other sites are refused.
    """
    needs = dependencies()
    origin = request.headers.get("Origin")
    if origin and not needs.places.is_origin(origin):
        raise Forbidden(
            f"a page of {origin[:200]!r} may not use this server", code="foreign_origin"
        )
    authorization = request.headers.get("Authorization", "")
    access = authenticate(needs.catalog, authorization)
    token = authorization.partition(" ")[2].strip()
    body = request.stream.read(_MOST_BYTES + 1)
    if len(body) > _MOST_BYTES:
        raise TooLarge(f"the message is larger than {_MOST_BYTES} bytes")

    def answer(asked: AnswerRequest, cancellation: Cancellation) -> Iterator[AnswerEvent]:
        return events_for(access, asked, token, cancellation)

    from functions.answer.mcp_server import server_for
    from functions.answer.mcp_tools import Caller

    caller = Caller(token, needs.library_of, answer, needs.places)
    return bridged(server_for(caller, max_request_bytes=_MOST_BYTES), request, body)
