"""Documents whose index or objects do not hold what the catalog says: they begin again."""

from datetime import UTC, datetime

from sqlalchemy import Connection, delete

from lectern.catalog.database import Database, writes
from lectern.catalog.gathering import move_back
from lectern.catalog.locking import change, change_revision, lock_revision
from lectern.catalog.lookup import document
from lectern.catalog.progress import move
from lectern.catalog.records import Document
from lectern.catalog.tables import documents, parts
from lectern.documents import DocumentState

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_COUNTS = ("pages", "chunks", "parts", "parts_done", "parts_graphed")


class Healing:
    """The method of `Documents` for what a restore has left incomplete."""

    def __init__(self, database: Database) -> None:
        self.database = database

    @writes
    def begin_again(
        self, connection: Connection, document_id: str, revision: int, *, parsed: bool
    ) -> Document | None:
        """See `Documents.begin_again`."""
        row = lock_revision(connection, document_id, revision)
        if row is None:
            return None
        if not (parsed and move_back(connection, document_id)):
            mine = (parts.c.document_id == document_id) & (parts.c.revision == revision)
            connection.execute(delete(parts).where(mine))
            change_revision(connection, document_id, revision, **dict.fromkeys(_COUNTS, 0))
            move(connection, row, DocumentState.UPLOADED, "indexed again")
        change(connection, document_id, moved_at=_LONG_AGO)
        return document(connection, documents.c.document_id == document_id)
