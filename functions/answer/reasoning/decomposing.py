"""`decompose`: parts of the question are answered side by side, each from passages of its own."""

import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from functions.answer.events import status
from functions.answer.evidence import Finding, interleaved
from functions.answer.inquiry import Inquiry
from functions.answer.noticing import parts_failed
from functions.answer.prompt import REFUSAL, build_prompt, inert
from functions.answer.prompting import prompt_text
from functions.answer.trailing import Trailer
from lectern.api import AnswerEvent, Passage, ToolName
from lectern.errors import LecternError
from lectern.models import ChatMessage, ChatModel

PROMPT_VERSION = "decompose-v1"
_MOST_PARTS = 4
_PASSAGES_EACH = 5
_ANSWER_TOKENS = 400
_MARKER = re.compile(r"\[(\d{1,3})\]")
_NOT_THERE = "not in the documents"


class Parts(BaseModel):
    """The questions that together answer the whole one."""

    model_config = ConfigDict(extra="ignore")

    questions: Annotated[
        list[Annotated[str, Field(min_length=1, max_length=500)]],
        Field(min_length=1, max_length=_MOST_PARTS),
    ]


@dataclass(frozen=True, slots=True)
class _Answered:
    """What one part came to; markers in `text` number its own `passages`."""

    question: str
    passages: Sequence[Passage]
    text: str


def decompose(
    inquiry: Inquiry, chat: ChatModel, _tools: Sequence[ToolName]
) -> Iterator[AnswerEvent]:
    """Gather passages and an answer for each part of the question.

    Calls the model once to split the question, and once for each part. A question that needs no
    splitting is left to one plain search. Parts that fail are left out, with a notice.

    Raises:
        LecternError: The model or retrieve failed for the split or for every part.
    """
    number, begun = inquiry.begin("plan", inquiry.asked.question)
    yield begun
    questions = _split(inquiry, chat)
    yield inquiry.end(number, result=" · ".join(questions))
    if len(questions) < 2:  # noqa: PLR2004 - one part is the whole
        return
    yield status("retrieving")
    answered: dict[str, _Answered] = {}
    failures: list[LecternError] = []
    numbers: dict[str, int] = {}
    for question in questions:
        numbers[question], begun = inquiry.begin("question", question)
        yield begun
    with ThreadPoolExecutor(len(questions), thread_name_prefix="part") as pool:
        under_way = {
            pool.submit(_answer, question, inquiry, chat): question for question in questions
        }
        try:
            for finished in as_completed(under_way):
                question = under_way[finished]
                try:
                    part = answered[question] = finished.result()
                except LecternError as error:
                    failures.append(error)
                    yield inquiry.end(numbers[question], failed=True)
                else:
                    yield inquiry.end(numbers[question], result=part.text, found=len(part.passages))
        finally:
            for work in under_way:
                work.cancel()
    if failures and (not answered or inquiry.cancellation.cancelled):
        raise failures[0]
    if failures:
        inquiry.warnings.append(parts_failed(len(failures), len(questions), failures[0]))
    _keep([answered[question] for question in questions if question in answered], inquiry)


def _split(inquiry: Inquiry, chat: ChatModel) -> list[str]:
    prompt = [
        ChatMessage("system", prompt_text(PROMPT_VERSION)),
        ChatMessage("user", f"<question>\n{inert(inquiry.asked.question)}\n</question>"),
    ]
    parts = inquiry.reply_as(chat, prompt, Parts)
    return list(dict.fromkeys(" ".join(question.split()) for question in parts.questions))


def _answer(question: str, inquiry: Inquiry, chat: ChatModel) -> _Answered:
    passages = inquiry.search(question, top_k=_PASSAGES_EACH).passages
    prompt = build_prompt(
        question,
        passages,
        context_tokens=chat.context_tokens,
        language=inquiry.wishes.asked_for,
    )
    reply = chat.reply(prompt.messages, timeout_s=inquiry.left_s, max_tokens=_ANSWER_TOKENS)
    inquiry.cancellation.on_cancel(reply.deltas.close)
    trailer = Trailer()
    text = "".join(trailer.feed(delta.text) for delta in reply.deltas) + trailer.finish()
    inquiry.count(reply.usage)
    return _Answered(question, passages, _NOT_THERE if REFUSAL in text else text.strip())


def _keep(parts: Sequence[_Answered], inquiry: Inquiry) -> None:
    """Put passages and answers into the evidence; markers then number the passages of all."""
    evidence = inquiry.evidence
    evidence.queries += [inquiry.asked.question, *(part.question for part in parts)]
    evidence.add(interleaved([part.passages for part in parts]))
    for part in parts:
        numbers = evidence.add(part.passages)

        def renumbered(marker: re.Match[str], numbers: Sequence[int] = numbers) -> str:
            own = int(marker[1])
            return f"[{numbers[own - 1]}]" if 1 <= own <= len(numbers) else ""

        evidence.findings.append(Finding(part.question, _MARKER.sub(renumbered, part.text)))
