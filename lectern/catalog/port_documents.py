"""What Lectern asks of its catalog about documents, their revisions and parts."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from lectern.catalog.port_healing import Healing
from lectern.catalog.records import (
    Document,
    Failure,
    Part,
    PartPlan,
    Registration,
    Reservation,
    StageEntry,
)
from lectern.documents import DocumentSort, DocumentState


class Documents(Healing, Protocol):
    """Documents, revisions and the scatter and gather of their parts.

    Methods that take a revision do nothing (and say so) when the document is gone, is being
    deleted, or has a newer revision: the caller then removes what it wrote.
    """

    def reserve(
        self,
        collection_id: str,
        owner_id: str,
        name: str,
        *,
        content_type: str = "",
        tags: Sequence[str] = (),
        metadata: Mapping[str, str] | None = None,
        parent_id: str = "",
        document_id: str = "",
        allow_copy: bool = True,
    ) -> Reservation:
        """Reserve the next revision of the collection's document of that name, or a new document.

        A given `document_id` is used for a new document, so that a repeat finds the same one.
        A document that is being deleted or in the trash does not count: its name is free again.
        Without `allow_copy`, `confirm` makes no new document of bytes that another one of the
        collection holds (see `Registration.under_another_name`).
        """
        ...

    def confirm(
        self, document_id: str, revision: int, *, size_bytes: int, sha256: str
    ) -> Registration:
        """Make the reserved revision current, in state `uploaded`. Safe to repeat.

        The current one stays when it has the very bytes already, unless it failed or the revision
        comes from `reserve_again` (see `Registration.duplicate`), or when it is newer (see
        `Registration.superseded`).

        Raises:
            NotFound: Nothing was reserved under this id and revision.
        """
        ...

    def reserved(self, document_id: str, revision: int) -> Reservation | None:
        """Return the reservation if it still waits for its bytes, else None."""
        ...

    def discard(self, document_id: str, revision: int) -> None:
        """Forget a reservation that was not confirmed, and the document if it has no other."""
        ...

    def reserve_again(self, document_id: str) -> tuple[Document, Reservation]:
        """Reserve a revision with the current one's bytes (reprocess); the caller copies them.

        Raises:
            NotFound: There is no such document.
        """
        ...

    def get(self, document_id: str) -> Document | None:
        """Return the document at its current revision, or None; also while it is being deleted."""
        ...

    def find(self, collection_id: str, name: str) -> Document | None:
        """Return the collection's document of that name, or None.

        One that is being deleted or in the trash does not count.
        """
        ...

    def list(
        self,
        collection_id: str,
        *,
        limit: int = 50,
        cursor: str = "",
        states: Sequence[DocumentState] = (),
        name_contains: str = "",
        tags: Sequence[str] = (),
        parent_id: str = "",
        trashed: bool | None = False,
        sort: DocumentSort = "-created",
    ) -> tuple[Sequence[Document], str]:
        """Return a page, newest first by default, and the cursor of the next one ("" at the end).

        Ties are ordered by id. What comes or goes between two pages changes nothing about the
        rest: a cursor says behind which document its page begins, not how many were before.

        Documents that are being deleted or that await their first upload are left out, unless
        their state is asked for. With `trashed`, the trash is listed instead; with None, both.
        """
        ...

    def tags(self, collection_id: str, *, limit: int) -> Sequence[tuple[str, int]]:
        """Return the tags in a collection, each with how many documents have it, most used first.

        Documents that `list` leaves out do not count.
        """
        ...

    def matching(
        self,
        collection_id: str,
        *,
        metadata: Mapping[str, str] | None = None,
        content_types: Sequence[str] = (),
        uploaded_after: datetime | None = None,
        uploaded_before: datetime | None = None,
    ) -> Sequence[str]:
        """Return the ids of the collection's documents that meet all conditions, in order of id.

        All the metadata given must be there, one of the content types, and the current revision
        must have been uploaded at or after and before the times. Deleted documents never match.
        """
        ...

    def current_revisions(self, document_ids: Sequence[str]) -> Mapping[str, int]:
        """Return the revision that a search shows, of documents that are there for searches.

        The newest one whose every part is in the index; while there is none, the current one, so
        that the first pages of a large document are found before its last are read. Left out are
        documents that are being deleted, in the trash, or unknown.
        """
        ...

    def unread(self, collection_ids: Sequence[str], *, document_ids: Sequence[str] = ()) -> int:
        """Return how many documents a search cannot find in full yet, as they are being read.

        With `document_ids`, only these count. Those that await their upload, that failed, or that
        are being deleted are not waited for.
        """
        ...

    def timeline(self, document_id: str) -> Sequence[StageEntry]:
        """Return what happened to the document, oldest first."""
        ...

    def edit(
        self,
        document_id: str,
        *,
        tags: Sequence[str] | None = None,
        add_tags: Sequence[str] = (),
        remove_tags: Sequence[str] = (),
        metadata: Mapping[str, str | None] | None = None,
    ) -> Document | None:
        """Replace, add and remove tags, and set fields of metadata (None removes one).

        Return the document, or None if there is none. The caller tells the index of new tags
        (`CollectionIndex.set_tags`).

        Raises:
            InvalidRequest: A tag is too long, or there would be more than 100 fields.
        """
        ...

    def begin_parsing(self, document_id: str, revision: int) -> Document | None:
        """Move the revision to `parsing` (a later state stays); None if it is superseded."""
        ...

    def plan_parts(
        self, document_id: str, revision: int, plans: Sequence[PartPlan], *, pages: int
    ) -> Sequence[Part] | None:
        """Create the revision's parts, all at once, or return those that are already there.

        Parts with a `chunks_key` are created as parsed. The first plan wins: a second caller gets
        the first one's parts. None if the revision is superseded.
        """
        ...

    def part_parsed(
        self, document_id: str, revision: int, part: int, *, chunks_key: str, chunk_count: int
    ) -> bool:
        """Record that a part was parsed; return False if the revision is superseded."""
        ...

    def part_embedded(self, document_id: str, revision: int, part: int) -> bool:
        """Record that a part is in the index; return whether this call completed the revision.

        Exactly one call per revision returns True; the document then is `indexed`, and its caller
        publishes document.indexed and calls `finish`.
        """
        ...

    def finish(self, document_id: str, revision: int) -> bool:
        """Move an `indexed` (or empty) revision to `ready`. Safe to repeat."""
        ...

    def part_graphed(self, document_id: str, revision: int, part: int) -> bool:
        """Record that a part's subjects are stored; return False if it is superseded."""
        ...

    def parts(self, document_id: str, revision: int) -> Sequence[Part]:
        """Return the parts of a revision in order."""
        ...

    def part(self, document_id: str, revision: int, part: int) -> Part | None:
        """Return a part if its revision is the current one and not being deleted, else None."""
        ...

    def fail(self, document_id: str, revision: int, failure: Failure) -> bool:
        """Mark the revision failed; return False if it is superseded or has come to an end.

        Ends are `ready`, `failed`, and `indexed`: it can be found then, whatever is late.
        """
        ...

    def retry(self, document_id: str, revision: int) -> Document | None:
        """Move a failed revision back to `uploaded` and forget its unfinished parts.

        None if it is not failed or is superseded. The caller publishes document.uploaded.
        """
        ...

    def begin_reembedding(self, collection_id: str) -> Sequence[Document]:
        """Move every embedded part of the collection back to parsed; return the documents.

        These are all that have parsed parts, in any state; ready ones are `embedding` then. The
        caller publishes part.parsed for every part that is parsed.
        """
        ...

    def trash(self, document_id: str, *, undo_s: float) -> Document | None:
        """Put the document into the trash for `undo_s`; None if there is none. Safe to repeat.

        It cannot be listed or found there, its name is free, and stages go on with it. A repeat
        does not extend its time.
        """
        ...

    def restore(self, document_id: str) -> Document:
        """Take the document out of the trash, as it is. Safe to repeat.

        It can be done until `empty_trash` has come, which is at its time or later.

        Raises:
            NotFound: There is no such document, or it is being deleted.
            InvalidRequest: Another one has its name now (code `name_taken`).
        """
        ...

    def empty_trash(self, *, limit: int = 500) -> Sequence[Document]:
        """Move documents whose time in the trash is up to `deleting`; return them.

        The caller publishes document.deleted; `unmoved` returns them again if it could not.
        """
        ...

    def known_as(self, document_id: str) -> Document | None:
        """Return the document which had the bytes that were to become `document_id`, or None."""
        ...

    def request_deletion(self, document_id: str) -> Document | None:
        """Move the document to `deleting`; None if there is none. Safe to repeat."""
        ...

    def forget(self, document_id: str) -> None:
        """Remove every row of a document that is being deleted. Safe to repeat."""
        ...

    def unmoved(self, *, older_than_s: float, limit: int = 500) -> Sequence[Document]:
        """Return documents for the sweeper, the longest unmoved first.

        These are the ones not terminal (`deleting` included, `awaiting_upload` excluded), and
        `ready` ones with a part that is not graphed, that no stage has touched for `older_than_s`.
        """
        ...

    def counts(self) -> Mapping[DocumentState, int]:
        """Return how many documents are in each state; states without any are left out."""
        ...

    def touch(self, document_id: str) -> None:
        """Set `moved_at` to now, so that a sweep does not republish again at once."""
        ...

    def abandoned_uploads(self, *, older_than_s: float) -> Sequence[Reservation]:
        """Return reservations that were never confirmed, to be discarded by the sweeper."""
        ...
