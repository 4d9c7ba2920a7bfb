"""The server-sent events of an answer, and what writing one comes to."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from lectern.api import (
    AnswerEvent,
    AnswerReply,
    AnswerStep,
    AnswerUsage,
    Citation,
    Notice,
    Passage,
)
from lectern.errors import LecternError, problem

Step = Literal["retrieving", "selecting", "generating", "thinking", "verifying"]
NO_MODEL = AnswerUsage(model="", model_calls=0, prompt_tokens=0, completion_tokens=0)
_LINE_BREAKS = {ord(c): f"\\u{ord(c):04x}" for c in "\u0085\u2028\u2029"}


@dataclass(frozen=True, slots=True)
class Written:
    """An answer as it was written, before timings are known."""

    answer: str
    kind: Literal["extractive", "generated"]
    found: bool
    citations: Sequence[Citation] = ()
    usage: AnswerUsage = NO_MODEL
    warnings: Sequence[Notice] = ()
    timings_ms: dict[str, float] = field(default_factory=dict)
    follow_ups: Sequence[str] = ()
    uncited: Sequence[tuple[int, int]] = ()
    title: str = ""
    reasoning: str = ""


def status(step: Step) -> AnswerEvent:
    """Return the event that says what is being done."""
    return AnswerEvent(event="status", data={"step": step})


def thinking(text: str) -> AnswerEvent:
    """Return the event with the next piece of what a model thinks before it answers."""
    return AnswerEvent(event="status", data={"step": "thinking", "text": text})


def working(step: AnswerStep) -> AnswerEvent:
    """Return the event that says that a step has begun or ended."""
    return AnswerEvent(
        event="status", data={"step": "working", "work": step.model_dump(mode="json")}
    )


def stored(conversation_id: str, question_id: str, message_id: str) -> AnswerEvent:
    """Return the event that says where the question was stored and the answer will be."""
    data = {"conversation_id": conversation_id, "question_id": question_id}
    return AnswerEvent(event="status", data={"step": "stored", "message_id": message_id, **data})


def found_passages(passages: Sequence[Passage]) -> AnswerEvent:
    """Return the event with the passages, in the order that markers number them."""
    return AnswerEvent(
        event="passages", data={"passages": [p.model_dump(mode="json") for p in passages]}
    )


def token(text: str) -> AnswerEvent:
    """Return the event with the next piece of the answer."""
    return AnswerEvent(event="token", data={"text": text})


def cited(citation: Citation) -> AnswerEvent:
    """Return the event with a citation."""
    return AnswerEvent(event="citation", data=citation.model_dump(mode="json"))


def followed_by(questions: Sequence[str]) -> AnswerEvent:
    """Return the event with questions that may come next."""
    return AnswerEvent(event="followups", data={"questions": list(questions)})


def done(reply: AnswerReply) -> AnswerEvent:
    """Return the last event of an answer."""
    return AnswerEvent(event="done", data=reply.model_dump(mode="json"))


def failed(error: LecternError, trace_id: str) -> AnswerEvent:
    """Return the last event of an answer that failed: the problem document."""
    data: dict[str, Any] = {**problem(error), "trace_id": trace_id}
    return AnswerEvent(event="error", data=data)


def encoded(event: AnswerEvent) -> bytes:
    """Return the event as it travels. Its data has no line break that any reader may see as one."""
    data = json.dumps(event.data, ensure_ascii=False, separators=(",", ":"))
    return f"event: {event.event}\ndata: {data.translate(_LINE_BREAKS)}\n\n".encode()
