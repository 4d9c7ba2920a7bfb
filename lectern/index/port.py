"""What Lectern asks of a collection's index."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from lectern.index.rows import (
    ChunkRow,
    MentionRow,
    SearchFilter,
    StoredChunk,
    SubjectRow,
    TextHit,
    VectorHit,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class UpkeepReport:
    """What upkeep found and did in one collection."""

    rows: int
    unindexed_rows_before: int
    unindexed_rows_after: int
    vector_index: str
    seconds: float


class CollectionIndex(Protocol):
    """The searchable rows of one collection.

    Writes are idempotent: the same call twice, or two at once, leaves the same rows. Every method
    may raise `TransientError` when the store is in trouble or too many writers compete. A
    collection nothing was written to answers reads with nothing.
    """

    def replace_part(
        self, document_id: str, revision: int, part: int, rows: Sequence[ChunkRow]
    ) -> None:
        """Make `rows` the rows of this part, in one commit; rows it had and lacks now go.

        Raises:
            PermanentError: The vectors' dimension is not the collection's (code
                `embedder_mismatch`); the collection must be embedded anew.
        """
        ...

    def set_tags(self, document_id: str, tags: Sequence[str]) -> None:
        """Make `tags` those of all the document's chunks, in one commit. Safe to repeat."""
        ...

    def delete_document(self, document_id: str, *, before_revision: int | None = None) -> None:
        """Remove the document's chunks, subjects and mentions (only older revisions' if given)."""
        ...

    def drop(self) -> None:
        """Remove every table of the collection. Safe to repeat."""
        ...

    def search_vector(
        self, vector: "NDArray[np.float32]", *, where: SearchFilter, limit: int
    ) -> Sequence[VectorHit]:
        """Return the nearest rows, nearest first."""
        ...

    def search_text(self, text: str, *, where: SearchFilter, limit: int) -> Sequence[TextHit]:
        """Return rows that share terms with `text` (any of them), best first; any language."""
        ...

    def chunks(
        self, document_id: str, *, offset: int = 0, limit: int = 100
    ) -> Sequence[StoredChunk]:
        """Return a document's chunks in reading order (revision, part, ordinal)."""
        ...

    def chunks_by_id(self, chunk_ids: Sequence[str]) -> Mapping[str, StoredChunk]:
        """Return those of the chunks that exist; one query however many."""
        ...

    def known_vectors(self, digests: Sequence[str]) -> "Mapping[str, NDArray[np.float32]]":
        """Return vectors already stored for texts with these digests (see `text_digest`)."""
        ...

    def version(self) -> int:
        """Return how often the chunks were changed, upkeep included; 0 before the first time.

        As this process sees them now: a search just made saw this version or the one before.
        """
        ...

    def count(self, document_id: str = "") -> int:
        """Return the number of chunk rows, of one document if given."""
        ...

    def held(self) -> Mapping[tuple[str, int], int]:
        """Return the number of chunk rows by (document, revision).

        Reads two columns of every row: for looking after an index, not for searching.
        """
        ...

    def replace_subjects(
        self,
        document_id: str,
        revision: int,
        part: int,
        subjects: Sequence[SubjectRow],
        mentions: Sequence[MentionRow],
    ) -> None:
        """Make these the subjects and mentions of this part. Safe to repeat."""
        ...

    def subjects(self, document_id: str) -> Sequence[SubjectRow]:
        """Return a document's subjects by (part, subject_id)."""
        ...

    def mentions(self, document_id: str) -> Sequence[MentionRow]:
        """Return a document's mentions by (part, mention_id)."""
        ...

    def upkeep(self) -> UpkeepReport:
        """Fold new rows into the indexes, build or rebuild them where due, drop old versions.

        Safe beside readers and writers. Cheap when there is nothing to do.
        """
        ...
