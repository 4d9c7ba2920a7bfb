"""Collections, their settings and the embedder they are bound to."""

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError
from sqlalchemy import ColumnElement, Connection, delete, exc, insert, or_, select, update

from lectern.catalog.collection_settings import CollectionSettings
from lectern.catalog.database import Database, reads, take_turns, writes
from lectern.catalog.granting import Granting, hold
from lectern.catalog.records import Collection
from lectern.catalog.rows import collection_of, now
from lectern.catalog.sharing import Sharing, first_named
from lectern.catalog.spelling import composed, storable
from lectern.catalog.tables import collections, documents
from lectern.documents import new_id, slug
from lectern.errors import InvalidRequest

_LONGEST_BASE = 80
_RANDOM_BYTES = 3


class SqlCollections(Sharing, Granting):
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
        known = _first(
            connection, mine & or_(collections.c.name == name, collections.c.slug == name)
        )
        return known or _create(connection, name, owner_id)

    @reads
    def get(self, connection: Connection, collection_id: str) -> Collection | None:
        """See `Collections.get`."""
        return _first(connection, collections.c.collection_id == collection_id)

    @reads
    def of_folder(self, connection: Connection, folder: str) -> Collection | None:
        """See `Collections.of_folder`."""
        found = _first(connection, collections.c.slug.in_([folder, slug(folder)]))
        if found is not None:
            return found
        oldest_first = select(collections).order_by(
            collections.c.created_at, collections.c.collection_id
        )
        row = first_named(connection.execute(oldest_first).all(), slug(folder))
        return collection_of(row) if row else None

    def rename(self, collection_id: str, name: str) -> Collection:
        """See `Collections.rename`."""
        try:
            return self._rename(collection_id, composed(name))
        except exc.IntegrityError as error:
            raise InvalidRequest(
                f"the owner has a collection {name!r} already; choose another name",
                code="name_taken",
            ) from error

    @writes
    def _rename(self, connection: Connection, collection_id: str, name: str) -> Collection:
        if not name:
            raise InvalidRequest("a collection needs a name")
        hold(connection, collection_id)
        _change(connection, collection_id, name=name)
        return hold(connection, collection_id)

    @writes
    def change_settings(
        self, connection: Connection, collection_id: str, changes: Mapping[str, Any]
    ) -> Collection:
        """See `Collections.change_settings`."""
        settings = hold(connection, collection_id).settings.model_dump(exclude_defaults=True)
        wanted = {
            key: value for key, value in (settings | dict(changes)).items() if value is not None
        }
        try:
            valid = CollectionSettings.model_validate(wanted, extra="forbid")
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(map(str, first["loc"]))
            raise InvalidRequest(f"the setting {where!r} is invalid: {first['msg']}") from error
        stored = {
            key: storable(value) if isinstance(value, str) else value
            for key, value in valid.stored().items()
        }
        _change(connection, collection_id, settings=stored)
        return hold(connection, collection_id)

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
        return hold(connection, collection_id)

    @reads
    def embedded(self, connection: Connection) -> Sequence[Collection]:
        """See `Collections.embedded`."""
        rows = connection.execute(select(collections).order_by(collections.c.name))
        found = map(collection_of, rows)
        return [each for each in found if each.embedder_fingerprint or each.settings.embedder]

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


def _change(connection: Connection, collection_id: str, **values: Any) -> None:
    connection.execute(
        update(collections).where(collections.c.collection_id == collection_id).values(**values)
    )


def _create(connection: Connection, name: str, owner_id: str) -> Collection:
    if not name:
        raise InvalidRequest("a collection needs a name")
    base = slug(name)[:_LONGEST_BASE].strip("-")
    row = connection.execute(
        insert(collections)
        .values(
            collection_id=new_id(),
            slug=f"{base}-{secrets.token_hex(_RANDOM_BYTES)}",
            name=name,
            owner_id=owner_id,
            created_at=now(),
        )
        .returning(collections)
    ).one()
    return collection_of(row)
