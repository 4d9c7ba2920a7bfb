"""Collections over HTTP."""

from collections.abc import Sequence
from urllib.parse import quote

from lectern.api import CollectionList, CollectionReply, CollectionRequest
from lectern.client.connection import Connection


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
            if name in {collection.collection_id, collection.slug, collection.name}:
                return collection
        return self.create(name)

    def delete(self, collection: str, *, force: bool = False) -> None:
        """Remove an empty collection, or with `force` all it holds as well.

        Raises:
            InvalidRequest: It still holds documents, and `force` is off.
        """
        query = {"force": "true"} if force else None
        self._connection.send("catalog", "DELETE", _path(collection), query=query)

    def reembed(self, collection: str) -> CollectionReply:
        """Embed every document of a collection anew, with the embedder that is configured now."""
        path = _path(collection) + "/reembed"
        return self._connection.fetch("catalog", "POST", path, CollectionReply)


def _path(collection: str) -> str:
    return "/v1/collections/" + quote(collection, safe="")
