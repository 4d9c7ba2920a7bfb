"""The HTTP API of the answer function."""

from flask import Response, request

from functions.answer.answering import answer_events, require_available
from functions.answer.streaming import HEADERS, Cancellation, event_stream
from functions.answer.wiring import dependencies
from lectern.access import authenticate
from lectern.api import AnswerReply, AnswerRequest
from lectern.errors import LecternError
from lectern.serving import Api
from lectern.serving.http import read_body

api = Api("answer", warm_up=dependencies)


@api.route("POST", "/v1/answer", body=AnswerRequest, reply=AnswerReply)
def post_answer() -> AnswerReply | Response:
    """Answer a question from documents, with citations.

    Streams server-sent events (`status`, `passages`, `token`, `citation`, then `done` or `error`),
    or returns one JSON document with `"stream": false`. The caller's own rights decide which
    documents are seen. A stream that ends without `done` or `error` was cut off.
    """
    needs = dependencies()
    authorization = request.headers.get("Authorization", "")
    authenticate(needs.catalog, authorization)
    asked = read_body(AnswerRequest)
    require_available(asked)
    cancellation = Cancellation()
    events = answer_events(
        asked,
        retriever=needs.retriever_of(authorization.partition(" ")[2].strip()),
        embedder=needs.embedder,
        chat=needs.chat,
        timeout_s=needs.timeout_s,
        cancellation=cancellation,
    )
    if asked.stream:
        stream = event_stream(events, cancellation)
        return Response(stream, content_type="text/event-stream; charset=utf-8", headers=HEADERS)
    for event in events:
        if event.event == "done":
            return AnswerReply.model_validate(event.data)
    raise LecternError("the answer has no end; the log of the function has it")
