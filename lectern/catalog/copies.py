"""Bytes that come under a new name, while another document of the collection has them already."""

from typing import Any

from sqlalchemy import Connection, Row, and_, delete, insert, select

from lectern.catalog.database import take_turns
from lectern.catalog.lookup import document
from lectern.catalog.records import Document
from lectern.catalog.tables import documents, revisions
from lectern.catalog.tables_sharing import duplicate_uploads
from lectern.documents import DocumentState

_WITHOUT_USE = (DocumentState.DELETING, DocumentState.AWAITING_UPLOAD, DocumentState.FAILED)


def holder_of(connection: Connection, row: Row[Any], sha256: str) -> Document | None:
    """Return the collection's oldest other document whose current revision has these bytes.

    Of several uploads of the same bytes at once, one is confirmed first and the others find it.
    A document that failed, is in the trash or goes does not count.
    """
    take_turns(connection, f"bytes.{row.collection_id}.{sha256}")
    oldest = (
        select(documents.c.document_id)
        .join(
            revisions,
            and_(
                revisions.c.document_id == documents.c.document_id,
                revisions.c.revision == documents.c.revision,
            ),
        )
        .where(
            revisions.c.sha256 == sha256,
            documents.c.collection_id == row.collection_id,
            documents.c.document_id != row.document_id,
            documents.c.state.not_in(_WITHOUT_USE),
            documents.c.trashed_until.is_(None),
        )
        .order_by(documents.c.created_at, documents.c.document_id)
        .limit(1)
    )
    return document(connection, documents.c.document_id == oldest.scalar_subquery())


def give_up_copy(connection: Connection, row: Row[Any], revision: int, original: Document) -> None:
    """Forget the reserved revision and remember whose bytes it brought.

    The document goes with it, unless others are sending bytes for it as well.
    """
    mine = revisions.c.document_id == row.document_id
    connection.execute(delete(revisions).where(mine, revisions.c.revision == revision))
    others = select(revisions.c.revision).where(mine).order_by(revisions.c.revision.desc())
    last = connection.execute(others.limit(1)).scalar()
    if last is not None:
        connection.execute(
            documents.update()
            .where(documents.c.document_id == row.document_id)
            .values(revision=last)
        )
        return
    connection.execute(delete(documents).where(documents.c.document_id == row.document_id))
    connection.execute(
        insert(duplicate_uploads).values(document_id=row.document_id, known_as=original.document_id)
    )
