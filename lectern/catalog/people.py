"""Users and their tokens."""

import base64
import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, or_, select, update

from lectern import telemetry
from lectern.catalog.database import Database, reads, take_turns, writes
from lectern.catalog.records import Token, User
from lectern.catalog.rows import composed, now, token_of, user_of
from lectern.catalog.tables import api_tokens, users
from lectern.documents import new_id
from lectern.errors import InvalidRequest, TransientError

_SECRET_BYTES = 20  # 160 bits
_USE_NOTED_EVERY = timedelta(minutes=1)


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
        return user_of(first) if first else _create(connection, name, is_admin=True)

    @writes
    def create_user(self, connection: Connection, name: str, *, is_admin: bool = False) -> User:
        """See `People.create_user`."""
        take_turns(connection, "users")
        return _create(connection, name, is_admin=is_admin)

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
    ) -> tuple[Token, str]:
        """See `People.create_token`."""
        if connection.execute(select(users).where(users.c.user_id == user_id)).first() is None:
            raise InvalidRequest(f"there is no user {user_id!r}")
        secret = secret or _new_secret()
        digest = _digest(secret)
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

    def user_of_secret(self, secret: str) -> User | None:
        """See `People.user_of_secret`.

        Notes when the token was last used, at most once a minute and only if the database has
        time for it: signing in must not wait for a busy writer.
        """
        found = self._token_and_user(_digest(secret))
        if found is None:
            return None
        token, user = found
        used, at = token.last_used_at, now()
        if token.expires_at is not None and token.expires_at <= at:
            return None
        if used is None or at - used >= _USE_NOTED_EVERY:
            try:
                self._note_use(token.token_id, at)
            except TransientError as error:
                telemetry.logger.warning("use of a token not noted", extra={"code": error.code})
        return user

    @reads
    def _token_and_user(self, connection: Connection, digest: str) -> tuple[Token, User] | None:
        token = connection.execute(
            select(api_tokens).where(api_tokens.c.secret_sha256 == digest)
        ).first()
        if token is None:
            return None
        user = connection.execute(select(users).where(users.c.user_id == token.user_id)).one()
        return token_of(token), user_of(user)

    @writes
    def _note_use(self, connection: Connection, token_id: str, at: datetime) -> None:
        used = api_tokens.c.last_used_at
        connection.execute(
            update(api_tokens)
            .where(
                api_tokens.c.token_id == token_id,
                or_(used.is_(None), used <= at - _USE_NOTED_EVERY),
            )
            .values(last_used_at=at)
        )


def _create(connection: Connection, name: str, *, is_admin: bool) -> User:
    name = composed(name)
    if not name:
        raise InvalidRequest("a user needs a name")
    if connection.execute(select(users).where(users.c.name == name)).first() is not None:
        raise InvalidRequest(f"there is a user {name!r} already; choose another name")
    row = connection.execute(
        insert(users)
        .values(user_id=new_id(), name=name, is_admin=is_admin, created_at=now())
        .returning(users)
    ).one()
    return user_of(row)


def _new_secret() -> str:
    return "lct_" + base64.b32encode(secrets.token_bytes(_SECRET_BYTES)).decode().lower()


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
