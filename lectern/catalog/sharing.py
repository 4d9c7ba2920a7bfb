"""Who may do what in a collection: the highest of owner, own grant, groups' grants, everyone's."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    case,
    func,
    literal,
    or_,
    select,
    union_all,
)

from lectern.catalog.database import Database, reads
from lectern.catalog.records import Collection, Role, User
from lectern.catalog.rows import collection_of
from lectern.catalog.tables import collections, documents
from lectern.catalog.tables_accounts import group_members
from lectern.catalog.tables_sharing import grants
from lectern.documents import DocumentState, slug

_OWNER = 3
_ROLES: dict[int, Role] = {1: "viewer", 2: "editor", _OWNER: "owner"}
_RANK = case((grants.c.role == "editor", 2), else_=1)
_TO_EVERYONE = and_(grants.c.user_id.is_(None), grants.c.group_id.is_(None))


class Sharing:
    """The methods of `Collections` that say what somebody may do; each is one query.

    The query is the same for what is missing and for what is somebody else's, so that its time
    does not tell them apart.
    """

    def __init__(self, database: Database) -> None:
        self.database = database

    @reads
    def readable(self, connection: Connection, user: User) -> Sequence[tuple[Collection, Role]]:
        """See `Collections.readable`."""
        found = _all_ranked(user).order_by(collections.c.name, collections.c.collection_id)
        return [(collection_of(row), _ROLES[row.rank]) for row in connection.execute(found)]

    def visible_to(self, user: User) -> Sequence[Collection]:
        """See `Collections.visible_to`."""
        return [collection for collection, _ in self.readable(user)]

    @reads
    def role_of(self, connection: Connection, user: User, collection_id: str) -> Role | None:
        """See `Collections.role_of`."""
        found = connection.execute(_ranked(user, collections.c.collection_id == collection_id))
        return _role(found.first())

    @reads
    def reach(
        self, connection: Connection, user: User, collection: str
    ) -> tuple[Collection, Role] | None:
        """See `Collections.reach`."""
        by_id = collections.c.collection_id == collection
        named = _ranked(user, or_(by_id, collections.c.slug == collection))
        row = connection.execute(named.order_by(case((by_id, 0), else_=1)).limit(1)).first()
        role = _role(row)
        if role is None:
            row = _named(connection, user, collection)
            role = _role(row)
        return None if row is None or role is None else (collection_of(row), role)

    @reads
    def role_on_document(self, connection: Connection, user: User, document_id: str) -> Role | None:
        """See `Collections.role_on_document`."""
        joined = _ranked(user, documents.c.document_id == document_id).join(
            documents, documents.c.collection_id == collections.c.collection_id
        )
        living = joined.where(documents.c.state != DocumentState.DELETING)
        return _role(connection.execute(living).first())


def _named(connection: Connection, user: User, name: str) -> Row[Any] | None:
    """Return the collection of that name which the user may read: their own, or else the oldest."""
    own_first = _all_ranked(user).order_by(
        case((collections.c.owner_id == user.user_id, 0), else_=1),
        collections.c.created_at,
        collections.c.collection_id,
    )
    return first_named(connection.execute(own_first).all(), name)


def first_named(rows: Sequence[Row[Any]], name: str) -> Row[Any] | None:
    """Return the first collection of that name, or else the first that was made under it.

    A name is found as it is written, and as the beginning of an address.
    """
    now = (row for row in rows if name in {row.name, slug(row.name)})
    once = (row for row in rows if name == row.slug.rpartition("-")[0])
    return next(now, None) or next(once, None)


def _all_ranked(user: User) -> Select[Any]:
    """Return the query for all collections in which the user has a `rank`."""
    if user.is_admin:
        return select(collections, _rank(user, literal(0)).label("rank"))
    best = _best_grants(user).subquery()
    rank = _rank(user, func.coalesce(best.c.rank, 0))
    joined = select(collections, rank.label("rank")).outerjoin(
        best, best.c.collection_id == collections.c.collection_id
    )
    return joined.where(rank > 0)


def _ranked(user: User, condition: ColumnElement[bool]) -> Select[Any]:
    """Return the query for the collections that meet `condition`, with the user's `rank` there."""
    mine = select(group_members.c.group_id).where(group_members.c.user_id == user.user_id)
    best = (
        select(func.max(_RANK))
        .where(
            grants.c.collection_id == collections.c.collection_id,
            or_(grants.c.user_id == user.user_id, grants.c.group_id.in_(mine), _TO_EVERYONE),
        )
        .correlate(collections)
        .scalar_subquery()
    )
    rank = _rank(user, func.coalesce(best, 0))
    return select(collections, rank.label("rank")).where(condition)


def _best_grants(user: User) -> Select[Any]:
    """Return the query for all that is granted to the user, by whichever way, the best of each."""
    columns = (grants.c.collection_id, _RANK.label("rank"))
    everything = union_all(
        select(*columns).where(grants.c.user_id == user.user_id),
        select(*columns)
        .join(group_members, group_members.c.group_id == grants.c.group_id)
        .where(group_members.c.user_id == user.user_id),
        select(*columns).where(_TO_EVERYONE),
    ).subquery()
    return select(everything.c.collection_id, func.max(everything.c.rank).label("rank")).group_by(
        everything.c.collection_id
    )


def _rank(user: User, granted: ColumnElement[int]) -> ColumnElement[int]:
    if user.is_admin:
        return literal(_OWNER)
    return case((collections.c.owner_id == user.user_id, _OWNER), else_=granted)


def _role(row: Row[Any] | None) -> Role | None:
    return None if row is None else _ROLES.get(row.rank)
