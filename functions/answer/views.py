"""The HTTP API of the answer function."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from flask import Response, request

from functions.answer.accounting import chats_for, counted_events, embedder_for
from functions.answer.answering import answer_events
from functions.answer.assisting import assisted, named_assistant
from functions.answer.conversing import (
    begin_turn,
    earlier_questions,
    finished_events,
    kept_events,
)
from functions.answer.following import understood
from functions.answer.outer import chosen_tools
from functions.answer.preferring import wishes_of, with_house_rules
from functions.answer.receipts import ReceiptMaker
from functions.answer.recording import Recording
from functions.answer.streaming import HEADERS, Cancellation, event_stream
from functions.answer.wiring import dependencies
from lectern.access import Access, authenticate
from lectern.api import AnswerEvent, AnswerReply, AnswerRequest
from lectern.catalog.titles import is_title
from lectern.errors import LecternError
from lectern.preferences import effective_settings
from lectern.serving import Api
from lectern.serving.http import read_body

api = Api("answer", warm_up=dependencies)


@api.route("POST", "/v1/answer", body=AnswerRequest, reply=AnswerReply)
def post_answer() -> AnswerReply | Response:
    """Answer a question from documents, with citations.

    Streams server-sent events (`status`, `passages`, `token`, `citation`, `followups`, then `done`
    or `error`),
    or returns one JSON document with `"stream": false`. The caller's own rights decide which
    documents are seen. A stream that ends without `done` or `error` was cut off. With a
    `conversation_id`, question and answer are stored, also an answer that was stopped or broke.
    A key of the scope `read` may do so: it asks, and what it leaves behind in its owner's own
    conversations changes no document and nothing that was said before.
    """
    authorization = request.headers.get("Authorization", "")
    catalog = dependencies().catalog
    access = authenticate(catalog, authorization)
    asked = read_body(AnswerRequest)
    cancellation = Cancellation()
    token = authorization.partition(" ")[2].strip()
    events = events_for(access, asked, token, cancellation)
    if asked.stream:
        stream = event_stream(events, cancellation)
        return Response(stream, content_type="text/event-stream; charset=utf-8", headers=HEADERS)
    for event in events:
        if event.event == "done":
            return AnswerReply.model_validate(event.data)
    raise LecternError("the answer has no end; the log of the function has it")


def events_for(
    access: Access,
    asked: AnswerRequest,
    token: str,
    cancellation: Cancellation,
    *,
    earlier: Sequence[str] = (),
    askers_rules: str = "",
) -> Iterator[AnswerEvent]:
    """Take the turn, if there is a conversation; return the events of its answer.

    Args:
        access: The caller's rights.
        asked: The question.
        token: The caller's own, which everything is read with.
        cancellation: Ends the work when the reader has gone.
        earlier: The questions before this one, oldest first, where no conversation holds them.
        askers_rules: What the caller adds to the rules of a generated answer; of the lowest rank.
    """
    needs = dependencies()
    settings = effective_settings(access.catalog.preferences.get(access.user.user_id))
    named = named_assistant(access, asked)
    turn = begin_turn(access, asked, named.assistant_id if named else "")
    if turn is not None and (finished := finished_events(access, turn)) is not None:
        return finished
    helped = assisted(access, asked, named, turn.assistant_id if turn else "")
    asked = helped.request
    collections, documents = (turn.collections, turn.documents) if turn else ((), ())
    wishes = wishes_of(
        asked,
        settings,
        collections=collections if collections or documents else helped.collections,
        documents=documents,
    )
    wishes = replace(
        with_house_rules(helped.styled(wishes), access),
        assistant=helped.assistant_id,
        askers_rules=askers_rules,
        titled=turn is not None and not turn.earlier and not is_title(asked.question),
    )
    recording = Recording()
    chats = chats_for(needs.models, access.user.user_id, wishes)
    events = answer_events(
        understood(asked.question, earlier_questions(turn) if turn else earlier),
        wishes,
        library=needs.library_of(token),
        embedder=embedder_for(needs.models, access.user.user_id, wishes),
        chat=chats.answer,
        small=chats.small,
        vision=chats.vision,
        outer=chosen_tools(wishes, access, needs.outer),
        warnings=helped.warnings,
        timeout_s=chats.timeout_s(needs.timeout_s),
        cancellation=cancellation,
        recording=recording,
    )
    events = counted_events(events, access.catalog.usage, access.user.user_id, chats)
    if turn is None:
        return events
    agent = wishes.reasoning != "simple"
    listed = access.collections(list(wishes.collections)) if agent else ()
    receipt_of = ReceiptMaker(wishes, recording, frozenset(each.collection_id for each in listed))
    return kept_events(events, turn, access.catalog, cancellation, receipt_of)
