"""Changing who may do what in a collection, and whom it can be shared with."""

from collections.abc import Iterable, Sequence
from itertools import count

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Table,
    case,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from lectern.catalog.database import Database, reads, take_turns, writes
from lectern.catalog.records import Collection, Grant, GrantedRole, Grantee, GranteeKind
from lectern.catalog.rows import collection_of
from lectern.catalog.spelling import folded
from lectern.catalog.tables import collections, users
from lectern.catalog.tables_accounts import groups
from lectern.catalog.tables_sharing import grants
from lectern.documents import new_id
from lectern.errors import InvalidRequest, NotFound

_SHOWN_NAME = func.coalesce(func.nullif(users.c.display_name, ""), users.c.name)
_KINDS = {"user": 0, "group": 1, "everyone": 2}


_NAME_MAX = 190  # leaves room for a number


class Granting:
    """The methods of `Collections` that change rights.

    They hold the collection's row, and those of whom they name: what is deleted at the same time
    is either gone before, and refused, or takes its grants with it.
    """

    def __init__(self, database: Database) -> None:
        self.database = database

    @reads
    def grants(self, connection: Connection, collection_id: str) -> Sequence[Grant]:
        """See `Collections.grants`."""
        query = (
            select(grants, _SHOWN_NAME.label("user_name"), groups.c.name.label("group_name"))
            .outerjoin(users, users.c.user_id == grants.c.user_id)
            .outerjoin(groups, groups.c.group_id == grants.c.group_id)
            .where(grants.c.collection_id == collection_id)
        )
        found = []
        for row in connection.execute(query):
            kind: GranteeKind = "user" if row.user_id else "group" if row.group_id else "everyone"
            name = row.user_name or row.group_name or ""
            found.append(Grant(kind, row.role, row.user_id or row.group_id or "", name))
        return sorted(found, key=lambda grant: (_KINDS[grant.kind], grant.name, grant.grantee_id))

    @writes
    def set_grants(
        self, connection: Connection, collection_id: str, wanted: Sequence[Grant]
    ) -> None:
        """See `Collections.set_grants`."""
        hold(connection, collection_id)
        grantees = [(grant.kind, grant.grantee_id) for grant in wanted]
        if len(set(grantees)) < len(grantees):
            raise InvalidRequest("a user, a group or everyone is named twice; name each once")
        for kind, table in (("user", users), ("group", groups)):
            _require(connection, table, kind, {i for each, i in grantees if each == kind})
        connection.execute(delete(grants).where(grants.c.collection_id == collection_id))
        for grant in wanted:
            _insert(connection, collection_id, grant)

    @writes
    def set_member(
        self,
        connection: Connection,
        collection_id: str,
        user_id: str,
        role: GrantedRole | None,
    ) -> None:
        """See `Collections.set_member`."""
        hold(connection, collection_id)
        _take_from_user(connection, collection_id, user_id)
        if role is not None:
            _require(connection, users, "user", {user_id})
            _insert(connection, collection_id, Grant("user", role, user_id))

    @writes
    def transfer(self, connection: Connection, collection_id: str, user_id: str) -> Collection:
        """See `Collections.transfer`."""
        take_turns(connection, "collections")
        found = hold(connection, collection_id)
        if found.owner_id == user_id:
            return found
        _require(connection, users, "user", {user_id})
        _take_from_user(connection, collection_id, user_id)
        _take_from_user(connection, collection_id, found.owner_id)
        _insert(connection, collection_id, Grant("user", "editor", found.owner_id))
        connection.execute(
            update(collections)
            .where(collections.c.collection_id == collection_id)
            .values(owner_id=user_id, name=_free_name(connection, found.name, user_id))
        )
        return hold(connection, collection_id)

    @reads
    def grantees(self, connection: Connection, query: str, *, limit: int) -> Sequence[Grantee]:
        """See `Collections.grantees`."""
        people = (
            select(users.c.user_id, _SHOWN_NAME, users.c.name)
            .where(
                users.c.disabled_at.is_(None),
                or_(
                    users.c.name_folded.contains(folded(query), autoescape=True),
                    _contains(users.c.name, query),
                    _contains(users.c.display_name, query),
                ),
            )
            .order_by(_begins_with(_SHOWN_NAME, query), func.lower(_SHOWN_NAME), users.c.user_id)
            .limit(limit)
        )
        teams = (
            select(groups.c.group_id, groups.c.name)
            .where(_contains(groups.c.name, query))
            .order_by(_begins_with(groups.c.name, query), func.lower(groups.c.name))
            .limit(limit)
        )
        found_people = [Grantee("user", *row) for row in connection.execute(people)]
        found_teams = [Grantee("group", *row) for row in connection.execute(teams)]
        room = max(limit - len(found_teams), limit - limit // 2)
        found_people = found_people[:room]
        return [*found_people, *found_teams[: limit - len(found_people)]]


def hold(connection: Connection, collection_id: str) -> Collection:
    """Return the collection, whose row is locked until the transaction ends.

    Raises:
        NotFound: It does not exist.
    """
    row = connection.execute(
        select(collections)
        .where(collections.c.collection_id == collection_id)
        .with_for_update(key_share=True)
    ).first()
    if row is None:
        raise NotFound(f"there is no collection {collection_id!r}")
    return collection_of(row)


def _require(connection: Connection, table: Table, kind: str, ids: Iterable[str]) -> None:
    """Keep users or groups from being deleted meanwhile."""
    key = table.c[f"{kind}_id"]
    held = select(key).where(key.in_(list(ids))).order_by(key)
    there = set(connection.execute(held.with_for_update(read=True, key_share=True)).scalars())
    for missing in sorted(set(ids) - there):
        raise InvalidRequest(f"there is no {kind} {missing!r} to share with", code="no_grantee")


def _take_from_user(connection: Connection, collection_id: str, user_id: str) -> None:
    connection.execute(
        delete(grants).where(grants.c.collection_id == collection_id, grants.c.user_id == user_id)
    )


def _insert(connection: Connection, collection_id: str, grant: Grant) -> None:
    connection.execute(
        insert(grants).values(
            grant_id=new_id(),
            collection_id=collection_id,
            user_id=grant.grantee_id if grant.kind == "user" else None,
            group_id=grant.grantee_id if grant.kind == "group" else None,
            role=grant.role,
        )
    )


def _contains(column: Column[str], query: str) -> ColumnElement[bool]:
    return func.lower(column).contains(query.lower(), autoescape=True)


def _begins_with(name: ColumnElement[str], query: str) -> ColumnElement[int]:
    """Return 0 for names that begin with `query`, 1 for others."""
    begins = func.lower(name).startswith(query.lower(), autoescape=True)
    return case((begins, 0), else_=1)


def _free_name(connection: Connection, name: str, owner_id: str) -> str:
    """Return a name that none of the owner's collections has; numbered, if `name` is taken."""
    theirs = select(collections.c.name).where(collections.c.owner_id == owner_id)
    taken = set(connection.execute(theirs).scalars())
    names = (name if number == 1 else f"{name[:_NAME_MAX]} ({number})" for number in count(1))
    return next(candidate for candidate in names if candidate not in taken)
