"""The row of a document under lock: where every change of a document begins.

All changes of one document take their turn on its row (FOR NO KEY UPDATE), so that scatter, gather,
upload and deletion can be written as if they were alone.
"""

from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from lectern.catalog.rows import now
from lectern.catalog.spelling import storable
from lectern.catalog.tables import document_events, documents, revisions
from lectern.documents import DocumentState


def lock(connection: Connection, document_id: str) -> Row[Any] | None:
    """Return the row of `documents` under lock until the transaction ends, or None."""
    return connection.execute(
        select(documents)
        .where(documents.c.document_id == document_id)
        .with_for_update(key_share=True)
    ).first()


def lock_revision(connection: Connection, document_id: str, revision: int) -> Row[Any] | None:
    """Return the document's locked row if work on `revision` still counts, else None.

    It does not when the document is gone, is being deleted, has a newer revision, or the
    revision's bytes were never confirmed.
    """
    row = lock(connection, document_id)
    if row is None or row.revision != revision:
        return None
    unworkable = {DocumentState.DELETING, DocumentState.AWAITING_UPLOAD}
    return None if row.state in unworkable else row


def upload_of(connection: Connection, document_id: str, revision: int) -> Row[Any] | None:
    """Return the row of `revisions`, or None."""
    return connection.execute(
        select(revisions).where(
            revisions.c.document_id == document_id, revisions.c.revision == revision
        )
    ).first()


def change(connection: Connection, document_id: str, **values: Any) -> None:
    """Change the document and note that it moved."""
    connection.execute(
        update(documents)
        .where(documents.c.document_id == document_id)
        .values(**({"moved_at": now()} | values))
    )


def change_revision(connection: Connection, document_id: str, revision: int, **values: Any) -> None:
    """Change a revision."""
    connection.execute(
        update(revisions)
        .where(revisions.c.document_id == document_id, revisions.c.revision == revision)
        .values(**values)
    )


def record(
    connection: Connection, document_id: str, revision: int, stage: str, detail: str = ""
) -> None:
    """Add a line to the document's timeline."""
    connection.execute(
        insert(document_events).values(
            document_id=document_id,
            revision=revision,
            at=now(),
            stage=stage,
            detail=storable(detail),
        )
    )
