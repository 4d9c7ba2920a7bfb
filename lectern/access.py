"""Who is calling, and what they may do: checked in the function, never only in a user interface."""

from collections.abc import Sequence
from dataclasses import dataclass

from lectern.catalog.port import Catalog
from lectern.catalog.records import Collection, Document, Role, User
from lectern.errors import Forbidden, NotFound, Unauthorized

_RANK: dict[Role, int] = {"viewer": 1, "editor": 2, "owner": 3}


@dataclass(frozen=True, slots=True)
class Access:
    """The rights of one caller. What they may not read does not exist for them.

    Args:
        catalog: Where roles are looked up.
        user: The caller.
    """

    catalog: Catalog
    user: User

    def collection(self, collection: str, *, role: Role = "viewer") -> Collection:
        """Return a collection by id or slug.

        Raises:
            NotFound: It does not exist, or the caller may not read it.
            Forbidden: The caller may read it, but `role` is needed.
        """
        what = f"collection {collection!r}"
        reached = self.catalog.collections.reach(self.user, collection)
        if reached is None:
            raise NotFound(f"there is no {what}")
        found, actual = reached
        _require(actual, role, what)
        return found

    def collections(self, names: Sequence[str]) -> Sequence[Collection]:
        """Return the named collections, or all the caller may read when none is named.

        Raises:
            NotFound: One of them does not exist or is not the caller's to read.
        """
        if not names:
            return self.catalog.collections.visible_to(self.user)
        return [self.collection(name) for name in dict.fromkeys(names)]

    def role_in(self, collection_id: str) -> Role:
        """Return the caller's role in a collection.

        Raises:
            NotFound: It does not exist, or the caller may not read it.
        """
        role = self.catalog.collections.role_of(self.user, collection_id)
        if role is None:
            raise NotFound(f"there is no collection {collection_id!r}")
        return role

    def document(
        self, document_id: str, *, role: Role = "viewer", trashed: bool = False
    ) -> Document:
        """Return a document at its current revision; one in the trash only if `trashed`.

        Rights come first: a document that is somebody else's is never read, so that it takes no
        longer to refuse than one that does not exist.

        Raises:
            NotFound: It does not exist, is being deleted, or the caller may not read it.
            Forbidden: The caller may read it, but `role` is needed.
        """
        what = f"document {document_id!r}"
        actual = self.catalog.collections.role_on_document(self.user, document_id)
        if actual is None:
            raise NotFound(f"there is no {what}")
        found = self.catalog.documents.get(document_id)
        if found is None or found.state == "deleting" or (found.trashed_until and not trashed):
            raise NotFound(f"there is no {what}")
        _require(actual, role, what)
        return found


def _require(actual: Role, role: Role, what: str) -> None:
    if _RANK[actual] < _RANK[role]:
        raise Forbidden(f"{what} needs the role {role!r}; yours is {actual!r}")


def authenticate(catalog: Catalog, authorization: str | None) -> Access:
    """Return the rights of whoever sent this `Authorization` header.

    Raises:
        Unauthorized: There is no bearer token in it, or nobody's.
    """
    scheme, _, secret = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or not secret.strip():
        raise Unauthorized("send a token: 'Authorization: Bearer …'")
    user = catalog.people.user_of_secret(secret.strip())
    if user is None:
        raise Unauthorized("the token is unknown or has expired; sign in again")
    return Access(catalog, user)
