"""Documents, their chunks, pictures and subjects."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from lectern.api.bodies import Reply, Request
from lectern.api.notices import Notice
from lectern.documents import ChunkKind, DocumentSort, DocumentState


class UploadRequest(Request):
    """A document whose bytes follow by PUT to the URL in the reply.

    Bytes that another document of the collection holds already are not stored as a new document,
    unless `allow_duplicate` is set.
    """

    name: Annotated[str, Field(min_length=1, max_length=500)]
    content_type: str = ""
    size_bytes: Annotated[int, Field(ge=0)] | None = None
    tags: Annotated[list[str], Field(max_length=50)] = []
    metadata: dict[str, str] = {}
    allow_duplicate: bool = False


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
    """A document; `duplicate` says that an upload brought nothing new.

    `duplicate_of` is set when the bytes were known under another name: it is this document's id,
    and nothing was stored. `trashed_until` is set in the trash: `restore` brings it back until
    then, and it is removed for good soon after. `held` says why nothing happens to a document for
    now that goes on by itself later: a budget is used up.
    """

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
    duplicate_of: str | None = None
    trashed_until: datetime | None = None
    timeline: list[StageReply] | None = None
    held: Notice | None = None


class DocumentQuery(Request):
    """Filters and order of a listing; `trashed` lists the trash instead, for editors."""

    limit: Annotated[int, Field(ge=1, le=200)] = 50
    cursor: str = ""
    state: list[DocumentState] = []
    name: str = ""
    tag: list[str] = []
    parent: str = ""
    trashed: bool = False
    sort: DocumentSort = "-created"


class DocumentList(Reply):
    """A page of documents in the order that was asked for; `cursor` is "" on the last page."""

    documents: list[DocumentReply]
    cursor: str


class TagReply(Reply):
    """A tag, and how many documents have it."""

    tag: str
    documents: int


class TagList(Reply):
    """The tags in a collection, the most used first; of more than 1,000, the first 1,000."""

    tags: list[TagReply]


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
