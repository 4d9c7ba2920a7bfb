"""Answering with a chat model: one call, streamed, every citation verified."""

from collections.abc import Callable, Generator, Sequence
from time import perf_counter

from functions.answer.citations import CitedText, Claim, claims, uncited, without_markers
from functions.answer.events import Written, status, thinking, token
from functions.answer.evidence import Finding
from functions.answer.figures import Figure, with_figures
from functions.answer.follow_ups import written_by_model
from functions.answer.language import NOT_FOUND
from functions.answer.naming import fit_title
from functions.answer.noticing import ENDED_EARLY, NO_CITATION, by_words_alone, unverified
from functions.answer.preferring import Wishes
from functions.answer.prompt import REFUSAL, build_prompt
from functions.answer.quoting import citation_of, listed_quotes
from functions.answer.support import Question, supports
from functions.answer.trailing import Trailer
from functions.answer.vocabulary import telling_terms
from lectern.api import AnswerEvent, AnswerUsage, Citation, Notice, Passage
from lectern.errors import LecternError, TransientError
from lectern.models import ChatModel, ChatUsage, Embedder

_MOST_REASONING = 20_000  # code points
_FEWEST_TERMS = 2  # of a part of a sentence that is verified by itself


class NoFirstToken(Exception):
    """The model failed before it said anything; `reason` says why."""

    def __init__(self, reason: LecternError) -> None:
        super().__init__(reason.detail)
        self.reason = reason


def write_generated(
    question: str,
    passages: Sequence[Passage],
    *,
    findings: Sequence[Finding] = (),
    figures: Sequence[Figure] = (),
    wishes: Wishes,
    chat: ChatModel,
    embedder: Embedder,
    timeout_s: float,
    on_cancel: Callable[[Callable[[], None]], None],
) -> Generator[AnswerEvent, None, Written]:
    """Yield the events of an answer as the model writes it; return the answer.

    Args:
        question: What was asked.
        passages: What was found, most relevant first; at least one.
        findings: What was worked out from the passages before.
        figures: Pictures of passages; only for a model that sees them.
        wishes: In which language to answer.
        chat: Called once.
        embedder: Compares claims with passages.
        timeout_s: Deadline of the model.
        on_cancel: Registers what ends the model's reply when the reader has gone.

    Raises:
        NoFirstToken: The model failed before the first token of its answer.
        TransientError: It broke off in the middle (code `stream_broken`).
    """
    started = perf_counter()
    prompt = build_prompt(
        question,
        passages,
        context_tokens=chat.context_tokens,
        language=wishes.asked_for,
        style=wishes.style,
        house_rules=wishes.house_rules,
        askers_rules=wishes.askers_rules,
        findings=findings,
        titled=wishes.titled,
    )
    text, refusal, trailer = CitedText(prompt.passages), _RefusalWatch(), Trailer()
    reasoning = ""
    timings: dict[str, float] = {}
    yield status("generating")
    try:
        reply = chat.reply(with_figures(prompt, figures), timeout_s=timeout_s)
        on_cancel(reply.deltas.close)
        for delta in reply.deltas:
            if thought := delta.reasoning[: _MOST_REASONING - len(reasoning)]:
                reasoning += thought
                yield thinking(thought)
            if ready := text.feed(trailer.feed(refusal.feed(delta.text))):
                timings.setdefault("first_token", _milliseconds(started))
                yield token(ready)
        rest = trailer.feed(refusal.finish()) + trailer.finish()
        if ready := text.feed(rest) + text.finish():
            yield token(ready)
    except LecternError as error:
        if text.text:
            raise TransientError(
                f"the answer broke off: {error.detail}", code="stream_broken"
            ) from error
        raise NoFirstToken(error) from error
    timings["generate"] = _milliseconds(started)
    usage = _usage(chat, reply.usage)
    if refusal.refused:
        said = NOT_FOUND[wishes.language]
        yield token(said)
        return Written(
            said,
            "generated",
            found=False,
            usage=usage,
            timings_ms=timings,
            reasoning=reasoning,
        )
    if not text.text.strip():
        raise NoFirstToken(TransientError("the chat model answered nothing", code="chat_empty"))
    yield status("verifying")
    verifying = perf_counter()
    citations, warnings = _citations(text, passages, embedder)
    timings["verify"] = _milliseconds(verifying)
    unsourced = uncited(text.text, claims(text.text, text.marks))
    listed, quoted = _listed(text.text, citations, passages, wishes)
    yield from map(token, filter(None, [listed]))
    if ending := ENDED_EARLY.get(reply.usage.finish_reason):
        warnings.append(ending)
    return Written(
        text.text + listed,
        "generated",
        found=True,
        citations=[*citations, *quoted],
        usage=usage,
        warnings=warnings,
        timings_ms=timings,
        follow_ups=written_by_model(trailer.questions, question, passages[: prompt.passages]),
        uncited=unsourced,
        title=fit_title(trailer.title, question) if wishes.titled else "",
        reasoning=reasoning,
    )


def _listed(
    answer: str, citations: Sequence[Citation], passages: Sequence[Passage], wishes: Wishes
) -> tuple[str, Sequence[Citation]]:
    """Return the quotes beneath an answer with their citations, if they are wished for."""
    if wishes.citation_style != "quotes":
        return "", ()
    return listed_quotes(answer, citations, passages, wishes.language)


class _RefusalWatch:
    """Holds back the beginning of an answer while it may still be the agreed refusal."""

    def __init__(self) -> None:
        self.refused = False
        self._held = ""
        self._passed = False

    def feed(self, text: str) -> str:
        if self._passed:
            return text
        self._held += text
        begun = self._held.lstrip(' \n"`*')
        self.refused = begun.startswith(REFUSAL)
        if self.refused or REFUSAL.startswith(begun):
            return ""
        self._passed = True
        return self._held

    def finish(self) -> str:
        return "" if self._passed or self.refused else self._held


def _citations(
    text: CitedText, passages: Sequence[Passage], embedder: Embedder
) -> tuple[list[Citation], list[Notice]]:
    """Return the verified citations in order, and what a reader has to be warned of."""
    cited = [
        (claim, number, span)
        for claim in claims(text.text, text.marks)
        for number, span in zip(claim.numbers, claim.spans, strict=True)
    ]
    if not cited:
        return [], [NO_CITATION]
    questions = [
        _question(_claimed(text.text, claim, span), passages[number - 1])
        for claim, number, span in cited
    ]
    warnings: list[Notice] = []
    try:
        found = supports(questions, embedder)
    except LecternError as error:
        warnings.append(by_words_alone("verified", error))
        found = supports(questions, None)
    citations = [
        citation_of(
            passages[number - 1],
            number=number,
            answer_span=(claim.start, claim.end),
            quote_span=(support.start, support.end),
            supported=support.supported,
            support=support.support,
        )
        for (claim, number, _), support in zip(cited, found, strict=True)
    ]
    if doubtful := sum(not citation.supported for citation in citations):
        warnings.append(unverified(doubtful, len(citations)))
    return citations, warnings


def _claimed(text: str, claim: Claim, span: tuple[int, int]) -> str:
    """Return what a marker stands behind; the whole sentence where a part says too little."""
    part = without_markers(text[span[0] : span[1]])
    if len(telling_terms(part)) < _FEWEST_TERMS:
        return without_markers(text[claim.start : claim.end])
    return part


def _question(claim: str, passage: Passage) -> Question:
    around = "\n".join((passage.document_name, *passage.heading_path))
    return Question(claim, passage.text, around)


def _usage(chat: ChatModel, usage: ChatUsage) -> AnswerUsage:
    return AnswerUsage(
        model=usage.model or chat.name,
        model_calls=1,
        prompt_tokens=usage.prompt_tokens,
        completion_tokens=usage.completion_tokens,
    )


def _milliseconds(started: float) -> float:
    return round((perf_counter() - started) * 1000, 1)
