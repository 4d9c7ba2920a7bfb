"""Users and their tokens."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from lectern.catalog import bearer
from lectern.catalog.database import Database, reads, take_turns, writes
from lectern.catalog.enrolling import enrol
from lectern.catalog.records import Scope, Token, User
from lectern.catalog.records_accounts import EVERY_SCOPE
from lectern.catalog.rows import now, token_of, user_of
from lectern.catalog.tables import api_tokens, users
from lectern.catalog.tables_accounts import sessions
from lectern.documents import new_id
from lectern.errors import InvalidRequest


class SqlPeople:
    """See `People`."""

    def __init__(self, database: Database) -> None:
        self.database = database

    @writes
    def ensure_owner(self, connection: Connection, name: str) -> User:
        """See `People.ensure_owner`."""
        take_turns(connection, "users")
        administrators = select(users).where(users.c.is_admin)
        first = connection.execute(
            administrators.order_by(users.c.created_at, users.c.user_id).limit(1)
        ).first()
        return user_of(first or enrol(connection, name, is_admin=True))

    @writes
    def create_user(self, connection: Connection, name: str, *, is_admin: bool = False) -> User:
        """See `People.create_user`."""
        take_turns(connection, "users")
        return user_of(enrol(connection, name, is_admin=is_admin))

    @reads
    def users(self, connection: Connection) -> Sequence[User]:
        """See `People.users`."""
        return [user_of(row) for row in connection.execute(select(users).order_by(users.c.name))]

    @writes
    def create_token(
        self,
        connection: Connection,
        user_id: str,
        label: str,
        *,
        secret: str = "",
        expires_at: datetime | None = None,
        scopes: Iterable[Scope] = EVERY_SCOPE,
    ) -> tuple[Token, str]:
        """See `People.create_token`."""
        if connection.execute(select(users).where(users.c.user_id == user_id)).first() is None:
            raise InvalidRequest(f"there is no user {user_id!r}")
        secret = secret or bearer.new_secret(bearer.API_KEY)
        digest = bearer.digest(secret)
        take_turns(connection, f"token.{digest}")
        known = connection.execute(
            select(api_tokens).where(api_tokens.c.secret_sha256 == digest)
        ).first()
        if known is not None:
            if known.user_id != user_id:
                raise InvalidRequest("this secret is another user's token; choose another secret")
            return token_of(known), secret
        row = connection.execute(
            insert(api_tokens)
            .values(
                token_id=new_id(),
                user_id=user_id,
                label=label,
                prefix=bearer.shown_prefix(secret),
                scopes=" ".join(sorted(scopes)),
                secret_sha256=digest,
                created_at=now(),
                expires_at=expires_at,
            )
            .returning(api_tokens)
        ).one()
        return token_of(row), secret

    @reads
    def tokens(self, connection: Connection, user_id: str) -> Sequence[Token]:
        """See `People.tokens`."""
        mine = select(api_tokens).where(api_tokens.c.user_id == user_id)
        newest_first = mine.order_by(api_tokens.c.created_at.desc(), api_tokens.c.token_id.desc())
        return [token_of(row) for row in connection.execute(newest_first)]

    @writes
    def revoke_token(self, connection: Connection, user_id: str, token_id: str) -> None:
        """See `People.revoke_token`."""
        connection.execute(
            delete(api_tokens).where(
                api_tokens.c.user_id == user_id, api_tokens.c.token_id == token_id
            )
        )
        connection.execute(
            delete(sessions).where(sessions.c.user_id == user_id, sessions.c.key_id == token_id)
        )
