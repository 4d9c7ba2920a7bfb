"""Reading messages: the tree of a conversation, and the words of some of it."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, select

from lectern.catalog.records_conversations import Breakdown, Message, Verdict
from lectern.catalog.tables_conversations import feedback, messages
from lectern.catalog.tree import Node, Tree, families

_NODE = (
    messages.c.message_id,
    messages.c.parent_id,
    messages.c.ordinal,
    messages.c.role,
    messages.c.state,
)


def tree_of(connection: Connection, conversation_id: str) -> Tree:
    """Return the messages of a conversation without their words, in the order they were made."""
    query = select(*_NODE).where(messages.c.conversation_id == conversation_id)
    rows = connection.execute(query.order_by(messages.c.ordinal))
    return {row.message_id: Node(*row) for row in rows}


def read_messages(connection: Connection, tree: Tree, wanted: Sequence[Node]) -> Sequence[Message]:
    """Return the `wanted` messages with their words and their owner's verdicts, in that order."""
    ids = [node.message_id for node in wanted]
    if not ids:
        return []
    said = select(messages).where(messages.c.message_id.in_(ids))
    rows = {row.message_id: row for row in connection.execute(said)}
    judged = select(feedback).where(feedback.c.message_id.in_(ids))
    verdicts = {row.message_id: verdict_of(row) for row in connection.execute(judged)}
    siblings = families(tree)
    return [
        _message_of(rows[node.message_id], siblings[node.parent_id], verdicts.get(node.message_id))
        for node in wanted
    ]


def texts_of(connection: Connection, wanted: Sequence[Node]) -> Sequence[str]:
    """Return the words of the `wanted` messages, in that order."""
    query = select(messages.c.message_id, messages.c.text).where(
        messages.c.message_id.in_([node.message_id for node in wanted])
    )
    texts = {row.message_id: row.text for row in connection.execute(query)}
    return [texts[node.message_id] for node in wanted]


def verdict_of(row: Row[Any]) -> Verdict:
    """Return a row of `feedback`."""
    return Verdict(row.verdict, tuple(row.reasons), row.comment, row.given_at)


def _message_of(row: Row[Any], siblings: tuple[str, ...], verdict: Verdict | None) -> Message:
    return Message(
        message_id=row.message_id,
        parent_id=row.parent_id,
        role=row.role,
        state=row.state,
        text=row.text,
        created_at=row.created_at,
        siblings=siblings,
        reply=row.reply,
        failure=Breakdown(**row.failure) if row.failure else None,
        verdict=verdict,
    )
