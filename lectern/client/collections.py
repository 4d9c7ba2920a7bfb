"""Collections over HTTP."""

from collections.abc import Sequence
from urllib.parse import quote

from lectern.api import (
    CollectionChange,
    CollectionList,
    CollectionReply,
    CollectionRequest,
    CollectionSettingsChange,
    CollectionSettingsReply,
    GrantList,
    GrantReply,
    GrantRequest,
    GrantsRequest,
    OwnerRequest,
    PeopleList,
    PersonReply,
    TagList,
    TagReply,
)
from lectern.client.connection import Connection
from lectern.documents import slug


class Collections:
    """Collections the caller may see; each is named by its id or its slug."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def list(self) -> Sequence[CollectionReply]:
        """Return the collections the caller may read, by name."""
        return self._connection.fetch(
            "catalog", "GET", "/v1/collections", CollectionList
        ).collections

    def create(self, name: str) -> CollectionReply:
        """Create a collection of the caller's.

        Raises:
            InvalidRequest: The caller already has one of that name.
        """
        return self._connection.fetch(
            "catalog",
            "POST",
            "/v1/collections",
            CollectionReply,
            body=CollectionRequest(name=name),
        )

    def get(self, collection: str) -> CollectionReply:
        """Return one collection.

        Raises:
            NotFound: There is none of that id or slug for this caller.
        """
        return self._connection.fetch("catalog", "GET", _path(collection), CollectionReply)

    def ensure(self, name: str) -> CollectionReply:
        """Return the collection with that id, slug or name, creating it if there is none."""
        for collection in self.list():
            if name in {collection.collection_id, collection.slug, collection.name} or (
                name == slug(collection.name)
            ):
                return collection
        return self.create(name)

    def rename(self, collection: str, name: str) -> CollectionReply:
        """Give a collection another name; its slug stays. Needs its owner.

        Raises:
            InvalidRequest: The owner already has one of that name.
        """
        return self._connection.fetch(
            "catalog", "PATCH", _path(collection), CollectionReply, body=CollectionChange(name=name)
        )

    def grants(self, collection: str) -> Sequence[GrantReply]:
        """Return who may read or edit a collection, beside its owner. Needs an editor."""
        path = _path(collection) + "/grants"
        return self._connection.fetch("catalog", "GET", path, GrantList).grants

    def share(self, collection: str, grants: Sequence[GrantRequest]) -> Sequence[GrantReply]:
        """Replace who may read or edit a collection; return what it is then. Needs its owner.

        Raises:
            InvalidRequest: A user or a group does not exist.
        """
        body = GrantsRequest(grants=list(grants))
        path = _path(collection) + "/grants"
        return self._connection.fetch("catalog", "PUT", path, GrantList, body=body).grants

    def transfer(self, collection: str, user_id: str) -> CollectionReply:
        """Make somebody else the owner; the owner so far stays as an editor."""
        path = _path(collection) + "/owner"
        return self._connection.fetch(
            "catalog", "POST", path, CollectionReply, body=OwnerRequest(user_id=user_id)
        )

    def settings(self, collection: str) -> CollectionSettingsReply:
        """Return a collection's own settings."""
        path = _path(collection) + "/settings"
        return self._connection.fetch("catalog", "GET", path, CollectionSettingsReply)

    def change_settings(
        self, collection: str, change: CollectionSettingsChange
    ) -> CollectionSettingsReply:
        """Change the fields that `change` was given, and only those. Needs its owner."""
        path = _path(collection) + "/settings"
        return self._connection.fetch(
            "catalog", "PATCH", path, CollectionSettingsReply, body=change
        )

    def people(self, query: str = "", *, limit: int = 20) -> Sequence[PersonReply]:
        """Find users and groups to share with: those whose names contain `query`, at most 50."""
        asked: dict[str, str | int] = {"query": query, "limit": limit}
        return self._connection.fetch(
            "catalog", "GET", "/v1/people", PeopleList, query=asked
        ).people

    def tags(self, collection: str) -> Sequence[TagReply]:
        """Return the tags in a collection with their numbers of documents, most used first."""
        return self._connection.fetch("catalog", "GET", _path(collection) + "/tags", TagList).tags

    def delete(self, collection: str, *, force: bool = False) -> None:
        """Remove an empty collection, or with `force` all it holds as well.

        Raises:
            InvalidRequest: It still holds documents, and `force` is off.
        """
        query = {"force": "true"} if force else None
        self._connection.send("catalog", "DELETE", _path(collection), query=query)

    def reembed(self, collection: str) -> CollectionReply:
        """Embed every document of a collection anew, with the embedder it is set to now."""
        path = _path(collection) + "/reembed"
        return self._connection.fetch("catalog", "POST", path, CollectionReply)


def _path(collection: str) -> str:
    return "/v1/collections/" + quote(collection, safe="")
