"""Rows of `users`: how they are made, read, and kept from losing the last administrator."""

from itertools import count
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select

from lectern.catalog.records_accounts import Account
from lectern.catalog.rows import now, user_of
from lectern.catalog.spelling import composed, folded
from lectern.catalog.tables import users
from lectern.documents import new_id
from lectern.errors import InvalidRequest, NotFound

_NAME_MAX = 100


def enrol(connection: Connection, name: str, *, is_admin: bool, **values: Any) -> Row[Any]:
    """Return the row of a new user. The caller has taken its turn about "users".

    Raises:
        InvalidRequest: The name is empty, too long, or taken, perhaps in another case.
    """
    name = composed(name)
    if not name or len(name) > _NAME_MAX:
        raise InvalidRequest(f"a user needs a name of 1 to {_NAME_MAX} characters")
    if is_taken(connection, name):
        raise InvalidRequest(f"there is a user {name!r} already; choose another name")
    return connection.execute(
        insert(users)
        .values(
            user_id=new_id(),
            name=name,
            name_folded=folded(name),
            is_admin=is_admin,
            created_at=now(),
            **values,
        )
        .returning(users)
    ).one()


def free_name(connection: Connection, wanted: str) -> str:
    """Return `wanted`, or with the first number that makes it free."""
    wanted = composed(wanted)[: _NAME_MAX - 10] or "user"
    candidates = (wanted if number == 1 else f"{wanted}-{number}" for number in count(1))
    return next(name for name in candidates if not is_taken(connection, name))


def is_taken(connection: Connection, name: str) -> bool:
    """Return whether somebody has this name in any case."""
    same = (users.c.name_folded == folded(name)) | (users.c.name == name)
    return connection.execute(select(users.c.user_id).where(same)).first() is not None


def user_row(connection: Connection, user_id: str) -> Row[Any]:
    """Return a user's row under lock.

    Raises:
        NotFound: There is no such user.
    """
    row = connection.execute(
        select(users).where(users.c.user_id == user_id).with_for_update(key_share=True)
    ).first()
    if row is None:
        raise NotFound(f"there is no user {user_id!r}")
    return row


def require_another_administrator(connection: Connection, row: Row[Any]) -> None:
    """Return if this user may stop being an enabled administrator.

    The caller has taken its turn about "users", so that two cannot stop at once.

    Raises:
        InvalidRequest: It is the last one.
    """
    if not row.is_admin or row.disabled_at is not None:
        return
    others = select(func.count()).where(
        users.c.is_admin, users.c.disabled_at.is_(None), users.c.user_id != row.user_id
    )
    if not connection.execute(others).scalar_one():
        raise InvalidRequest(
            f"{row.name!r} is the last administrator; make somebody else one first",
            code="last_administrator",
        )


def account_of(row: Row[Any]) -> Account:
    """Return a row of `users`."""
    return Account(
        user=user_of(row),
        display_name=row.display_name,
        email=row.email,
        email_verified=row.email_verified,
        language=row.language,
        has_password=bool(row.password_hash),
        must_change_password=row.must_change_password,
        disabled=row.disabled_at is not None,
        last_signed_in_at=row.last_signed_in_at,
    )
