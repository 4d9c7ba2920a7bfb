"""The HTTP bodies of every function: what callers send and get back.

Requests forbid unknown fields, so that a typo is an error. Times are UTC, ISO 8601.
Page numbers are 1-based. Relevance is 0..1, higher is better.
"""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from lectern.documents import ChunkKind, DocumentState


class Request(BaseModel):
    """Base of what callers send."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Reply(BaseModel):
    """Base of what callers get."""

    model_config = ConfigDict(extra="forbid", frozen=True)


# --- people -----------------------------------------------------------------------------------


class Me(Reply):
    """Who the caller is."""

    user_id: str
    name: str
    is_admin: bool


class ApiKeyRequest(Request):
    """A new API key for the caller."""

    label: Annotated[str, Field(min_length=1, max_length=100)]
    expires_in_days: Annotated[int, Field(ge=1, le=3650)] | None = None


class ApiKey(Reply):
    """An API key; `secret` is present only in the answer to its creation."""

    key_id: str
    label: str
    created_at: datetime
    expires_at: datetime | None = None
    last_used_at: datetime | None = None
    secret: str | None = None


class ApiKeyList(Reply):
    """The caller's API keys, newest first."""

    api_keys: list[ApiKey]


# --- collections and documents ------------------------------------------------------------------


class CollectionRequest(Request):
    """A new collection."""

    name: Annotated[str, Field(min_length=1, max_length=100)]


class CollectionReply(Reply):
    """A collection as its reader sees it."""

    collection_id: str
    slug: str
    name: str
    role: Literal["owner", "editor", "viewer"]
    embedder: str
    created_at: datetime


class CollectionList(Reply):
    """The collections the caller may read, by name."""

    collections: list[CollectionReply]


class DeletionQuery(Request):
    """How to remove a collection; `force` removes its documents as well."""

    force: bool = False


class UploadRequest(Request):
    """A document whose bytes follow by PUT to the URL in the reply."""

    name: Annotated[str, Field(min_length=1, max_length=500)]
    content_type: str = ""
    size_bytes: Annotated[int, Field(ge=0)] | None = None
    tags: Annotated[list[str], Field(max_length=50)] = []
    metadata: dict[str, str] = {}


class UploadTicket(Reply):
    """Where to PUT the bytes of a reserved revision, then `POST …/uploaded` if not announced."""

    document_id: str
    revision: int
    upload_url: str
    expires_at: datetime


class FailureReply(Reply):
    """Why a document failed."""

    stage: str
    code: str
    detail: str


class StageReply(Reply):
    """One line of the stage timeline."""

    at: datetime
    revision: int
    stage: str
    detail: str = ""


class DocumentReply(Reply):
    """A document; `duplicate` says that an upload brought nothing new."""

    document_id: str
    collection_id: str
    name: str
    revision: int
    state: DocumentState
    content_type: str
    size_bytes: int
    sha256: str
    pages: int
    chunks: int
    parts: int
    parts_done: int
    tags: list[str]
    metadata: dict[str, str]
    parent_id: str
    created_at: datetime
    moved_at: datetime
    failure: FailureReply | None = None
    duplicate: bool = False
    timeline: list[StageReply] | None = None


class DocumentQuery(Request):
    """Filters of a document listing."""

    limit: Annotated[int, Field(ge=1, le=200)] = 50
    cursor: str = ""
    state: list[DocumentState] = []
    name: str = ""
    tag: list[str] = []
    parent: str = ""


class DocumentList(Reply):
    """A page of documents, newest first; `cursor` is "" on the last page."""

    documents: list[DocumentReply]
    cursor: str


class TagsRequest(Request):
    """The tags a document shall have."""

    tags: Annotated[list[str], Field(max_length=50)]


class BoxReply(Reply):
    """A rectangle on a page in PDF points, origin at the top left."""

    page_number: int
    x0: float
    y0: float
    x1: float
    y1: float


class ChunkQuery(Request):
    """A window of a document's chunks."""

    offset: Annotated[int, Field(ge=0)] = 0
    limit: Annotated[int, Field(ge=1, le=500)] = 100


class ChunkReply(Reply):
    """A chunk with its provenance."""

    chunk_id: str
    page_number: int
    kind: ChunkKind
    text: str
    heading_path: list[str]
    char_start: int
    char_end: int
    boxes: list[BoxReply]
    figure_key: str | None = None


class ChunkList(Reply):
    """A document's chunks in reading order."""

    chunks: list[ChunkReply]


class PictureQuery(Request):
    """How wide a page's picture should be, in pixels; the next larger usual width is taken."""

    width: Annotated[int, Field(ge=1, le=2400)] = 1000


class FigureQuery(Request):
    """Which revision's figure is meant; the current one's by default."""

    revision: Annotated[int, Field(ge=1, lt=2**31)] | None = None


class SubjectReply(Reply):
    """What chunks are about, and which chunks name it."""

    name: str
    kind: str
    definition: str
    chunk_ids: list[str]
    mentioned_in: list[str]


class SubjectList(Reply):
    """A document's subjects."""

    subjects: list[SubjectReply]


# --- search -------------------------------------------------------------------------------------

SearchMode = Literal["hybrid", "vector", "text", "graph"]


class SearchFilters(Request):
    """Which rows a search may see, applied before it. Fields combine with AND."""

    tags: list[str] = []
    kinds: list[ChunkKind] = []
    page_numbers: list[int] = []
    metadata: dict[str, str] = {}
    content_types: list[str] = []
    uploaded_after: datetime | None = None
    uploaded_before: datetime | None = None


class SearchRequest(Request):
    """A question to the index. Collections are ids or slugs; none means all the caller may read."""

    query: Annotated[str, Field(min_length=1, max_length=8000)]
    collections: Annotated[list[str], Field(max_length=100)] = []
    documents: Annotated[list[str], Field(max_length=1000)] = []
    filters: SearchFilters = SearchFilters()
    mode: SearchMode = "hybrid"
    top_k: Annotated[int, Field(ge=1, le=100)] = 8
    rerank: bool = False
    neighbours: Annotated[int, Field(ge=0, le=3, description="chunks added before and after")] = 0


class PassageLine(Reply):
    """Where a run of the passage's text stands; offsets in code points, end exclusive."""

    start: int
    end: int
    page_number: int
    x0: float
    y0: float
    x1: float
    y1: float


class Passage(Reply):
    """A chunk shown to a model or a reader, with how relevant it is and where it stands.

    With neighbours, `text` spans several chunks, and `lines` still point into `text`.
    `relevances` has one entry per signal that found it (`vector`, `text`, `rerank`).
    """

    chunk_id: str
    collection_id: str
    document_id: str
    document_name: str
    revision: int
    page_number: int
    boxes: list[BoxReply]
    lines: list[PassageLine]
    heading_path: list[str]
    kind: ChunkKind
    text: str
    char_start: int
    char_end: int
    figure_key: str | None = None
    relevance: Annotated[float, Field(ge=0, le=1)]
    relevances: dict[str, float]


class SearchReply(Reply):
    """Passages, most relevant first, with what each step took and what was not done."""

    passages: list[Passage]
    timings_ms: dict[str, float]
    warnings: list[str]


# --- answers ------------------------------------------------------------------------------------

Reasoning = Literal["simple", "decompose", "react", "rewoo"]


class AnswerRequest(Request):
    """A question to be answered from documents."""

    question: Annotated[str, Field(min_length=1, max_length=8000)]
    collections: Annotated[list[str], Field(max_length=100)] = []
    documents: Annotated[list[str], Field(max_length=1000)] = []
    filters: SearchFilters = SearchFilters()
    conversation_id: str = ""
    reasoning: Reasoning = "simple"
    mode: SearchMode = "hybrid"
    top_k: Annotated[int, Field(ge=1, le=50)] = 8
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


class AnswerUsage(Reply):
    """What the answer cost."""

    model: str
    model_calls: int
    prompt_tokens: int
    completion_tokens: int


class AnswerReply(Reply):
    """A whole answer. `kind` says who wrote it; `found`, whether the documents hold it."""

    answer: str
    kind: Literal["extractive", "generated"]
    found: bool
    citations: list[Citation]
    passages: list[Passage]
    usage: AnswerUsage
    timings_ms: dict[str, float]
    warnings: list[str]


class AnswerEvent(Reply):
    """One server-sent event of `POST /v1/answer`; `done` carries the whole `AnswerReply`.

    A stream that ends without `done` or `error` was cut off and is a failure.
    """

    event: Literal["status", "passages", "token", "citation", "followups", "done", "error"]
    data: dict[str, Any]


# --- dead letters and upkeep ----------------------------------------------------------------------


class DeadLetter(Reply):
    """An event that could not be delivered."""

    letter_id: str
    event_type: str
    subject: str
    error_code: str
    error_detail: str
    destination: str
    stored_at: datetime


class DeadLetterList(Reply):
    """Dead letters, newest first."""

    dead_letters: list[DeadLetter]
