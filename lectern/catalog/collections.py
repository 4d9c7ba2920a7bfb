"""Collections, their members and the embedder they are bound to."""

from collections.abc import Sequence
from itertools import count

from sqlalchemy import ColumnElement, Connection, delete, insert, or_, select, update

from lectern.catalog.database import Database, reads, take_turns, writes
from lectern.catalog.records import Collection, Role, User
from lectern.catalog.rows import collection_of, composed, now
from lectern.catalog.tables import collections, documents, members
from lectern.documents import new_id, slug
from lectern.errors import InvalidRequest, NotFound


class SqlCollections:
    """See `Collections`."""

    def __init__(self, database: Database) -> None:
        self.database = database

    @writes
    def create(self, connection: Connection, name: str, owner_id: str) -> Collection:
        """See `Collections.create`."""
        name = composed(name)
        take_turns(connection, "collections")
        taken = (collections.c.owner_id == owner_id) & (collections.c.name == name)
        if _first(connection, taken) is not None:
            raise InvalidRequest(f"you have a collection {name!r} already; choose another name")
        return _create(connection, name, owner_id)

    @writes
    def ensure(self, connection: Connection, name: str, owner_id: str) -> Collection:
        """See `Collections.ensure`; a collection of that name is preferred to one of that slug."""
        name = composed(name)
        take_turns(connection, "collections")
        mine = collections.c.owner_id == owner_id
        return (
            _first(connection, mine & (collections.c.name == name))
            or _first(connection, mine & (collections.c.slug == name))
            or _create(connection, name, owner_id)
        )

    @reads
    def get(self, connection: Connection, collection_id: str) -> Collection | None:
        """See `Collections.get`."""
        return _first(connection, collections.c.collection_id == collection_id)

    @reads
    def by_slug(self, connection: Connection, slug: str) -> Collection | None:
        """See `Collections.by_slug`."""
        return _first(connection, collections.c.slug == slug)

    @reads
    def visible_to(self, connection: Connection, user: User) -> Sequence[Collection]:
        """See `Collections.visible_to`."""
        query = select(collections).order_by(collections.c.name, collections.c.collection_id)
        if not user.is_admin:
            joined = select(members.c.collection_id).where(members.c.user_id == user.user_id)
            query = query.where(
                or_(
                    collections.c.owner_id == user.user_id,
                    collections.c.collection_id.in_(joined),
                )
            )
        return [collection_of(row) for row in connection.execute(query)]

    @reads
    def role_of(self, connection: Connection, user: User, collection_id: str) -> Role | None:
        """See `Collections.role_of`."""
        found = _first(connection, collections.c.collection_id == collection_id)
        if found is None:
            return None
        if user.is_admin or found.owner_id == user.user_id:
            return "owner"
        role: Role | None = connection.execute(
            select(members.c.role).where(
                members.c.collection_id == collection_id, members.c.user_id == user.user_id
            )
        ).scalar()
        return role

    @writes
    def set_member(
        self, connection: Connection, collection_id: str, user_id: str, role: Role | None
    ) -> None:
        """See `Collections.set_member`."""
        _lock(connection, collection_id)
        connection.execute(
            delete(members).where(
                members.c.collection_id == collection_id, members.c.user_id == user_id
            )
        )
        if role is not None:
            connection.execute(
                insert(members).values(collection_id=collection_id, user_id=user_id, role=role)
            )

    @writes
    def bind_embedder(
        self,
        connection: Connection,
        collection_id: str,
        *,
        name: str,
        fingerprint: str,
        dimensions: int,
    ) -> Collection:
        """See `Collections.bind_embedder`."""
        connection.execute(
            update(collections)
            .where(
                collections.c.collection_id == collection_id,
                collections.c.embedder_fingerprint == "",
            )
            .values(embedder=name, embedder_fingerprint=fingerprint, dimensions=dimensions)
        )
        return _lock(connection, collection_id)

    @writes
    def unbind_embedder(self, connection: Connection, collection_id: str) -> None:
        """See `Collections.unbind_embedder`."""
        connection.execute(
            update(collections)
            .where(collections.c.collection_id == collection_id)
            .values(embedder="", embedder_fingerprint="", dimensions=0)
        )

    @writes
    def delete(self, connection: Connection, collection_id: str) -> None:
        """See `Collections.delete`; documents that are being deleted still count."""
        here = collections.c.collection_id == collection_id
        if connection.execute(select(collections).where(here).with_for_update()).first() is None:
            return
        held = select(documents.c.document_id).where(documents.c.collection_id == collection_id)
        if connection.execute(held.limit(1)).first() is not None:
            raise InvalidRequest(
                f"collection {collection_id!r} still holds documents; delete them first",
                code="collection_not_empty",
            )
        connection.execute(delete(collections).where(here))


def _first(connection: Connection, condition: ColumnElement[bool]) -> Collection | None:
    row = connection.execute(select(collections).where(condition)).first()
    return collection_of(row) if row else None


def _lock(connection: Connection, collection_id: str) -> Collection:
    row = connection.execute(
        select(collections)
        .where(collections.c.collection_id == collection_id)
        .with_for_update(key_share=True)
    ).first()
    if row is None:
        raise NotFound(f"there is no collection {collection_id!r}")
    return collection_of(row)


def _create(connection: Connection, name: str, owner_id: str) -> Collection:
    if not name:
        raise InvalidRequest("a collection needs a name")
    base = slug(name)
    near = select(collections.c.slug).where(collections.c.slug.startswith(base, autoescape=True))
    taken = set(connection.execute(near).scalars())
    candidates = (base if number == 1 else f"{base}-{number}" for number in count(1))
    row = connection.execute(
        insert(collections)
        .values(
            collection_id=new_id(),
            slug=next(candidate for candidate in candidates if candidate not in taken),
            name=name,
            owner_id=owner_id,
            created_at=now(),
        )
        .returning(collections)
    ).one()
    return collection_of(row)
