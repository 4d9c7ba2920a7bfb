"""What the tools of the MCP server take and give; their schemas are what a client is told.

Every piece of text comes with its provenance. `link` opens the page in the web UI, "" where that
has no known address.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from lectern.api import Reasoning, SearchMode

Question = Annotated[str, Field(min_length=1, max_length=8000)]
Collections = Annotated[
    list[str],
    Field(max_length=100, description="ids or slugs of collections; none: all you may read"),
]
Documents = Annotated[list[str], Field(max_length=1000, description="ids of documents; none: all")]


class _Input(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Output(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SearchInput(_Input):
    """What to look for, and where."""

    query: Question
    collections: Collections = []
    documents: Documents = []
    mode: SearchMode = "hybrid"
    top_k: Annotated[int, Field(ge=1, le=20)] = 8


class AskInput(_Input):
    """A question that is complete in itself, and where its answer may be."""

    question: Question
    collections: Collections = []
    documents: Documents = []
    reasoning: Annotated[
        Reasoning | None,
        Field(description="how to gather; leave it out unless a plain search was not enough"),
    ] = None


class CollectionsInput(_Input):
    """Nothing."""


class DocumentsInput(_Input):
    """Which documents to list."""

    collection: Annotated[str, Field(min_length=1, max_length=200, description="id or slug")]
    name: Annotated[str, Field(max_length=200, description="part of the name")] = ""
    limit: Annotated[int, Field(ge=1, le=100)] = 50
    cursor: Annotated[str, Field(max_length=500, description="from the page before")] = ""


class ReadInput(_Input):
    """Which pages to read."""

    document_id: Annotated[str, Field(min_length=1, max_length=100)]
    first_page: Annotated[int, Field(ge=1, description="1-based")] = 1
    last_page: Annotated[int | None, Field(ge=1, description="leave it out to read on")] = None
    cursor: Annotated[str, Field(max_length=100, description="where the last reading ended")] = ""


class FoundPassage(_Output):
    """A passage; `relevance` is 0..1."""

    document_id: str
    document_name: str
    collection_id: str
    page_number: int
    section: str
    text: str
    relevance: float
    link: str


class Passages(_Output):
    """Passages, most relevant first."""

    passages: list[FoundPassage]
    warnings: list[str]


class Quotation(_Output):
    """What `[number]` in an answer stands for; `supported` says that it was verified."""

    number: int
    document_id: str
    document_name: str
    collection_id: str
    page_number: int
    quote: str
    supported: bool
    link: str


class Answered(_Output):
    """An answer; `found` is false if the documents do not hold it."""

    answer: str
    found: bool
    kind: Literal["extractive", "generated"]
    citations: list[Quotation]
    warnings: list[str]


class ListedCollection(_Output):
    """A collection and the caller's role in it."""

    collection_id: str
    slug: str
    name: str
    description: str
    role: str


class ListedCollections(_Output):
    """The collections the caller may read, by name."""

    collections: list[ListedCollection]


class ListedDocument(_Output):
    """A document; `pages` is 0 where it has none."""

    document_id: str
    name: str
    state: str
    pages: int
    tags: list[str]
    link: str


class ListedDocuments(_Output):
    """Documents by name; `cursor` is "" on the last page."""

    documents: list[ListedDocument]
    cursor: str


class PageText(_Output):
    """The text of a page, or of the part of it that was still to be read."""

    page_number: int
    text: str
    link: str


class ReadPages(_Output):
    """Pages in order; give `cursor` back to read on, "" means that this was all."""

    document_id: str
    document_name: str
    collection_id: str
    pages: list[PageText]
    cursor: str
