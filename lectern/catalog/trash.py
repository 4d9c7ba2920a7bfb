"""The trash: what is deleted is out of sight at once, and can be brought back for a while.

A document keeps its state and its rows there, and stages go on with it; so it comes back as it is.
"""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import Connection, exc, select

from lectern.catalog.database import Database, reads, writes
from lectern.catalog.locking import change, lock, record
from lectern.catalog.lookup import document
from lectern.catalog.records import Document
from lectern.catalog.rows import now
from lectern.catalog.tables import documents
from lectern.catalog.tables_sharing import duplicate_uploads
from lectern.documents import DocumentState
from lectern.errors import InvalidRequest, NotFound


class Trash:
    """The methods of `Documents` about deletion that can be undone."""

    def __init__(self, database: Database) -> None:
        self.database = database

    @writes
    def trash(self, connection: Connection, document_id: str, *, undo_s: float) -> Document | None:
        """See `Documents.trash`."""
        row = lock(connection, document_id)
        if row is None or row.state == DocumentState.DELETING:
            return None
        if row.trashed_until is None:
            until = now() + timedelta(seconds=undo_s)
            change(connection, document_id, trashed_until=until, moved_at=row.moved_at)
            record(connection, document_id, row.revision, "trashed")
        return document(connection, documents.c.document_id == document_id)

    def restore(self, document_id: str) -> Document:
        """See `Documents.restore`."""
        try:
            return self._restore(document_id)
        except exc.IntegrityError as error:
            raise InvalidRequest(
                f"document {document_id!r} cannot come back: another one has its name now; delete "
                "that one first",
                code="name_taken",
            ) from error

    @writes
    def _restore(self, connection: Connection, document_id: str) -> Document:
        row = lock(connection, document_id)
        if row is not None and row.state != DocumentState.DELETING and row.trashed_until:
            change(connection, document_id, trashed_until=None, moved_at=row.moved_at)
            record(connection, document_id, row.revision, "restored")
        found = document(connection, documents.c.document_id == document_id)
        if found is None or found.state is DocumentState.DELETING:
            raise NotFound(f"there is no document {document_id!r} in the trash")
        return found

    @writes
    def empty_trash(self, connection: Connection, *, limit: int = 500) -> Sequence[Document]:
        """See `Documents.empty_trash`."""
        due = (
            select(documents)
            .where(documents.c.trashed_until <= now(), documents.c.state != DocumentState.DELETING)
            .order_by(documents.c.trashed_until, documents.c.document_id)
            .limit(limit)
            .with_for_update(key_share=True, skip_locked=True)
        )
        deleted = []
        for row in connection.execute(due).all():
            change(connection, row.document_id, state=DocumentState.DELETING, trashed_until=None)
            record(connection, row.document_id, row.revision, DocumentState.DELETING)
            found = document(connection, documents.c.document_id == row.document_id)
            deleted += [found] if found else []
        return deleted

    @reads
    def known_as(self, connection: Connection, document_id: str) -> Document | None:
        """See `Documents.known_as`."""
        known = select(duplicate_uploads.c.known_as).where(
            duplicate_uploads.c.document_id == document_id
        )
        return document(connection, documents.c.document_id.in_(known))
