"""Answers and their citations."""

from typing import Annotated, Any, Literal

from pydantic import Field

from lectern.api.bodies import Reply, Request
from lectern.api.documents import BoxReply
from lectern.api.notices import Notices
from lectern.api.search import Passage, SearchFilters, SearchMode
from lectern.api.tools import OuterToolName

Reasoning = Literal["simple", "decompose", "react", "rewoo"]
ToolName = Literal["search", "read", "list", "table", "calculate"]
"""What an agent may use; all of them only read, within the rights and the scope of the asker."""
CitationStyle = Literal["inline", "quotes"]
"""`quotes` adds a list beneath a generated answer: each claim with the words it rests on."""
AnswerLanguage = Literal["", "en", "ko", "ja", "zh"]
"""The language of an answer; "" is the question's."""


class AnswerRequest(Request):
    """A question to be answered from documents.

    With a `conversation_id` (`"new"` begins one) question and answer are stored there, and
    earlier questions help to understand this one; without it, nothing is stored. `parent_id` says
    where it goes on: None, behind the active branch; an answer's id, behind that answer, which
    makes a sibling of the question there; "", a new first question; a question's id, that question
    is answered again (`question` repeats it). A retry with the same `request_id` is the same turn:
    it never asks twice, and gets the stored answer if that is complete. Without `collections` and
    `documents`, the conversation's own scope applies. What is None is as the caller's settings say.
    `reasoning` says how passages are gathered: `simple` searches once; `decompose` answers parts of
    the question side by side; `react` lets the model look things up step by step, `rewoo` by a plan
    made beforehand, both with those `tools` alone, and with the `outer_tools` that are named: tools
    outside Lectern, which get what the model asks them for. Without a chat model it is `simple`.
    An `assistant`, by id or slug, fills what the question leaves open, before the settings do; None
    means that of the conversation, "" none at all. A conversation keeps the one it begins with.
    """

    question: Annotated[str, Field(min_length=1, max_length=8000)]
    collections: Annotated[list[str], Field(max_length=100)] = []
    documents: Annotated[list[str], Field(max_length=1000)] = []
    filters: SearchFilters = SearchFilters()
    conversation_id: Annotated[str, Field(max_length=64)] = ""
    parent_id: Annotated[str, Field(max_length=64)] | None = None
    request_id: Annotated[str, Field(max_length=100)] = ""
    reasoning: Reasoning | None = None
    tools: list[ToolName] = ["search", "read", "list", "table", "calculate"]
    outer_tools: Annotated[list[OuterToolName], Field(max_length=20)] = []
    assistant: Annotated[str, Field(max_length=100)] | None = None
    mode: SearchMode | None = None
    top_k: Annotated[int, Field(ge=1, le=50)] | None = None
    language: AnswerLanguage | None = None
    citation_style: CitationStyle | None = None
    stream: bool = True


class Citation(Reply):
    """A span of the answer and the place it rests on.

    `answer_start`/`answer_end` are code points of the answer text; `quote` is verbatim from the
    passage at `quote_start`..`quote_end`; `boxes` cover the quote on its page. `supported` is
    false for a citation of a generated answer that could not be verified against its passage.
    """

    number: int
    answer_start: int
    answer_end: int
    chunk_id: str
    collection_id: str
    document_id: str
    document_name: str
    revision: int
    page_number: int
    quote: str
    quote_start: int
    quote_end: int
    boxes: list[BoxReply]
    supported: bool
    support: Annotated[float, Field(ge=0, le=1)]


class TextSpan(Reply):
    """A part of the answer, in code points, end exclusive."""

    start: int
    end: int


class StepLink(Reply):
    """A page outside Lectern that a web search named; nobody here has looked at it."""

    title: str
    url: str


class AnswerStep(Reply):
    """Something that was done to find the answer, in the order of `number`, from 1.

    `label` is what was looked for or worked out, `result` what came of it, both short, plain text;
    `found` counts passages, `links` are what a web search found. A status event with the step
    `working` has each twice: `begun`, and then `done` or `failed`.
    """

    number: int
    kind: Literal[
        "plan",
        "question",
        "search",
        "read",
        "list",
        "table",
        "calculate",
        "web",
        "outer",
        "unknown",
    ]
    label: str
    state: Literal["begun", "done", "failed"]
    result: str = ""
    found: int | None = None
    took_ms: float = 0.0
    links: list[StepLink] = []


class AnswerUsage(Reply):
    """What the answer cost."""

    model: str
    model_calls: int
    prompt_tokens: int
    completion_tokens: int


class AnswerReply(Reply):
    """A whole answer. `kind` says who wrote it; `found`, whether the documents hold it.

    `reasoning` is what the model thought before it answered, plain text that nothing was checked
    of, cut at 20,000 characters; a status event with the step `thinking` has each piece as `text`.

    `follow_ups` are questions that the passages answer and that may come next; often none. `steps`
    are how an answer beyond `simple` came about. `uncited` are sentences of a generated answer that
    cite no passage: nothing says where they come from. `title` is what a model calls the
    conversation that begins with this question, "" when the question is its own title.

    The three ids are "" unless the answer was stored in a conversation; `message_id` is the
    answer's, `question_id` the question's. The first `status` event of such an answer has them too,
    with the step `stored`.
    """

    answer: str
    kind: Literal["extractive", "generated"]
    found: bool
    citations: list[Citation]
    passages: list[Passage]
    usage: AnswerUsage
    timings_ms: dict[str, float]
    warnings: Notices
    follow_ups: list[str] = []
    steps: list[AnswerStep] = []
    uncited: list[TextSpan] = []
    reasoning: str = ""
    title: str = ""
    conversation_id: str = ""
    question_id: str = ""
    message_id: str = ""


class AnswerEvent(Reply):
    """One server-sent event of `POST /v1/answer`; `done` carries the whole `AnswerReply`.

    A stream that ends without `done` or `error` was cut off and is a failure.
    """

    event: Literal["status", "passages", "token", "citation", "followups", "done", "error"]
    data: dict[str, Any]
