"""Searching: a question to the index, and passages back."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from lectern.api.bodies import Reply, Request
from lectern.api.documents import BoxReply
from lectern.api.notices import Notices
from lectern.documents import ChunkKind

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
    """A question to the index. Collections are ids or slugs; none means all the caller may read.

    `rerank` left out is what the caller's settings say.
    """

    query: Annotated[str, Field(min_length=1, max_length=8000)]
    collections: Annotated[list[str], Field(max_length=100)] = []
    documents: Annotated[list[str], Field(max_length=1000)] = []
    filters: SearchFilters = SearchFilters()
    mode: SearchMode = "hybrid"
    top_k: Annotated[int, Field(ge=1, le=100)] = 8
    rerank: bool | None = None
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


class SearchedIndex(Reply):
    """The index of a collection as it was searched; each change of it counts `version` up.

    `embedder` is what its vectors were made with, "" while it has none.
    """

    collection_id: str
    version: int
    embedder: str


class SearchReply(Reply):
    """Passages, most relevant first, with what each step took and what was not done."""

    passages: list[Passage]
    timings_ms: dict[str, float]
    warnings: Notices
    searched: list[SearchedIndex] = []
