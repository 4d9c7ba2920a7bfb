"""Named sets of users."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, func, insert, select

from lectern.catalog.database import Database, reads, take_turns, writes
from lectern.catalog.enrolling import account_of, user_row
from lectern.catalog.records_accounts import Account, Group
from lectern.catalog.rows import now
from lectern.catalog.spelling import composed, folded
from lectern.catalog.tables import users
from lectern.catalog.tables_accounts import group_members, groups
from lectern.documents import new_id
from lectern.errors import InvalidRequest, NotFound

_NAME_MAX = 100


class SqlGroups:
    """See `Groups`."""

    def __init__(self, database: Database) -> None:
        self.database = database

    @writes
    def create(self, connection: Connection, name: str, *, oidc_group: str = "") -> Group:
        """See `Groups.create`."""
        name = composed(name)
        if not name or len(name) > _NAME_MAX:
            raise InvalidRequest(f"a group needs a name of 1 to {_NAME_MAX} characters")
        take_turns(connection, "groups")
        same = select(groups).where(groups.c.name_folded == folded(name))
        if connection.execute(same).first() is not None:
            raise InvalidRequest(f"there is a group {name!r} already; choose another name")
        group_id = new_id()
        connection.execute(
            insert(groups).values(
                group_id=group_id,
                name=name,
                name_folded=folded(name),
                oidc_group=oidc_group,
                created_at=now(),
            )
        )
        return Group(group_id, name, oidc_group)

    @reads
    def get(self, connection: Connection, group_id: str) -> Group | None:
        """See `Groups.get`."""
        row = connection.execute(_groups().where(groups.c.group_id == group_id)).first()
        return _group_of(row) if row else None

    @reads
    def list(self, connection: Connection) -> Sequence[Group]:
        """See `Groups.list`."""
        return [_group_of(row) for row in connection.execute(_groups())]

    @reads
    def of_user(self, connection: Connection, user_id: str) -> Sequence[Group]:
        """See `Groups.of_user`."""
        joined = select(group_members.c.group_id).where(group_members.c.user_id == user_id)
        mine = _groups().where(groups.c.group_id.in_(joined))
        return [_group_of(row) for row in connection.execute(mine)]

    @reads
    def members(self, connection: Connection, group_id: str) -> Sequence[Account]:
        """See `Groups.members`."""
        query = (
            select(users)
            .join(group_members, group_members.c.user_id == users.c.user_id)
            .where(group_members.c.group_id == group_id)
            .order_by(users.c.name)
        )
        return [account_of(row) for row in connection.execute(query)]

    @writes
    def add(self, connection: Connection, group_id: str, user_id: str) -> None:
        """See `Groups.add`."""
        _hold_own(connection, group_id)
        user_row(connection, user_id)
        connection.execute(delete(group_members).where(_is_member(group_id, user_id)))
        connection.execute(insert(group_members).values(group_id=group_id, user_id=user_id))

    @writes
    def remove(self, connection: Connection, group_id: str, user_id: str) -> None:
        """See `Groups.remove`."""
        _hold_own(connection, group_id)
        connection.execute(delete(group_members).where(_is_member(group_id, user_id)))

    @writes
    def delete(self, connection: Connection, group_id: str) -> None:
        """See `Groups.delete`."""
        connection.execute(delete(groups).where(groups.c.group_id == group_id))


def follow_provider(connection: Connection, user_id: str, claimed: frozenset[str]) -> None:
    """Let a user be in exactly those of the provider's groups that the claim names.

    Groups without a name at the provider are left as they are.
    """
    row_of = {row.group_id: row for row in connection.execute(select(groups)) if row.oidc_group}
    connection.execute(
        delete(group_members).where(
            group_members.c.user_id == user_id, group_members.c.group_id.in_(list(row_of))
        )
    )
    for group_id, row in sorted(row_of.items()):
        if row.oidc_group in claimed:
            connection.execute(insert(group_members).values(group_id=group_id, user_id=user_id))


def _groups() -> Select[Any]:
    size = (
        select(func.count())
        .select_from(group_members)
        .where(group_members.c.group_id == groups.c.group_id)
        .scalar_subquery()
    )
    return select(groups, size.label("member_count")).order_by(groups.c.name_folded)


def _group_of(row: Row[Any]) -> Group:
    return Group(row.group_id, row.name, row.oidc_group, row.member_count)


def _is_member(group_id: str, user_id: str) -> Any:
    return (group_members.c.group_id == group_id) & (group_members.c.user_id == user_id)


def _hold_own(connection: Connection, group_id: str) -> None:
    """Lock a group that Lectern itself fills."""
    row = connection.execute(
        select(groups).where(groups.c.group_id == group_id).with_for_update()
    ).first()
    if row is None:
        raise NotFound(f"there is no group {group_id!r}")
    if row.oidc_group:
        raise InvalidRequest(
            f"who is in group {row.name!r} follows the provider's group {row.oidc_group!r}; "
            "change it there",
            code="group_of_provider",
        )
