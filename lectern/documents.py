"""What a document is made of: pages, chunks, provenance, and where each lives in the store."""

import re
import secrets
import unicodedata
from enum import StrEnum
from pathlib import PurePosixPath
from typing import Annotated, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

_UNFINISHED_PREFIXES = (".", "~$")  # hidden files, locks of office programs
_UNFINISHED_SUFFIXES = frozenset({".crdownload", ".download", ".part", ".partial", ".tmp"})
_ID_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base32: no look-alikes
_ID_LENGTH = 20  # 100 random bits
EMBEDDER_ID = r"^[A-Za-z0-9_-]{1,64}$"
"""How the id of an embedder looks: `offline`, `endpoint`, or that of a model of the registry."""


class Box(NamedTuple):
    """A rectangle on a page, in PDF points, origin at the top left of the page as displayed."""

    x0: float
    y0: float
    x1: float
    y1: float


class Line(NamedTuple):
    """Where a run of a chunk's text stands on its page.

    `start` and `end` are offsets into the chunk's text in code points, end exclusive.
    The rectangle follows the convention of `Box`.
    """

    start: int
    end: int
    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def box(self) -> Box:
        """The rectangle without the span."""
        return Box(self.x0, self.y0, self.x1, self.y1)


ChunkKind = Literal["text", "table", "figure", "description"]
"""`description` is what a model said of the figure or table that stands at the same place."""


class Chunk(BaseModel):
    """The unit that is embedded and searched, with its provenance.

    A chunk lies on one page and under one heading. For `kind="text"`,
    `page.text[char_start:char_end] == text`. A table chunk may repeat its header row in front of
    the rows of that span. The text of a description is a model's; its span is what it describes.
    Formats without page geometry have no `lines`.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    chunk_id: str
    document_id: str
    revision: int
    part: int
    ordinal: Annotated[int, Field(ge=0, description="position within the part")]
    page_number: Annotated[int, Field(ge=1)]
    kind: ChunkKind = "text"
    text: str
    heading_path: tuple[str, ...] = ()
    char_start: int = 0
    char_end: int = 0
    lines: tuple[Line, ...] = ()
    figure_key: str | None = None


class Page(BaseModel):
    """One page as parsed: its size in points and its text in reading order.

    Width and height are 0 for formats without geometry. `label` is the printed page number when
    it differs from `page_number`; people see it, links never use it.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    page_number: Annotated[int, Field(ge=1)]
    width: float = 0.0
    height: float = 0.0
    label: str | None = None
    text: str = ""


class DocumentState(StrEnum):
    """Where a document is on its way to being searchable."""

    AWAITING_UPLOAD = "awaiting_upload"
    UPLOADED = "uploaded"
    PARSING = "parsing"
    EMBEDDING = "embedding"
    INDEXED = "indexed"  # every part is in the index; document.indexed is being published
    READY = "ready"
    FAILED = "failed"
    DELETING = "deleting"

    @property
    def terminal(self) -> bool:
        """Whether nothing will move this document on by itself."""
        return self in {DocumentState.READY, DocumentState.FAILED}


DocumentSort = Literal[
    "name", "-name", "created", "-created", "updated", "-updated",
    "size", "-size", "pages", "-pages", "state", "-state",
]  # fmt: skip
"""What documents are listed by; "-" turns it round, so that the latest or the largest come first.

Names are compared by code point whatever their case, states as they follow each other.
"""


class PartState(StrEnum):
    """Where a part is on its way into the index."""

    ASSIGNED = "assigned"
    PARSED = "parsed"
    EMBEDDED = "embedded"


def new_id() -> str:
    """Return a fresh random identifier: 20 characters of base32, safe in keys and URLs."""
    return "".join(secrets.choice(_ID_ALPHABET) for _ in range(_ID_LENGTH))


def chunk_id(document_id: str, revision: int, part: int, ordinal: int) -> str:
    """Return the deterministic id of a chunk, so that a redelivery rewrites the same rows."""
    return f"{document_id}.{revision}.{part:04d}.{ordinal:05d}"


def safe_name(name: str) -> str:
    """Return `name` as one path component that is safe as an object key and a file name.

    Directories and control characters go, Unicode is composed (NFC), and at most 200 bytes of
    UTF-8 remain with the extension kept.
    """
    name = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    name = "".join("_" if unicodedata.category(c)[0] == "C" else c for c in name).strip(". ")
    name = name or "unnamed"
    stem, dot, extension = name.rpartition(".")
    if not stem or len(extension) > 16:  # noqa: PLR2004 - longer tails are no extensions
        stem, dot, extension = name, "", ""
    room = 200 - len((dot + extension).encode())
    return stem.encode()[:room].decode(errors="ignore") + dot + extension


def is_unfinished(name: str) -> bool:
    """Return whether a file of this name is hidden, a lock, or still being written."""
    suffix = PurePosixPath(name).suffix.lower()
    return name.startswith(_UNFINISHED_PREFIXES) or suffix in _UNFINISHED_SUFFIXES


def slug(name: str) -> str:
    """Return `name` as a lower-case word for addresses and folder names; any script is kept."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return re.sub(r"[^\w]+", "-", folded).strip("-_")[:64] or "collection"


def revision_prefix(area: str, collection_id: str, document_id: str, revision: int) -> str:
    """Return the key prefix of one revision in `area` (`uploads`, `parsed` or `figures`)."""
    return f"{area}/{collection_id}/{document_id}/{revision}/"


def document_prefix(area: str, collection_id: str, document_id: str) -> str:
    """Return the key prefix that covers every revision of a document in `area`."""
    return f"{area}/{collection_id}/{document_id}/"


def upload_key(collection_id: str, document_id: str, revision: int, name: str) -> str:
    """Return where the uploaded file itself is kept."""
    return revision_prefix("uploads", collection_id, document_id, revision) + safe_name(name)


def chunks_key(collection_id: str, document_id: str, revision: int, part: int) -> str:
    """Return where the parsed part is kept: the claim check of `part.parsed`."""
    return revision_prefix("parsed", collection_id, document_id, revision) + (
        f"part-{part:04d}.jsonl.zst"
    )


def figure_key(
    collection_id: str, document_id: str, revision: int, part: int, *, ordinal: int, extension: str
) -> str:
    """Return where an image cut out of a part is kept."""
    return revision_prefix("figures", collection_id, document_id, revision) + (
        f"part-{part:04d}-{ordinal:04d}.{extension}"
    )
