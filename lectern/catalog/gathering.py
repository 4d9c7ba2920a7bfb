"""Scatter and gather: the parts of a revision, and who completes it.

Everything here runs under the lock of the document's row, so the counters need no cleverness.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, insert, select, update

from lectern.catalog.database import Database, writes
from lectern.catalog.locking import change, change_revision, lock_revision, upload_of
from lectern.catalog.lookup import document, parts_of
from lectern.catalog.progress import move
from lectern.catalog.records import Document, Part, PartPlan
from lectern.catalog.rows import part_of
from lectern.catalog.tables import documents, parts
from lectern.documents import DocumentState, PartState

_BEFORE_EMBEDDING = {DocumentState.UPLOADED, DocumentState.PARSING}
_SEARCHABLE = {DocumentState.INDEXED, DocumentState.READY}


class Gathering:
    """The methods of `Documents` about parts."""

    def __init__(self, database: Database) -> None:
        self.database = database

    @writes
    def plan_parts(
        self,
        connection: Connection,
        document_id: str,
        revision: int,
        plans: Sequence[PartPlan],
        *,
        pages: int,
    ) -> Sequence[Part] | None:
        """See `Documents.plan_parts`; a plan without parts makes the revision `indexed`."""
        row = lock_revision(connection, document_id, revision)
        if row is None:
            return None
        known = parts_of(connection, document_id, revision)
        if known or row.state in _SEARCHABLE:
            change(connection, document_id)
            return known
        planned = [_planned(document_id, revision, plan) for plan in plans]
        if planned:
            connection.execute(insert(parts), planned)
        change_revision(
            connection,
            document_id,
            revision,
            pages=pages,
            parts=len(plans),
            chunks=sum(plan.chunk_count for plan in plans),
        )
        if not plans:
            move(connection, row, DocumentState.INDEXED, "nothing to index")
        elif all(plan.chunks_key for plan in plans):
            move(connection, row, DocumentState.EMBEDDING, _counted(len(plans), pages))
        else:
            move(connection, row, DocumentState.PARSING, _counted(len(plans), pages))
        return parts_of(connection, document_id, revision)

    @writes
    def part_parsed(
        self,
        connection: Connection,
        document_id: str,
        revision: int,
        part: int,
        *,
        chunks_key: str,
        chunk_count: int,
    ) -> bool:
        """See `Documents.part_parsed`."""
        row = lock_revision(connection, document_id, revision)
        found = _part(connection, document_id, revision, part)
        if row is None or found is None:
            return False
        if found.state is PartState.ASSIGNED:
            _change_part(
                connection,
                found,
                state=PartState.PARSED,
                chunks_key=chunks_key,
                chunk_count=chunk_count,
            )
        chunks = _tally(connection, document_id, revision, func.sum(parts.c.chunk_count))
        change_revision(connection, document_id, revision, chunks=chunks)
        assigned = _count(connection, document_id, revision, state=PartState.ASSIGNED)
        if not assigned and row.state in _BEFORE_EMBEDDING:
            move(connection, row, DocumentState.EMBEDDING)
        else:
            change(connection, document_id)
        return True

    @writes
    def part_embedded(
        self, connection: Connection, document_id: str, revision: int, part: int
    ) -> bool:
        """See `Documents.part_embedded`.

        A revision that was marked failed meanwhile is completed all the same: it can be found.
        """
        row = lock_revision(connection, document_id, revision)
        found = _part(connection, document_id, revision, part)
        if row is None or found is None or found.state is PartState.EMBEDDED:
            return False
        _change_part(connection, found, state=PartState.EMBEDDED)
        upload = upload_of(connection, document_id, revision)
        done = _count(connection, document_id, revision, state=PartState.EMBEDDED)
        change_revision(connection, document_id, revision, parts_done=done)
        if upload is None or done < upload.parts or row.state in _SEARCHABLE:
            change(connection, document_id)
            return False
        move(connection, row, DocumentState.INDEXED, _counted(upload.parts, upload.pages))
        return True

    @writes
    def part_graphed(
        self, connection: Connection, document_id: str, revision: int, part: int
    ) -> bool:
        """See `Documents.part_graphed`."""
        row = lock_revision(connection, document_id, revision)
        found = _part(connection, document_id, revision, part)
        if row is None or found is None:
            return False
        _change_part(connection, found, graphed=True)
        graphed = _count(connection, document_id, revision, graphed=True)
        change_revision(connection, document_id, revision, parts_graphed=graphed)
        change(connection, document_id)
        return True

    @writes
    def begin_reembedding(self, connection: Connection, collection_id: str) -> Sequence[Document]:
        """See `Documents.begin_reembedding`."""
        moved = []
        candidates = select(documents.c.document_id).where(
            documents.c.collection_id == collection_id,
            documents.c.state.not_in([DocumentState.DELETING, DocumentState.AWAITING_UPLOAD]),
        )
        for document_id in connection.execute(candidates.order_by("document_id")).scalars().all():
            changed = move_back(connection, document_id)
            if changed is not None:
                moved.append(changed)
        return moved


def move_back(connection: Connection, document_id: str) -> Document | None:
    """Have every embedded part of the document embedded anew; None if none was ever parsed."""
    current = document(connection, documents.c.document_id == document_id)
    if current is None:
        return None
    row = lock_revision(connection, document_id, current.revision)
    if row is None:
        return None
    known = parts_of(connection, document_id, row.revision)
    if not any(part.state is not PartState.ASSIGNED for part in known):
        return None
    connection.execute(
        update(parts)
        .where(
            parts.c.document_id == document_id,
            parts.c.revision == row.revision,
            parts.c.state == PartState.EMBEDDED,
        )
        .values(state=PartState.PARSED)
    )
    connection.execute(
        update(parts)
        .where(parts.c.document_id == document_id, parts.c.revision == row.revision)
        .values(graphed=False)
    )
    change_revision(connection, document_id, row.revision, parts_done=0, parts_graphed=0)
    if row.state in _SEARCHABLE:
        move(connection, row, DocumentState.EMBEDDING, "embedded anew")
    return document(connection, documents.c.document_id == document_id)


def _planned(document_id: str, revision: int, plan: PartPlan) -> dict[str, Any]:
    return {
        "document_id": document_id,
        "revision": revision,
        "part": plan.part,
        "first_page": plan.first_page,
        "last_page": plan.last_page,
        "state": PartState.PARSED if plan.chunks_key else PartState.ASSIGNED,
        "chunks_key": plan.chunks_key,
        "chunk_count": plan.chunk_count,
        "graphed": False,
    }


def _part(connection: Connection, document_id: str, revision: int, part: int) -> Part | None:
    row = connection.execute(
        select(parts).where(
            parts.c.document_id == document_id,
            parts.c.revision == revision,
            parts.c.part == part,
        )
    ).first()
    return part_of(row) if row else None


def _change_part(connection: Connection, part: Part, **values: Any) -> None:
    connection.execute(
        update(parts)
        .where(
            parts.c.document_id == part.document_id,
            parts.c.revision == part.revision,
            parts.c.part == part.part,
        )
        .values(**values)
    )


def _count(connection: Connection, document_id: str, revision: int, **values: Any) -> int:
    """Return how many parts of the revision have these values."""
    alike = [parts.c[name] == value for name, value in values.items()]
    return _tally(connection, document_id, revision, func.count(), *alike)


def _tally(
    connection: Connection,
    document_id: str,
    revision: int,
    aggregate: ColumnElement[int],
    *conditions: ColumnElement[bool],
) -> int:
    """Return an aggregate over those parts of the revision that meet the conditions."""
    query = select(aggregate).where(
        parts.c.document_id == document_id, parts.c.revision == revision, *conditions
    )
    return int(connection.execute(query).scalar() or 0)


def _counted(number_of_parts: int, pages: int) -> str:
    return f"{number_of_parts} parts, {pages} pages"
