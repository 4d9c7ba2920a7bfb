"""Answers and their citations."""

from typing import Annotated, Any, Literal

from pydantic import Field

from lectern.api.bodies import Reply, Request
from lectern.api.documents import BoxReply
from lectern.api.notices import Notices
from lectern.api.search import Passage, SearchFilters, SearchMode

Reasoning = Literal["simple", "decompose", "react", "rewoo"]
ToolName = Literal["search", "read", "list", "table", "calculate"]
"""What an agent may use; all of them only read, within the rights and the scope of the asker."""
OWN_TOOLS: tuple[ToolName, ...] = ("search", "read", "list", "table", "calculate")
OuterToolName = Annotated[
    str,
    Field(
        max_length=200,
        pattern=r"^(?:web|mcp:[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?(?:/[A-Za-z0-9_.-]{1,128})?)$",
    ),
]
"""A tool outside of Lectern: `web`, `mcp:<server>/<tool>`, or `mcp:<server>` for all of it that is
allowed. What is given to it leaves Lectern."""
AllowedTools = Annotated[list[ToolName | OuterToolName], Field(max_length=50)]
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
    made beforehand, both with those `tools` alone. Without a chat model it is `simple`. Tools
    outside of Lectern (`GET /v1/tools`) are used only if they are named here, and only if every
    collection that is searched allows it.
    """

    question: Annotated[str, Field(min_length=1, max_length=8000)]
    collections: Annotated[list[str], Field(max_length=100)] = []
    documents: Annotated[list[str], Field(max_length=1000)] = []
    filters: SearchFilters = SearchFilters()
    conversation_id: Annotated[str, Field(max_length=64)] = ""
    parent_id: Annotated[str, Field(max_length=64)] | None = None
    request_id: Annotated[str, Field(max_length=100)] = ""
    reasoning: Reasoning | None = None
    tools: AllowedTools = [*OWN_TOOLS]
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


class OutsideSource(Reply):
    """Something found outside of the documents; answers refer to it as `[marker]`, such as `[W1]`.

    `tool` is `web` or `mcp:<server>/<tool>`. `url` is an http(s) address that the search itself
    returned, "" for a tool. Nobody compared the answer with it.
    """

    marker: str
    tool: str
    title: str
    url: str = ""


class AnswerStep(Reply):
    """Something that was done to find the answer, in the order of `number`, from 1.

    `label` is what was looked for or worked out, `result` what came of it, both short, plain text;
    `found` counts passages. The label of a tool outside of Lectern (`web`, `mcp`) is all that was
    sent to it, and `sources` are what came back. A status event with the step `working` has each
    twice: `begun`, and then `done` or `failed`.
    """

    number: int
    kind: Literal[
        "plan", "question", "search", "read", "list", "table", "calculate", "web", "mcp", "unknown"
    ]
    label: str
    state: Literal["begun", "done", "failed"]
    result: str = ""
    found: int | None = None
    sources: list[OutsideSource] = []
    took_ms: float = 0.0


class AnswerUsage(Reply):
    """What the answer cost."""

    model: str
    model_calls: int
    prompt_tokens: int
    completion_tokens: int


class AnswerReply(Reply):
    """A whole answer. `kind` says who wrote it; `found`, whether the documents hold it.

    `follow_ups` are questions that the passages answer and that may come next; often none. `steps`
    are how an answer beyond `simple` came about. `uncited` are sentences of a generated answer that
    cite no passage: nothing says where they come from.

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
    conversation_id: str = ""
    question_id: str = ""
    message_id: str = ""

    @property
    def outside(self) -> list[OutsideSource]:
        """What the answer refers to outside of the documents, each once, in order."""
        known = {source.marker: source for step in self.steps for source in step.sources}
        return [source for marker, source in known.items() if f"[{marker}]" in self.answer]


class AnswerEvent(Reply):
    """One server-sent event of `POST /v1/answer`; `done` carries the whole `AnswerReply`.

    A stream that ends without `done` or `error` was cut off and is a failure.
    """

    event: Literal["status", "passages", "token", "citation", "followups", "done", "error"]
    data: dict[str, Any]
