"""Which documents a search may answer from: asked before it and after it."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, and_, func, select

from lectern.catalog.database import Database, reads
from lectern.catalog.tables import documents, revisions
from lectern.documents import DocumentState

_HIDDEN = (DocumentState.DELETING, DocumentState.AWAITING_UPLOAD)
_BEING_READ = (DocumentState.UPLOADED, DocumentState.PARSING, DocumentState.EMBEDDING)


class Scoping:
    """The methods of `Documents` that a search asks."""

    def __init__(self, database: Database) -> None:
        self.database = database

    @reads
    def matching(
        self,
        connection: Connection,
        collection_id: str,
        *,
        metadata: Mapping[str, str] | None = None,
        content_types: Sequence[str] = (),
        uploaded_after: datetime | None = None,
        uploaded_before: datetime | None = None,
    ) -> Sequence[str]:
        """See `Documents.matching`; metadata is compared here, as JSON paths differ by database."""
        query = (
            select(documents.c.document_id, documents.c.metadata)
            .join(
                revisions,
                and_(
                    revisions.c.document_id == documents.c.document_id,
                    revisions.c.revision == documents.c.revision,
                ),
            )
            .where(
                documents.c.collection_id == collection_id,
                documents.c.state.not_in(_HIDDEN),
                documents.c.trashed_until.is_(None),
            )
        )
        if content_types:
            query = query.where(revisions.c.content_type.in_(content_types))
        if uploaded_after is not None:
            query = query.where(revisions.c.confirmed_at >= uploaded_after)
        if uploaded_before is not None:
            query = query.where(revisions.c.confirmed_at < uploaded_before)
        wanted = (metadata or {}).items()
        rows = connection.execute(query.order_by(documents.c.document_id))
        return [row.document_id for row in rows if wanted <= row.metadata.items()]

    @reads
    def current_revisions(
        self, connection: Connection, document_ids: Sequence[str]
    ) -> Mapping[str, int]:
        """See `Documents.current_revisions`."""
        complete = (
            select(func.max(revisions.c.revision))
            .where(
                revisions.c.document_id == documents.c.document_id,
                revisions.c.revision <= documents.c.revision,
                revisions.c.parts > 0,
                revisions.c.parts_done == revisions.c.parts,
            )
            .scalar_subquery()
        )
        query = select(
            documents.c.document_id, func.coalesce(complete, documents.c.revision).label("shown")
        ).where(
            documents.c.document_id.in_(list(document_ids)),
            documents.c.state != DocumentState.DELETING,
            documents.c.trashed_until.is_(None),
        )
        return {row.document_id: row.shown for row in connection.execute(query)}

    @reads
    def unread(
        self,
        connection: Connection,
        collection_ids: Sequence[str],
        *,
        document_ids: Sequence[str] = (),
    ) -> int:
        """See `Documents.unread`."""
        query = select(func.count()).where(
            documents.c.collection_id.in_(list(collection_ids)),
            documents.c.state.in_(_BEING_READ),
            documents.c.trashed_until.is_(None),
        )
        if document_ids:
            query = query.where(documents.c.document_id.in_(list(document_ids)))
        return connection.execute(query).scalar_one()
