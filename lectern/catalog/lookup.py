"""Reading documents: one, a page of them, their timeline, and those that stopped moving."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, func, or_, select

from lectern.catalog.database import Database, reads
from lectern.catalog.ordering import cursor_behind, ordered
from lectern.catalog.records import Document, Part, StageEntry
from lectern.catalog.rows import document_of, entry_of, now, part_of
from lectern.catalog.spelling import composed, folded
from lectern.catalog.tables import document_events, document_tags, documents, parts, revisions
from lectern.documents import DocumentSort, DocumentState

_HIDDEN = (DocumentState.DELETING, DocumentState.AWAITING_UPLOAD)
_MOVING = tuple(s for s in DocumentState if not s.terminal and s is not s.AWAITING_UPLOAD)
_UPLOAD_COLUMNS = [
    column for column in revisions.c if column.name not in {"document_id", "revision", "metadata"}
]


class Lookup:
    """The reading methods of `Documents`."""

    def __init__(self, database: Database) -> None:
        self.database = database

    @reads
    def get(self, connection: Connection, document_id: str) -> Document | None:
        """See `Documents.get`."""
        return document(connection, documents.c.document_id == document_id)

    @reads
    def find(self, connection: Connection, collection_id: str, name: str) -> Document | None:
        """See `Documents.find`."""
        return document(
            connection,
            documents.c.collection_id == collection_id,
            documents.c.name == composed(name),
            documents.c.state != DocumentState.DELETING,
            documents.c.trashed_until.is_(None),
        )

    @reads
    def list(
        self,
        connection: Connection,
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
        """See `Documents.list`; any of the tags matches, and names match whatever their case."""
        query = _joined().where(documents.c.collection_id == collection_id)
        if trashed is not None:
            in_trash = documents.c.trashed_until.is_not(None)
            query = query.where(in_trash if trashed else ~in_trash)
        if states:
            query = query.where(documents.c.state.in_(states))
        else:
            query = query.where(documents.c.state.not_in(_HIDDEN))
        if name_contains:
            found = documents.c.name_folded.contains(folded(name_contains), autoescape=True)
            query = query.where(found)
        if tags:
            tagged = select(document_tags.c.document_id).where(document_tags.c.tag.in_(tags))
            query = query.where(documents.c.document_id.in_(tagged))
        if parent_id:
            query = query.where(documents.c.parent_id == parent_id)
        rows = connection.execute(ordered(query, sort, cursor).limit(limit + 1)).all()
        page = rows[:limit]
        further = cursor_behind(page[-1], sort) if len(rows) > limit else ""
        return _with_tags(connection, page), further

    @reads
    def tags(
        self, connection: Connection, collection_id: str, *, limit: int
    ) -> Sequence[tuple[str, int]]:
        """See `Documents.tags`."""
        count = func.count().label("documents")
        query = (
            select(document_tags.c.tag, count)
            .join(documents, documents.c.document_id == document_tags.c.document_id)
            .where(
                documents.c.collection_id == collection_id,
                documents.c.state.not_in(_HIDDEN),
                documents.c.trashed_until.is_(None),
            )
            .group_by(document_tags.c.tag)
            .order_by(count.desc(), document_tags.c.tag)
            .limit(limit)
        )
        return [(row.tag, row.documents) for row in connection.execute(query)]

    @reads
    def timeline(self, connection: Connection, document_id: str) -> Sequence[StageEntry]:
        """See `Documents.timeline`."""
        query = select(document_events).where(document_events.c.document_id == document_id)
        return [entry_of(row) for row in connection.execute(query.order_by("entry"))]

    @reads
    def parts(self, connection: Connection, document_id: str, revision: int) -> Sequence[Part]:
        """See `Documents.parts`."""
        return parts_of(connection, document_id, revision)

    @reads
    def part(
        self, connection: Connection, document_id: str, revision: int, part: int
    ) -> Part | None:
        """See `Documents.part`."""
        row = connection.execute(
            select(parts)
            .join(
                documents,
                and_(
                    documents.c.document_id == parts.c.document_id,
                    documents.c.revision == parts.c.revision,
                    documents.c.state != DocumentState.DELETING,
                ),
            )
            .where(
                parts.c.document_id == document_id,
                parts.c.revision == revision,
                parts.c.part == part,
            )
        ).first()
        return part_of(row) if row else None

    @reads
    def unmoved(
        self, connection: Connection, *, older_than_s: float, limit: int = 500
    ) -> Sequence[Document]:
        """See `Documents.unmoved`."""
        without_graph = and_(
            documents.c.state == DocumentState.READY,
            revisions.c.parts_graphed < revisions.c.parts,
        )
        query = (
            _joined()
            .where(
                or_(documents.c.state.in_(_MOVING), without_graph),
                documents.c.moved_at <= now() - timedelta(seconds=older_than_s),
            )
            .order_by(documents.c.moved_at, documents.c.document_id)
            .limit(limit)
        )
        return _with_tags(connection, connection.execute(query).all())

    @reads
    def counts(self, connection: Connection) -> Mapping[DocumentState, int]:
        """See `Documents.counts`."""
        query = select(documents.c.state, func.count()).group_by(documents.c.state)
        return {DocumentState(state): number for state, number in connection.execute(query)}


def document(connection: Connection, *conditions: ColumnElement[bool]) -> Document | None:
    """Return the document that meets the conditions, at its current revision, or None."""
    rows = connection.execute(_joined().where(*conditions).limit(1)).all()
    return next(iter(_with_tags(connection, rows)), None)


def parts_of(connection: Connection, document_id: str, revision: int) -> Sequence[Part]:
    """Return the parts of a revision in order."""
    query = select(parts).where(parts.c.document_id == document_id, parts.c.revision == revision)
    return [part_of(row) for row in connection.execute(query.order_by(parts.c.part))]


def _joined() -> Select[Any]:
    return select(documents, *_UPLOAD_COLUMNS).join(
        revisions,
        and_(
            revisions.c.document_id == documents.c.document_id,
            revisions.c.revision == documents.c.revision,
        ),
    )


def _with_tags(connection: Connection, rows: Sequence[Row[Any]]) -> Sequence[Document]:
    tags: defaultdict[str, list[str]] = defaultdict(list)
    if rows:
        query = (
            select(document_tags.c.document_id, document_tags.c.tag)
            .where(document_tags.c.document_id.in_([row.document_id for row in rows]))
            .order_by(document_tags.c.document_id, document_tags.c.position)
        )
        for document_id, tag in connection.execute(query):
            tags[document_id].append(tag)
    return [document_of(row, tags[row.document_id]) for row in rows]
