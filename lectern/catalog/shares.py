"""Read-only links to conversations."""

import base64
import hashlib
import secrets
from datetime import datetime

from sqlalchemy import Connection, delete, insert, or_, select

from lectern.catalog.conversations import lock_conversation
from lectern.catalog.database import Database, reads, writes
from lectern.catalog.messages import read_messages, tree_of
from lectern.catalog.records_conversations import Share, Shared
from lectern.catalog.rows import now, user_of
from lectern.catalog.tables import users
from lectern.catalog.tables_conversations import conversations, shares
from lectern.catalog.tree import branch_to
from lectern.errors import InvalidRequest, NotFound

_SECRET_BYTES = 20  # 160 bits


class SqlShares:
    """See `Shares`."""

    def __init__(self, database: Database) -> None:
        self.database = database

    @writes
    def share(
        self,
        connection: Connection,
        user_id: str,
        conversation_id: str,
        *,
        expires_at: datetime | None = None,
    ) -> tuple[Share, str]:
        """See `Shares.share`."""
        row = lock_conversation(connection, user_id, conversation_id)
        if row is None:
            raise NotFound(f"there is no conversation {conversation_id!r}")
        if not row.active_id:
            raise InvalidRequest("there is nothing to share yet; ask something first")
        made = Share(conversation_id, row.active_id, now(), expires_at)
        secret = base64.b32encode(secrets.token_bytes(_SECRET_BYTES)).decode().lower()
        connection.execute(delete(shares).where(shares.c.conversation_id == conversation_id))
        connection.execute(
            insert(shares).values(
                conversation_id=conversation_id,
                secret_sha256=_digest(secret),
                leaf_id=made.leaf_id,
                created_at=made.created_at,
                expires_at=expires_at,
            )
        )
        return made, secret

    @writes
    def revoke(self, connection: Connection, user_id: str, conversation_id: str) -> None:
        """See `Shares.revoke`."""
        if lock_conversation(connection, user_id, conversation_id) is not None:
            connection.execute(delete(shares).where(shares.c.conversation_id == conversation_id))

    @reads
    def opened(self, connection: Connection, secret: str) -> Shared | None:
        """See `Shares.opened`; the link of a disabled user opens nothing."""
        share = connection.execute(
            select(shares).where(
                shares.c.secret_sha256 == _digest(secret),
                or_(shares.c.expires_at.is_(None), shares.c.expires_at > now()),
            )
        ).first()
        if share is None:
            return None
        of_share = conversations.c.conversation_id == share.conversation_id
        conversation = connection.execute(select(conversations).where(of_share)).one()
        owner = connection.execute(
            select(users).where(
                users.c.user_id == conversation.user_id, users.c.disabled_at.is_(None)
            )
        ).first()
        if owner is None:
            return None
        tree = tree_of(connection, share.conversation_id)
        return Shared(
            owner=user_of(owner),
            title=conversation.title,
            share=Share(share.conversation_id, share.leaf_id, share.created_at, share.expires_at),
            messages=tuple(read_messages(connection, tree, branch_to(tree, share.leaf_id))),
        )


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()
