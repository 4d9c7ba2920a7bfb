"""The states a document goes through, and how it leaves."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from lectern.catalog.database import Database, writes
from lectern.catalog.locking import change, change_revision, lock, lock_revision, record
from lectern.catalog.lookup import document, parts_of
from lectern.catalog.records import Document, Failure
from lectern.catalog.spelling import composed, storable
from lectern.catalog.tables import document_tags, documents, parts
from lectern.documents import DocumentState, PartState
from lectern.errors import InvalidRequest

_TAG_MAX = 200
_METADATA_MAX = 100
_BEYOND_FAILURE = {DocumentState.INDEXED, DocumentState.READY, DocumentState.FAILED}


class Progress:
    """The methods of `Documents` that move a document as a whole."""

    def __init__(self, database: Database) -> None:
        self.database = database

    @writes
    def edit(
        self,
        connection: Connection,
        document_id: str,
        *,
        tags: Sequence[str] | None = None,
        add_tags: Sequence[str] = (),
        remove_tags: Sequence[str] = (),
        metadata: Mapping[str, str | None] | None = None,
    ) -> Document | None:
        """See `Documents.edit`."""
        row = lock(connection, document_id)
        found = document(connection, documents.c.document_id == document_id)
        if row is None or found is None:
            return None
        if tags is not None or add_tags or remove_tags:
            unwanted = set(map(composed, remove_tags))
            wanted = map(composed, [*(found.tags if tags is None else tags), *add_tags])
            replace_tags(connection, document_id, [tag for tag in wanted if tag not in unwanted])
        if metadata:
            merged = _merged(found.metadata, metadata)
            change(connection, document_id, metadata=merged, moved_at=row.moved_at)
        return document(connection, documents.c.document_id == document_id)

    @writes
    def begin_parsing(
        self, connection: Connection, document_id: str, revision: int
    ) -> Document | None:
        """See `Documents.begin_parsing`; also a failed revision stays what it is."""
        row = lock_revision(connection, document_id, revision)
        if row is None:
            return None
        if row.state == DocumentState.UPLOADED:
            move(connection, row, DocumentState.PARSING)
        else:
            change(connection, document_id)
        return document(connection, documents.c.document_id == document_id)

    @writes
    def finish(self, connection: Connection, document_id: str, revision: int) -> bool:
        """See `Documents.finish`; return whether the revision is `ready` now."""
        row = lock_revision(connection, document_id, revision)
        if row is None:
            return False
        if row.state == DocumentState.READY:
            return True
        empty = row.state == DocumentState.PARSING and not parts_of(
            connection, document_id, revision
        )
        if row.state != DocumentState.INDEXED and not empty:
            return False
        move(connection, row, DocumentState.READY)
        return True

    @writes
    def fail(
        self, connection: Connection, document_id: str, revision: int, failure: Failure
    ) -> bool:
        """See `Documents.fail`."""
        row = lock_revision(connection, document_id, revision)
        if row is None or row.state in _BEYOND_FAILURE:
            return False
        detail = storable(failure.detail)
        change_revision(
            connection,
            document_id,
            revision,
            failed_stage=failure.stage,
            failed_code=failure.code,
            failed_detail=detail,
        )
        move(connection, row, DocumentState.FAILED, f"{failure.stage}: {detail}")
        return True

    @writes
    def retry(self, connection: Connection, document_id: str, revision: int) -> Document | None:
        """See `Documents.retry`.

        Embedded parts of a revision that has others are kept and only the rest is done again;
        where that tells nothing apart, the revision begins anew.
        """
        row = lock_revision(connection, document_id, revision)
        if row is None or row.state != DocumentState.FAILED:
            return None
        mine = (parts.c.document_id == document_id) & (parts.c.revision == revision)
        states = set(connection.execute(select(parts.c.state).where(mine)).scalars())
        if PartState.EMBEDDED in states and len(states) > 1:
            connection.execute(
                update(parts)
                .where(mine, parts.c.state != PartState.EMBEDDED)
                .values(state=PartState.ASSIGNED, chunks_key="", chunk_count=0)
            )
        else:
            connection.execute(delete(parts).where(mine))
            change_revision(
                connection,
                document_id,
                revision,
                **dict.fromkeys(("pages", "chunks", "parts", "parts_done", "parts_graphed"), 0),
            )
        move(connection, row, DocumentState.UPLOADED, "tried again")
        return document(connection, documents.c.document_id == document_id)

    @writes
    def request_deletion(self, connection: Connection, document_id: str) -> Document | None:
        """See `Documents.request_deletion`."""
        row = lock(connection, document_id)
        if row is None:
            return None
        if row.state != DocumentState.DELETING:
            change(connection, document_id, trashed_until=None)
            move(connection, row, DocumentState.DELETING)
        return document(connection, documents.c.document_id == document_id)

    @writes
    def forget(self, connection: Connection, document_id: str) -> None:
        """See `Documents.forget`; a document that is not being deleted stays."""
        connection.execute(
            delete(documents).where(
                documents.c.document_id == document_id,
                documents.c.state == DocumentState.DELETING,
            )
        )

    @writes
    def touch(self, connection: Connection, document_id: str) -> None:
        """See `Documents.touch`."""
        change(connection, document_id)


def _merged(fields: Mapping[str, str], changes: Mapping[str, str | None]) -> Mapping[str, str]:
    merged = {
        storable(key): storable(value)
        for key, value in {**fields, **changes}.items()
        if value is not None
    }
    if len(merged) > _METADATA_MAX:
        raise InvalidRequest(f"a document has at most {_METADATA_MAX} fields of metadata")
    return merged


def move(connection: Connection, row: Row[Any], state: DocumentState, detail: str = "") -> None:
    """Move the document to `state` and say so in its timeline."""
    change(connection, row.document_id, state=state)
    record(connection, row.document_id, row.revision, state, detail)


def replace_tags(connection: Connection, document_id: str, tags: Sequence[str]) -> None:
    """Make `tags` the document's, in their order, each once.

    Raises:
        InvalidRequest: One is too long.
    """
    connection.execute(delete(document_tags).where(document_tags.c.document_id == document_id))
    unique = [tag for tag in dict.fromkeys(map(composed, tags)) if tag]
    if any(len(tag) > _TAG_MAX for tag in unique):
        raise InvalidRequest(f"a tag has at most {_TAG_MAX} characters; choose shorter ones")
    if unique:
        connection.execute(
            insert(document_tags),
            [
                {"document_id": document_id, "tag": tag, "position": position}
                for position, tag in enumerate(unique)
            ],
        )
