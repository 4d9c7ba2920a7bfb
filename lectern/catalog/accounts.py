"""Users with their passwords."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, delete, or_, select, update

from lectern.catalog.database import Database, reads, take_turns, writes
from lectern.catalog.enrolling import (
    account_of,
    enrol,
    require_another_administrator,
    user_row,
)
from lectern.catalog.inheriting import hand_over
from lectern.catalog.records_accounts import Account, Credential
from lectern.catalog.rows import now
from lectern.catalog.spelling import folded, storable
from lectern.catalog.tables import api_tokens, users
from lectern.catalog.tables_accounts import identities, sessions


class SqlAccounts:
    """See `Accounts`."""

    def __init__(self, database: Database) -> None:
        self.database = database

    @reads
    def get(self, connection: Connection, user_id: str) -> Account | None:
        """See `Accounts.get`."""
        row = connection.execute(select(users).where(users.c.user_id == user_id)).first()
        return account_of(row) if row else None

    @reads
    def by_name(self, connection: Connection, name: str) -> Account | None:
        """See `Accounts.by_name`."""
        row = connection.execute(select(users).where(_signs_in_as(name))).first()
        return account_of(row) if row else None

    @reads
    def list(
        self, connection: Connection, *, query: str = "", limit: int = 100, cursor: str = ""
    ) -> tuple[Sequence[Account], str]:
        """See `Accounts.list`; the cursor is the last name of the page before."""
        chosen = select(users).where(users.c.name > storable(cursor)).order_by(users.c.name)
        if query:
            wanted = folded(query)
            chosen = chosen.where(
                or_(
                    users.c.name_folded.contains(wanted, autoescape=True),
                    users.c.email.contains(wanted, autoescape=True),
                    users.c.display_name.icontains(storable(query), autoescape=True),
                )
            )
        rows = connection.execute(chosen.limit(limit + 1)).all()
        page = rows[:limit]
        return [account_of(row) for row in page], page[-1].name if len(rows) > limit else ""

    @writes
    def create(
        self,
        connection: Connection,
        name: str,
        *,
        display_name: str = "",
        email: str = "",
        is_admin: bool = False,
        password_hash: str = "",
    ) -> Account:
        """See `Accounts.create`."""
        take_turns(connection, "users")
        row = enrol(
            connection,
            name,
            is_admin=is_admin,
            display_name=storable(display_name),
            email=folded(email),
            email_verified=bool(email),
            password_hash=password_hash,
            must_change_password=bool(password_hash),
        )
        return account_of(row)

    @reads
    def unclaimed(self, connection: Connection) -> bool:
        """See `Accounts.unclaimed`."""
        return _nobody_can_sign_in(connection)

    @writes
    def claim(self, connection: Connection, name: str, password_hash: str) -> Account | None:
        """See `Accounts.claim`."""
        take_turns(connection, "users")
        if not _nobody_can_sign_in(connection):
            return None
        return account_of(enrol(connection, name, is_admin=True, password_hash=password_hash))

    @reads
    def credential(self, connection: Connection, name: str) -> Credential | None:
        """See `Accounts.credential`."""
        row = connection.execute(select(users).where(_signs_in_as(name))).first()
        if row is None:
            return None
        return Credential(row.user_id, row.password_hash, disabled=row.disabled_at is not None)

    @writes
    def set_password(
        self,
        connection: Connection,
        user_id: str,
        password_hash: str,
        *,
        temporary: bool = False,
        keep_session: str = "",
    ) -> None:
        """See `Accounts.set_password`."""
        user_row(connection, user_id)
        _set(connection, user_id, password_hash=password_hash, must_change_password=temporary)
        connection.execute(
            delete(sessions).where(
                sessions.c.user_id == user_id, sessions.c.session_id != keep_session
            )
        )

    @writes
    def improve_hash(self, connection: Connection, user_id: str, old: str, new: str) -> None:
        """See `Accounts.improve_hash`."""
        connection.execute(
            update(users)
            .where(users.c.user_id == user_id, users.c.password_hash == old)
            .values(password_hash=new)
        )

    @writes
    def change(
        self,
        connection: Connection,
        user_id: str,
        *,
        display_name: str | None = None,
        email: str | None = None,
        email_verified: bool = False,
        language: str | None = None,
        is_admin: bool | None = None,
        disabled: bool | None = None,
    ) -> Account:
        """See `Accounts.change`."""
        take_turns(connection, "users")
        row = user_row(connection, user_id)
        if is_admin is False or disabled is True:
            require_another_administrator(connection, row)
        values: dict[str, Any] = {}
        if display_name is not None:
            values["display_name"] = storable(display_name)
        if email is not None and folded(email) != row.email:
            values |= {"email": folded(email), "email_verified": email_verified and bool(email)}
        elif email_verified:
            values["email_verified"] = bool(row.email)
        if language is not None:
            values["language"] = language
        if is_admin is not None:
            values["is_admin"] = is_admin
        if disabled is not None:
            values["disabled_at"] = (row.disabled_at or now()) if disabled else None
        if disabled:
            connection.execute(delete(sessions).where(sessions.c.user_id == user_id))
        if values:
            _set(connection, user_id, **values)
        return account_of(user_row(connection, user_id))

    @writes
    def delete(self, connection: Connection, user_id: str, *, transfer_to: str = "") -> None:
        """See `Accounts.delete`."""
        take_turns(connection, "users")
        take_turns(connection, "collections")
        row = user_row(connection, user_id)
        require_another_administrator(connection, row)
        hand_over(connection, row, transfer_to)
        connection.execute(delete(users).where(users.c.user_id == user_id))


def _signs_in_as(name: str) -> Any:
    return users.c.name_folded == folded(name)


def _set(connection: Connection, user_id: str, **values: Any) -> None:
    connection.execute(update(users).where(users.c.user_id == user_id).values(**values))


def _nobody_can_sign_in(connection: Connection) -> bool:
    ways = (
        select(users.c.user_id).where(users.c.password_hash != ""),
        select(api_tokens.c.token_id),
        select(identities.c.user_id),
    )
    return not any(connection.execute(way.limit(1)).first() for way in ways)
