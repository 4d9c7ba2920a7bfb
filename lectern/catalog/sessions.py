"""Sessions, and whose a secret is."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, case, delete, func, insert, or_, select, update

from lectern import telemetry
from lectern.catalog import bearer
from lectern.catalog.database import Database, reads, writes
from lectern.catalog.records_accounts import EVERY_SCOPE, Principal, Session
from lectern.catalog.rows import now, scopes_of, user_of
from lectern.catalog.spelling import storable
from lectern.catalog.tables import api_tokens, users
from lectern.catalog.tables_accounts import sessions
from lectern.documents import new_id
from lectern.errors import Forbidden, TransientError

LIFETIME = timedelta(days=14)
LONGEST = timedelta(days=90)
"""However often it is used."""
_USE_NOTED_EVERY = timedelta(minutes=1)
_LABEL_MAX = 200


class SqlSessions:
    """See `Sessions`."""

    def __init__(self, database: Database) -> None:
        self.database = database

    @writes
    def begin(
        self,
        connection: Connection,
        user_id: str,
        label: str,
        *,
        key_id: str = "",
        ends_at: datetime | None = None,
    ) -> tuple[Session, str]:
        """See `Sessions.begin`; sessions that have ended are removed meanwhile."""
        at = now()
        last = min(at + LONGEST, ends_at or at + LONGEST)
        signed_in = connection.execute(
            update(users)
            .where(users.c.user_id == user_id, users.c.disabled_at.is_(None))
            .values(last_signed_in_at=at)
        )
        if not signed_in.rowcount:
            raise Forbidden("this account is disabled", code="account_disabled")
        connection.execute(delete(sessions).where(sessions.c.expires_at <= at))
        secret = bearer.new_secret(bearer.SESSION)
        row = connection.execute(
            insert(sessions)
            .values(
                session_id=new_id(),
                user_id=user_id,
                secret_sha256=bearer.digest(secret),
                label=storable(label)[:_LABEL_MAX],
                created_at=at,
                last_used_at=at,
                expires_at=min(at + LIFETIME, last),
                ends_at=last,
                key_id=key_id,
            )
            .returning(sessions)
        ).one()
        return _session_of(row), secret

    @reads
    def list(self, connection: Connection, user_id: str) -> Sequence[Session]:
        """See `Sessions.list`."""
        mine = select(sessions).where(sessions.c.user_id == user_id, sessions.c.expires_at > now())
        last_used_first = mine.order_by(sessions.c.last_used_at.desc(), sessions.c.session_id)
        return [_session_of(row) for row in connection.execute(last_used_first)]

    @writes
    def end(self, connection: Connection, user_id: str, session_id: str) -> None:
        """See `Sessions.end`."""
        connection.execute(
            delete(sessions).where(
                sessions.c.user_id == user_id, sessions.c.session_id == session_id
            )
        )

    def principal_of(self, secret: str) -> Principal | None:
        """See `Sessions.principal_of`.

        Notes the use at most once a minute and only if the database has time for it: a request
        must not wait for a busy writer.
        """
        digest, at = bearer.digest(secret), now()
        is_session = secret.startswith(bearer.SESSION)
        found = self._session(digest) if is_session else self._key(digest)
        if found is None:
            return None
        principal, used = found
        if principal.expires_at is not None and principal.expires_at <= at:
            return None
        if used is None or at - used >= _USE_NOTED_EVERY:
            self._note(self._note_session if is_session else self._note_key, digest, at)
        return principal

    @reads
    def _session(
        self, connection: Connection, digest: str
    ) -> tuple[Principal, datetime | None] | None:
        row = connection.execute(
            select(users, sessions.c.session_id, sessions.c.expires_at, sessions.c.last_used_at)
            .join(sessions, sessions.c.user_id == users.c.user_id)
            .where(sessions.c.secret_sha256 == digest, users.c.disabled_at.is_(None))
        ).first()
        if row is None:
            return None
        principal = Principal(
            user_of(row),
            EVERY_SCOPE,
            session_id=row.session_id,
            expires_at=row.expires_at,
            must_change_password=row.must_change_password,
        )
        return principal, row.last_used_at

    @reads
    def _key(self, connection: Connection, digest: str) -> tuple[Principal, datetime | None] | None:
        row = connection.execute(
            select(
                users,
                api_tokens.c.token_id,
                api_tokens.c.scopes,
                api_tokens.c.expires_at,
                api_tokens.c.last_used_at,
            )
            .join(api_tokens, api_tokens.c.user_id == users.c.user_id)
            .where(api_tokens.c.secret_sha256 == digest, users.c.disabled_at.is_(None))
        ).first()
        if row is None:
            return None
        principal = Principal(
            user_of(row),
            frozenset(scopes_of(row.scopes)),
            key_id=row.token_id,
            expires_at=row.expires_at,
        )
        return principal, row.last_used_at

    def _note(self, note: Callable[[str, datetime], None], digest: str, at: datetime) -> None:
        try:
            note(digest, at)
        except TransientError as error:
            telemetry.logger.warning("use of a token not noted", extra={"code": error.code})

    @writes
    def _note_session(self, connection: Connection, digest: str, at: datetime) -> None:
        """Note the use; one begun before sessions ended for good ends `LONGEST` from now."""
        extended, ends = at + LIFETIME, sessions.c.ends_at
        last = func.coalesce(ends, at + LONGEST)
        connection.execute(
            update(sessions)
            .where(
                sessions.c.secret_sha256 == digest,
                sessions.c.last_used_at <= at - _USE_NOTED_EVERY,
            )
            .values(
                last_used_at=at,
                ends_at=last,
                expires_at=case(
                    (sessions.c.ends_at < extended, sessions.c.ends_at), else_=extended
                ),
            )
        )

    @writes
    def _note_key(self, connection: Connection, digest: str, at: datetime) -> None:
        used = api_tokens.c.last_used_at
        connection.execute(
            update(api_tokens)
            .where(
                api_tokens.c.secret_sha256 == digest,
                or_(used.is_(None), used <= at - _USE_NOTED_EVERY),
            )
            .values(last_used_at=at)
        )


def _session_of(row: Row[Any]) -> Session:
    return Session(
        session_id=row.session_id,
        user_id=row.user_id,
        label=row.label,
        created_at=row.created_at,
        last_used_at=row.last_used_at,
        expires_at=row.expires_at,
    )
