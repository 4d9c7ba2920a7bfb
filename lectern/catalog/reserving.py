"""Reserving: a document's row for a name, and the next revision of it."""

from typing import Any

from sqlalchemy import Connection, Row, select
from sqlalchemy.dialects import postgresql, sqlite

from lectern.catalog.locking import change, lock
from lectern.catalog.records import Reservation
from lectern.catalog.rows import now
from lectern.catalog.tables import collections, documents, revisions
from lectern.documents import DocumentState, upload_key
from lectern.errors import Busy, InvalidRequest, NotFound


def hold_collection(connection: Connection, collection_id: str) -> None:
    """Keep the collection from being deleted until the transaction ends."""
    held = (
        select(collections.c.collection_id)
        .where(collections.c.collection_id == collection_id)
        .with_for_update(read=True, key_share=True)
    )
    if connection.execute(held).first() is None:
        raise NotFound(f"there is no collection {collection_id!r}")


def insert_unless_there(connection: Connection, **values: Any) -> None:
    """Insert a document; one of that id or living name that is there (or comes first) stays."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    connection.execute(dialect.insert(documents).values(**values).on_conflict_do_nothing())


def id_taken(connection: Connection, document_id: str) -> Busy | InvalidRequest:
    """Return the error of an id chosen for a new document that another document has."""
    row = lock(connection, document_id)
    gone = row is None or row.state == DocumentState.DELETING or row.trashed_until
    if not gone:
        return InvalidRequest(f"document {document_id!r} has another name; choose another id")
    return Busy(f"document {document_id!r} is being deleted; try again when it is gone")


def living(connection: Connection, collection_id: str, name: str) -> Row[Any] | None:
    """Return the locked row of that name's document, or None; one being deleted does not count."""
    return connection.execute(
        select(documents)
        .where(
            documents.c.collection_id == collection_id,
            documents.c.name == name,
            documents.c.state != DocumentState.DELETING,
            documents.c.trashed_until.is_(None),
        )
        .with_for_update(key_share=True)
    ).first()


def next_revision(
    connection: Connection, row: Row[Any], *, again: bool = False, **values: Any
) -> Reservation:
    """Reserve the next revision of a locked document; numbers are never given twice."""
    revision = row.last_revision + 1
    reservation = Reservation(
        row.document_id,
        revision,
        upload_key(row.collection_id, row.document_id, revision, row.name),
    )
    connection.execute(
        revisions.insert().values(
            document_id=row.document_id,
            revision=revision,
            object_key=reservation.object_key,
            again=again,
            reserved_at=now(),
            **values,
        )
    )
    current = revision if row.state == DocumentState.AWAITING_UPLOAD else row.revision
    change(
        connection,
        row.document_id,
        last_revision=revision,
        revision=current,
        moved_at=row.moved_at,  # the current revision has not moved
    )
    return reservation
