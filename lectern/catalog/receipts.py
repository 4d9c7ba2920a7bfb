"""How answers came about: bytes beside each answer, gone with it."""

from sqlalchemy import Connection, delete, insert, select

from lectern.catalog.messages import read_messages, texts_of, tree_of
from lectern.catalog.records_conversations import Receipted
from lectern.catalog.tables_conversations import conversations, messages, receipts


def put_receipt(connection: Connection, message_id: str, record: bytes) -> None:
    """Store a receipt in the place of an earlier one; b"" leaves none."""
    connection.execute(delete(receipts).where(receipts.c.message_id == message_id))
    if record:
        connection.execute(insert(receipts).values(message_id=message_id, record=record))


def find_receipt(connection: Connection, user_id: str, message_id: str) -> Receipted | None:
    """Return the receipt of an answer in a conversation of the user's, or None."""
    row = connection.execute(
        select(receipts.c.record, messages.c.conversation_id)
        .join(messages, messages.c.message_id == receipts.c.message_id)
        .join(conversations, conversations.c.conversation_id == messages.c.conversation_id)
        .where(receipts.c.message_id == message_id, conversations.c.user_id == user_id)
    ).first()
    if row is None:
        return None
    tree = tree_of(connection, row.conversation_id)
    node = tree[message_id]
    [answer] = read_messages(connection, tree, [node])
    [question] = texts_of(connection, [tree[node.parent_id]])
    return Receipted(row.conversation_id, node.parent_id, question, answer, row.record)
