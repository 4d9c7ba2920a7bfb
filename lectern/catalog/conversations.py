"""Conversations: making, listing, searching, changing, removing."""

import unicodedata
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    delete,
    exists,
    insert,
    or_,
    select,
    tuple_,
    update,
)

from lectern.catalog.database import Database, reads, writes
from lectern.catalog.pages import cursor_of, values_of
from lectern.catalog.records_conversations import Conversation, Share
from lectern.catalog.rows import now
from lectern.catalog.spelling import composed, storable
from lectern.catalog.tables_conversations import conversations, messages, shares
from lectern.documents import new_id

_ORDER = (
    conversations.c.pinned,
    conversations.c.updated_at,
    conversations.c.conversation_id,
)
_SHARE_COLUMNS = (
    shares.c.leaf_id.label("shared_leaf_id"),
    shares.c.created_at.label("shared_at"),
    shares.c.expires_at,
)


class ConversationRows:
    """The methods of `Conversations` about conversations as a whole."""

    def __init__(self, database: Database) -> None:
        self.database = database

    @writes
    def create(
        self,
        connection: Connection,
        user_id: str,
        *,
        title: str = "",
        collections: Sequence[str] = (),
        documents: Sequence[str] = (),
        assistant_id: str = "",
    ) -> Conversation:
        """See `Conversations.create`."""
        conversation_id = new_id()
        add_conversation(
            connection,
            conversation_id,
            user_id,
            title,
            collections=collections,
            documents=documents,
            assistant_id=assistant_id,
        )
        return _required(connection, user_id, conversation_id)

    @reads
    def get(
        self, connection: Connection, user_id: str, conversation_id: str
    ) -> Conversation | None:
        """See `Conversations.get`."""
        return _found(connection, user_id, conversation_id)

    @reads
    def list(
        self,
        connection: Connection,
        user_id: str,
        *,
        limit: int = 50,
        cursor: str = "",
        containing: str = "",
    ) -> tuple[Sequence[Conversation], str]:
        """See `Conversations.list`."""
        query = _joined(now()).where(conversations.c.user_id == user_id)
        if wanted := folded_text(containing):
            query = query.where(_contains(wanted))
        if cursor:
            last = values_of(cursor, (bool, datetime, str))
            query = query.where(tuple_(*_ORDER) < tuple_(*last, types=[c.type for c in _ORDER]))
        latest_first = query.order_by(*(column.desc() for column in _ORDER))
        rows = connection.execute(latest_first.limit(limit + 1)).all()
        page = [conversation_of(row) for row in rows[:limit]]
        if len(rows) <= limit:
            return page, ""
        last_row = page[-1]
        return page, cursor_of((last_row.pinned, last_row.updated_at, last_row.conversation_id))

    @writes
    def change(
        self,
        connection: Connection,
        user_id: str,
        conversation_id: str,
        *,
        title: str | None = None,
        pinned: bool | None = None,
        scope: tuple[Sequence[str], Sequence[str]] | None = None,
        assistant_id: str | None = None,
    ) -> Conversation | None:
        """See `Conversations.change`."""
        values: dict[str, Any] = {}
        if title is not None:
            values |= {"title": composed(title), "title_folded": folded_text(title)}
        if pinned is not None:
            values["pinned"] = pinned
        if scope is not None:
            values |= {"collections": list(scope[0]), "documents": list(scope[1])}
        if assistant_id is not None:
            values["assistant_id"] = assistant_id
        if values:
            connection.execute(
                update(conversations).where(_is(user_id, conversation_id)).values(**values)
            )
        return _found(connection, user_id, conversation_id)

    @writes
    def delete(self, connection: Connection, user_id: str, conversation_id: str) -> None:
        """See `Conversations.delete`."""
        connection.execute(delete(conversations).where(_is(user_id, conversation_id)))


def add_conversation(
    connection: Connection,
    conversation_id: str,
    user_id: str,
    title: str,
    *,
    collections: Sequence[str],
    documents: Sequence[str],
    assistant_id: str,
) -> None:
    """Insert a conversation without messages."""
    at = now()
    connection.execute(
        insert(conversations).values(
            conversation_id=conversation_id,
            user_id=user_id,
            title=composed(title),
            title_folded=folded_text(title),
            pinned=False,
            collections=list(collections),
            documents=list(documents),
            assistant_id=assistant_id,
            created_at=at,
            updated_at=at,
        )
    )


def lock_conversation(
    connection: Connection, user_id: str, conversation_id: str
) -> Row[Any] | None:
    """Return the user's row under lock until the transaction ends, or None.

    Everything that changes a conversation's messages takes its turn here.
    """
    return connection.execute(
        select(conversations).where(_is(user_id, conversation_id)).with_for_update(key_share=True)
    ).first()


def folded_text(text: str) -> str:
    """Return the form of `text` that is searched: case, spacing and compatibility forms are one."""
    folded = unicodedata.normalize("NFKC", storable(text)).casefold()
    return " ".join(folded.split())


def conversation_of(row: Row[Any]) -> Conversation:
    """Return a row of `conversations` joined with its living share."""
    share = None
    if row.shared_leaf_id is not None:
        share = Share(row.conversation_id, row.shared_leaf_id, row.shared_at, row.expires_at)
    return Conversation(
        conversation_id=row.conversation_id,
        user_id=row.user_id,
        title=row.title,
        pinned=row.pinned,
        collections=tuple(row.collections),
        documents=tuple(row.documents),
        assistant_id=row.assistant_id,
        active_id=row.active_id,
        created_at=row.created_at,
        updated_at=row.updated_at,
        share=share,
    )


def _is(user_id: str, conversation_id: str) -> ColumnElement[bool]:
    return (conversations.c.conversation_id == conversation_id) & (
        conversations.c.user_id == user_id
    )


def _joined(at: datetime) -> Select[Any]:
    living = (shares.c.conversation_id == conversations.c.conversation_id) & or_(
        shares.c.expires_at.is_(None), shares.c.expires_at > at
    )
    return select(conversations, *_SHARE_COLUMNS).outerjoin(shares, living)


def _contains(wanted: str) -> ColumnElement[bool]:
    said = exists().where(
        messages.c.conversation_id == conversations.c.conversation_id,
        messages.c.text_folded.contains(wanted, autoescape=True),
    )
    return or_(conversations.c.title_folded.contains(wanted, autoescape=True), said)


def _found(connection: Connection, user_id: str, conversation_id: str) -> Conversation | None:
    row = connection.execute(_joined(now()).where(_is(user_id, conversation_id))).first()
    return conversation_of(row) if row else None


def _required(connection: Connection, user_id: str, conversation_id: str) -> Conversation:
    found = _found(connection, user_id, conversation_id)
    assert found is not None, "it was inserted in this very transaction"  # noqa: S101
    return found
