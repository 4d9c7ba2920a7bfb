"""From a question to an answer with citations, as a sequence of events."""

from collections.abc import Generator, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from time import monotonic, perf_counter

from functions.answer.events import (
    NO_MODEL,
    Written,
    cited,
    done,
    followed_by,
    found_passages,
    status,
    token,
)
from functions.answer.evidence import Evidence
from functions.answer.extractive import select_quotes
from functions.answer.figures import Figure, pictured
from functions.answer.follow_ups import about_sections
from functions.answer.following import Understood
from functions.answer.generated import NoFirstToken, write_generated
from functions.answer.inquiry import Inquiry
from functions.answer.language import NOT_FOUND
from functions.answer.noticing import by_words_alone, model_failed
from functions.answer.outer.choosing import Chosen
from functions.answer.preferring import Wishes
from functions.answer.quoting import quoted_answer
from functions.answer.reasoning import gathered
from functions.answer.recording import Recording
from functions.answer.relevance import worth_reading
from functions.answer.retrieving import Library
from functions.answer.streaming import Cancellation
from lectern import telemetry
from lectern.api import AnswerEvent, AnswerReply, AnswerUsage, Notice, Passage, TextSpan
from lectern.errors import LecternError
from lectern.models import ChatModel, Embedder

_WRITING_SHARE = 0.4
"""Of the time for an answer: what gathering leaves for writing, however long it would go on."""
_LEAST_WRITING_S = 1.0
_PICTURES_SHARE = 0.3
"""Of the time that is left when everything was gathered: what reading pictures may take."""


def answer_events(
    asked: Understood,
    wishes: Wishes,
    *,
    library: AbstractContextManager[Library],
    embedder: Embedder,
    chat: ChatModel | None,
    timeout_s: float,
    cancellation: Cancellation,
    small: ChatModel | None = None,
    vision: ChatModel | None = None,
    outer: Chosen | None = None,
    warnings: Sequence[Notice] = (),
    recording: Recording | None = None,
) -> Iterator[AnswerEvent]:
    """Yield what becomes of a question; the last event is `done` and carries the `AnswerReply`.

    Without a chat model, or when it fails before its first token, the answer is made of quotes.
    In the mode `simple` the model is called at most once, and not at all when nothing relevant was
    found; the small model at most once, for a question that leans on earlier ones.

    Args:
        asked: What is searched for, and what is answered.
        wishes: Where to search and how to answer.
        library: Reads with the caller's rights.
        embedder: Compares sentences.
        chat: Writes; None for answers made of quotes.
        timeout_s: Deadline of the whole answer.
        cancellation: Ends the model's reply when the reader has gone.
        small: Puts a question that leans on earlier ones so that it can be searched for.
        vision: Writes instead of a `chat` that sees no pictures, when the question needs some.
        outer: Tools outside Lectern that agents may use.
        warnings: What is known already that the reader has to know.
        recording: Told how the answer comes about; None when nobody will ask.

    Raises:
        LecternError: Retrieve refused, or the model broke off in the middle (`stream_broken`).
    """
    started = perf_counter()
    recording = recording or Recording()
    recording.asked = asked
    chat, small = recording.heard(chat), recording.heard(small)
    with library as reading:
        ends = monotonic() + timeout_s
        gather_by = ends - _WRITING_SHARE * timeout_s
        reading.end_by(gather_by)
        inquiry = Inquiry(
            asked, wishes, reading, chat, gather_by, ends, cancellation, recording, small
        )
        inquiry.warnings += warnings
        if outer is not None:
            inquiry.outer = outer.tools
            inquiry.warnings += outer.warnings
        yield from gathered(inquiry, wishes.reasoning, wishes.tools)
        reading.end_by(monotonic() + _PICTURES_SHARE * (ends - monotonic()))
        writer, figures = pictured(
            asked.question,
            inquiry.evidence.passages,
            reading.documents,
            chat=chat,
            vision=recording.heard(vision),
        )
    if inquiry.steps:
        inquiry.timings_ms["gather"] = _milliseconds(started)
    evidence = inquiry.evidence
    yield found_passages(evidence.passages)
    written = yield from _write(
        asked.question,
        evidence,
        figures=figures,
        wishes=wishes,
        embedder=embedder,
        chat=writer,
        timeout_s=max(ends - monotonic(), _LEAST_WRITING_S),
        cancellation=cancellation,
    )
    for citation in written.citations:
        yield cited(citation)
    if written.follow_ups:
        yield followed_by(written.follow_ups)
    timings = inquiry.timings_ms | written.timings_ms | {"total": _milliseconds(started)}
    reply = AnswerReply(
        answer=written.answer,
        kind=written.kind,
        found=written.found,
        citations=list(written.citations),
        passages=evidence.passages,
        usage=_in_all(inquiry, written.usage),
        timings_ms=timings,
        warnings=[*inquiry.warnings, *written.warnings],
        follow_ups=list(written.follow_ups),
        steps=inquiry.steps,
        reasoning=written.reasoning,
        title=written.title,
        uncited=[TextSpan(start=start, end=end) for start, end in written.uncited],
    )
    _log(reply)
    yield done(reply)


def _in_all(inquiry: Inquiry, writing: AnswerUsage) -> AnswerUsage:
    if not inquiry.model_calls or inquiry.chat is None:
        return writing
    return AnswerUsage(
        model=inquiry.chat.name,
        model_calls=inquiry.model_calls + writing.model_calls,
        prompt_tokens=inquiry.usage.prompt_tokens + writing.prompt_tokens,
        completion_tokens=inquiry.usage.completion_tokens + writing.completion_tokens,
    )


def _write(
    question: str,
    evidence: Evidence,
    *,
    figures: Sequence[Figure],
    wishes: Wishes,
    embedder: Embedder,
    chat: ChatModel | None,
    timeout_s: float,
    cancellation: Cancellation,
) -> Generator[AnswerEvent, None, Written]:
    passages = evidence.passages
    if chat is None:
        return (yield from _write_quotes(question, passages, embedder, wishes))
    if not evidence.findings and not any(worth_reading(q, passages) for q in evidence.queries):
        said = NOT_FOUND[wishes.language]
        yield token(said)
        return Written(said, "generated", found=False)
    try:
        return (
            yield from write_generated(
                question,
                passages,
                findings=evidence.findings,
                figures=figures,
                wishes=wishes,
                chat=chat,
                embedder=embedder,
                timeout_s=timeout_s,
                on_cancel=cancellation.on_cancel,
            )
        )
    except NoFirstToken as failure:
        telemetry.logger.warning("model failed", extra={"code": failure.reason.code})
        telemetry.count_error("answer", failure.reason)
        written = yield from _write_quotes(question, passages, embedder, wishes)
        usage = NO_MODEL.model_copy(update={"model": chat.name, "model_calls": 1})
        warnings = [model_failed(failure.reason), *written.warnings]
        return replace(written, usage=usage, warnings=warnings)


def _write_quotes(
    question: str, passages: Sequence[Passage], embedder: Embedder, wishes: Wishes
) -> Generator[AnswerEvent, None, Written]:
    yield status("selecting")
    started = perf_counter()
    warnings: list[Notice] = []
    try:
        quotes = select_quotes(question, passages, embedder)
    except LecternError as error:
        warnings.append(by_words_alone("compared", error))
        quotes = select_quotes(question, passages, None)
    written = quoted_answer(question, passages, quotes, language=wishes.language)
    yield token(written.answer)
    return replace(
        written,
        warnings=warnings,
        timings_ms={"select": _milliseconds(started)},
        follow_ups=about_sections(question, passages, written.citations, wishes.language),
    )


def _log(reply: AnswerReply) -> None:
    telemetry.logger.info(
        "answered",
        extra={
            "kind": reply.kind,
            "found": reply.found,
            "model": reply.usage.model,
            "model_calls": reply.usage.model_calls,
            "prompt_tokens": reply.usage.prompt_tokens,
            "completion_tokens": reply.usage.completion_tokens,
            "passages": len(reply.passages),
            "citations": len(reply.citations),
            "unsupported": sum(not citation.supported for citation in reply.citations),
            "timings_ms": reply.timings_ms,
        },
    )


def _milliseconds(started: float) -> float:
    return round((perf_counter() - started) * 1000, 1)
