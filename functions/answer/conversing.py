"""Answers that are stored: the turn is taken before, and what came of it kept after, the answer."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from functions.answer.events import (
    NO_MODEL,
    cited,
    done,
    followed_by,
    found_passages,
    stored,
    token,
)
from functions.answer.noticing import NOT_STORED
from functions.answer.streaming import Cancellation
from lectern import telemetry
from lectern.access import Access
from lectern.api import NEW_CONVERSATION, AnswerEvent, AnswerReply, AnswerRequest
from lectern.catalog.port import Catalog
from lectern.catalog.records_conversations import Breakdown, MessageState, Turn
from lectern.errors import LecternError, TransientError
from lectern.withholding import withheld

ReceiptOf = Callable[[AnswerReply], bytes]
"""Returns how an answer came about, as it is stored."""

_UNEXPECTED = Breakdown("internal", "unexpected error; the log of the function has it")


def begin_turn(access: Access, request: AnswerRequest, assistant_id: str = "") -> Turn | None:
    """Store the question; return its turn, or None for a request without conversation.

    A conversation that begins with it keeps the assistant.

    Raises:
        NotFound: The conversation, its `parent_id` or a collection is not the caller's.
        InvalidRequest: See `Conversations.begin_turn`.
    """
    if not request.conversation_id:
        return None
    scope = access.collections(request.collections) if request.collections else ()
    is_new = request.conversation_id == NEW_CONVERSATION
    return access.catalog.conversations.begin_turn(
        access.user.user_id,
        request.question,
        conversation_id="" if is_new else request.conversation_id,
        parent_id=request.parent_id,
        request_id=request.request_id,
        collections=[collection.collection_id for collection in scope],
        documents=request.documents,
        assistant_id=assistant_id,
    )


def earlier_questions(turn: Turn | None) -> Sequence[str]:
    """Return the questions before this one, oldest first."""
    return turn.earlier if turn else ()


def finished_events(access: Access, turn: Turn) -> Iterator[AnswerEvent] | None:
    """Return the events of an answer that this very turn has got already, or None.

    Rights are asked again, as for every stored answer.
    """
    if turn.finished is None or turn.finished.reply is None:
        return None
    readable = {found.collection_id for found in access.collections([])}
    reply, _ = withheld(AnswerReply.model_validate(turn.finished.reply), readable)
    return _repeated(_with_ids(reply, turn), turn)


def kept_events(
    events: Iterator[AnswerEvent],
    turn: Turn,
    catalog: Catalog,
    cancellation: Cancellation,
    receipt_of: ReceiptOf,
) -> Iterator[AnswerEvent]:
    """Yield `events` and store what they come to, whole or not; `done` comes after storing.

    `receipt_of` makes the receipt that is kept beside the answer.

    An answer whose reader stops it (this iterator is closed) is `stopped`, one that raises is
    `failed`; both keep what had come.
    """
    partial, store = _Partial(), _Store(catalog, turn, receipt_of)
    finished = False
    try:
        yield stored(turn.conversation_id, turn.question_id, turn.answer_id)
        for event in events:
            if event.event == "done":
                reply = _with_ids(AnswerReply.model_validate(event.data), turn)
                finished = True
                yield done(store.kept(reply))
                return
            partial.take(event)
            yield event
    except GeneratorExit:
        if not finished:
            store.put("stopped", partial.reply(turn))
        raise
    except LecternError as error:
        if cancellation.cancelled:  # the reader's leaving closed the model's stream
            store.put("stopped", partial.reply(turn))
        else:
            failure = Breakdown(error.code, error.detail)
            store.put("failed", partial.reply(turn), failure)
        raise
    except Exception:
        store.put("failed", partial.reply(turn), _UNEXPECTED)
        raise


@dataclass(slots=True)
class _Partial:
    """What of an answer has come so far."""

    pieces: list[str] = field(default_factory=list)
    passages: list[Any] = field(default_factory=list)
    citations: list[Any] = field(default_factory=list)
    steps: dict[int, Any] = field(default_factory=dict)
    thoughts: list[str] = field(default_factory=list)
    generated: bool = False

    def take(self, event: AnswerEvent) -> None:
        if event.event == "token":
            self.pieces.append(event.data["text"])
        elif event.event == "passages":
            self.passages = event.data["passages"]
        elif event.event == "citation":
            self.citations.append(event.data)
        elif event.event == "status":
            self._note(event.data)

    def _note(self, data: dict[str, Any]) -> None:
        match data.get("step"):
            case "working":
                self.steps[data["work"]["number"]] = data["work"]
            case "generating":
                self.generated = True
            case "selecting":
                self.generated = False
            case "thinking":
                self.thoughts.append(data["text"])

    def reply(self, turn: Turn) -> AnswerReply:
        text = "".join(self.pieces)
        partly = AnswerReply(
            answer=text,
            kind="generated" if self.generated else "extractive",
            found=bool(text),
            citations=self.citations,
            passages=self.passages,
            usage=NO_MODEL,
            timings_ms={},
            warnings=[],
            steps=list(self.steps.values()),
            reasoning="".join(self.thoughts),
        )
        return _with_ids(partly, turn)


def _with_ids(reply: AnswerReply, turn: Turn) -> AnswerReply:
    return reply.model_copy(
        update={
            "conversation_id": turn.conversation_id,
            "question_id": turn.question_id,
            "message_id": turn.answer_id,
        }
    )


@dataclass(frozen=True, slots=True)
class _Store:
    """Stores what comes of one turn."""

    catalog: Catalog
    turn: Turn
    receipt_of: ReceiptOf

    def kept(self, reply: AnswerReply) -> AnswerReply:
        """Store a whole answer; return it, with a warning if the reader must not count on it."""
        if self.put("complete", reply):
            return reply
        warnings = [*reply.warnings, NOT_STORED]
        return reply.model_copy(update={"message_id": "", "warnings": warnings})

    def put(
        self, state: MessageState, reply: AnswerReply, failure: Breakdown | None = None
    ) -> bool:
        """Return whether it was stored: not when the conversation is gone or the catalog away."""
        try:
            there = self.catalog.conversations.finish_turn(
                self.turn,
                state=state,
                text=reply.answer,
                reply=reply.model_dump(mode="json"),
                failure=failure,
                receipt=self.receipt_of(reply),
                title=reply.title,
            )
        except TransientError as error:
            telemetry.logger.error("answer not stored", extra={"code": error.code, "state": state})
            return False
        if not there:
            telemetry.logger.info("conversation of an answer is gone", extra={"state": state})
        return there


def _repeated(reply: AnswerReply, turn: Turn) -> Iterator[AnswerEvent]:
    yield stored(turn.conversation_id, turn.question_id, turn.answer_id)
    yield found_passages(reply.passages)
    yield token(reply.answer)
    for citation in reply.citations:
        yield cited(citation)
    if reply.follow_ups:
        yield followed_by(reply.follow_ups)
    yield done(reply)
