"""From a reserved revision to a confirmed one: uploads, replacements and reprocessing."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Row, delete, func, select

from lectern.catalog.copies import give_up_copy, holder_of
from lectern.catalog.database import Database, reads, writes
from lectern.catalog.locking import change, change_revision, lock, record, upload_of
from lectern.catalog.lookup import document
from lectern.catalog.port_usage import Used
from lectern.catalog.progress import replace_tags
from lectern.catalog.records import Document, Registration, Reservation
from lectern.catalog.reserving import (
    hold_collection,
    id_taken,
    insert_unless_there,
    living,
    next_revision,
)
from lectern.catalog.rows import now
from lectern.catalog.spelling import composed, folded, storable
from lectern.catalog.tables import documents, parts, revisions
from lectern.catalog.usage import count
from lectern.documents import DocumentState, new_id
from lectern.errors import InvalidRequest, NotFound

_NAME_MAX_BYTES = 2000  # an entry of PostgreSQL's index on names holds 2,704
_CONTENT_TYPE_MAX = 200


class Uploads:
    """The methods of `Documents` about bytes that come, or do not."""

    def __init__(self, database: Database) -> None:
        self.database = database

    @writes
    def reserve(
        self,
        connection: Connection,
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
        """See `Documents.reserve`.

        Tags and metadata become the document's when the revision is confirmed; without any, a
        document keeps what it has.

        Raises:
            NotFound: There is no such collection.
            Busy: The document of the given `document_id` is being deleted.
        """
        name = composed(name)
        if not name or len(name.encode()) > _NAME_MAX_BYTES:
            raise InvalidRequest(f"a document needs a name of 1 to {_NAME_MAX_BYTES} bytes")
        hold_collection(connection, collection_id)
        insert_unless_there(
            connection,
            document_id=document_id or new_id(),
            collection_id=collection_id,
            owner_id=owner_id,
            name=name,
            name_folded=folded(name),
            state=DocumentState.AWAITING_UPLOAD,
            revision=0,
            last_revision=0,
            metadata={},
            parent_id=parent_id,
            created_at=now(),
            moved_at=now(),
        )
        row = living(connection, collection_id, name)
        if row is None:
            raise id_taken(connection, document_id)
        return next_revision(
            connection,
            row,
            content_type=storable(content_type)[:_CONTENT_TYPE_MAX],
            tags=[*dict.fromkeys(map(composed, tags))],
            metadata=dict(metadata or {}),
            copy_allowed=allow_copy,
        )

    @writes
    def confirm(
        self,
        connection: Connection,
        document_id: str,
        revision: int,
        *,
        size_bytes: int,
        sha256: str,
    ) -> Registration:
        """See `Documents.confirm`."""
        row = lock(connection, document_id)
        upload = upload_of(connection, document_id, revision)
        if row is None or row.state == DocumentState.DELETING:
            raise _not_reserved(document_id, revision)
        if upload is None:
            return _discarded_before(connection, row, revision, sha256)
        if upload.confirmed_at is not None:
            if sha256 and not upload.sha256:  # announced by a store that knows no digest
                change_revision(connection, document_id, revision, sha256=sha256)
            return Registration(
                _current(connection, document_id),
                duplicate=False,
                superseded=revision < row.revision,
            )
        confirmed = row.state != DocumentState.AWAITING_UPLOAD
        if not confirmed and not upload.copy_allowed and sha256:
            original = holder_of(connection, row, sha256)
            if original is not None:
                give_up_copy(connection, row, revision, original)
                return Registration(original, duplicate=True, under_another_name=True)
        change_revision(
            connection,
            document_id,
            revision,
            confirmed_at=now(),
            size_bytes=size_bytes,
            sha256=sha256,
        )
        if confirmed and revision < row.revision:
            record(connection, document_id, revision, "superseded", f"by revision {row.revision}")
            return Registration(_current(connection, document_id), duplicate=False, superseded=True)
        if confirmed and not upload.again and _holds(connection, row, sha256):
            _forget_revision(connection, document_id, revision)
            _describe(connection, upload)
            record(connection, document_id, revision, "duplicate", "the bytes were already there")
            return Registration(_current(connection, document_id), duplicate=True)
        _make_current(connection, row, revision)
        _describe(connection, upload)
        record(connection, document_id, revision, DocumentState.UPLOADED)
        if not upload.again:
            used = Used(documents=1, size_bytes=size_bytes)
            count(connection, row.owner_id, row.collection_id, used)
        return Registration(_current(connection, document_id), duplicate=False)

    @reads
    def reserved(
        self, connection: Connection, document_id: str, revision: int
    ) -> Reservation | None:
        """See `Documents.reserved`."""
        upload = upload_of(connection, document_id, revision)
        if upload is None or upload.confirmed_at is not None:
            return None
        return Reservation(document_id, revision, upload.object_key)

    @writes
    def discard(self, connection: Connection, document_id: str, revision: int) -> None:
        """See `Documents.discard`."""
        row = lock(connection, document_id)
        upload = upload_of(connection, document_id, revision)
        if row is None or upload is None or upload.confirmed_at is not None:
            return
        _forget_revision(connection, document_id, revision)
        if row.state != DocumentState.AWAITING_UPLOAD:
            return
        last = connection.execute(
            select(func.max(revisions.c.revision)).where(revisions.c.document_id == document_id)
        ).scalar()
        if last is None:
            connection.execute(delete(documents).where(documents.c.document_id == document_id))
        else:
            change(connection, document_id, revision=last)

    @writes
    def reserve_again(
        self, connection: Connection, document_id: str
    ) -> tuple[Document, Reservation]:
        """See `Documents.reserve_again`; such a revision is never a duplicate when confirmed."""
        row = lock(connection, document_id)
        without_content = {DocumentState.DELETING, DocumentState.AWAITING_UPLOAD}
        if row is None or row.state in without_content or row.trashed_until:
            raise NotFound(f"there is no document {document_id!r} with content")
        current = _current(connection, document_id)
        reservation = next_revision(
            connection, row, content_type=current.content_type, tags=[], metadata={}, again=True
        )
        return current, reservation

    @reads
    def abandoned_uploads(
        self, connection: Connection, *, older_than_s: float
    ) -> Sequence[Reservation]:
        """See `Documents.abandoned_uploads`; the oldest first."""
        query = (
            select(revisions.c.document_id, revisions.c.revision, revisions.c.object_key)
            .join(documents, documents.c.document_id == revisions.c.document_id)
            .where(
                revisions.c.confirmed_at.is_(None),
                revisions.c.reserved_at <= now() - timedelta(seconds=older_than_s),
                documents.c.state != DocumentState.DELETING,
            )
            .order_by(revisions.c.reserved_at)
        )
        return [Reservation(*row) for row in connection.execute(query)]


def _discarded_before(
    connection: Connection, row: Row[Any], revision: int, sha256: str
) -> Registration:
    """Answer the repeat of a confirmation that found a duplicate."""
    if revision <= row.last_revision and _holds(connection, row, sha256):
        return Registration(_current(connection, row.document_id), duplicate=True)
    raise _not_reserved(row.document_id, revision)


def _holds(connection: Connection, row: Row[Any], sha256: str) -> bool:
    """Whether the current revision has these bytes and needs no second try at them."""
    if row.state in {DocumentState.AWAITING_UPLOAD, DocumentState.FAILED} or not sha256:
        return False
    current = upload_of(connection, row.document_id, row.revision)
    return current is not None and current.sha256 == sha256


def _make_current(connection: Connection, row: Row[Any], revision: int) -> None:
    """Let work on older revisions count no more; their rows stay, their parts go."""
    connection.execute(
        delete(parts).where(parts.c.document_id == row.document_id, parts.c.revision < revision)
    )
    change(connection, row.document_id, revision=revision, state=DocumentState.UPLOADED)


def _describe(connection: Connection, upload: Row[Any]) -> None:
    if upload.tags:
        replace_tags(connection, upload.document_id, upload.tags)
    if upload.metadata:
        change(connection, upload.document_id, metadata=upload.metadata)


def _forget_revision(connection: Connection, document_id: str, revision: int) -> None:
    connection.execute(
        delete(revisions).where(
            revisions.c.document_id == document_id, revisions.c.revision == revision
        )
    )


def _current(connection: Connection, document_id: str) -> Document:
    found = document(connection, documents.c.document_id == document_id)
    if found is None:
        raise _not_reserved(document_id, 0)
    return found


def _not_reserved(document_id: str, revision: int) -> NotFound:
    return NotFound(f"nothing is reserved as revision {revision} of document {document_id!r}")
