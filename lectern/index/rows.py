"""Rows of a collection's index and what a search returns."""

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lectern.documents import Chunk

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def text_digest(text: str) -> str:
    """Return the name under which the vector of `text` is found again: 128 bits, hexadecimal."""
    return hashlib.blake2b(text.encode(errors="surrogatepass"), digest_size=16).hexdigest()


@dataclass(frozen=True, slots=True)
class ChunkRow:
    """A chunk with what the index adds. `vector` has the collection's dimension, unit length.

    `embedded_digest` is the `text_digest` of the very text that was embedded; "" says that this
    was the chunk's text alone.
    """

    chunk: Chunk
    vector: "NDArray[np.float32]"
    document_name: str
    tags: tuple[str, ...] = ()
    embedded_digest: str = ""


@dataclass(frozen=True, slots=True)
class StoredChunk:
    """A chunk as read back from the index."""

    chunk: Chunk
    document_name: str
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class VectorHit:
    """A row found by its vector. `distance` is the cosine distance, 0..2, lower is nearer."""

    row: StoredChunk
    distance: float


@dataclass(frozen=True, slots=True)
class TextHit:
    """A row found by full text. `bm25` is at least 0, higher is better, comparable in one reply."""

    row: StoredChunk
    bm25: float


@dataclass(frozen=True, slots=True)
class SearchFilter:
    """Which rows a search may see; applied before it. Empty fields do not restrict.

    Within a field any value matches; the fields together must all match.
    """

    document_ids: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    page_numbers: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class SubjectRow:
    """What chunks of one part are about: a title, a heading, a defined term, an acronym."""

    subject_id: str
    document_id: str
    revision: int
    part: int
    name: str
    kind: str
    definition: str = ""
    chunk_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MentionRow:
    """A chunk names a subject; offsets are code points in the chunk's text, end exclusive."""

    mention_id: str
    document_id: str
    revision: int
    part: int
    subject_name: str
    chunk_id: str
    starts: tuple[int, ...] = field(default=())
