"""What Lectern asks of its catalog about people and the collections they may reach."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from lectern.catalog.records import (
    Collection,
    Grant,
    GrantedRole,
    Grantee,
    Role,
    Scope,
    Token,
    User,
)
from lectern.catalog.records_accounts import EVERY_SCOPE


class People(Protocol):
    """Users, their tokens and their roles."""

    def ensure_owner(self, name: str) -> User:
        """Return the first administrator, creating it if there is no user yet. Safe to repeat."""
        ...

    def create_user(self, name: str, *, is_admin: bool = False) -> User:
        """Create a user.

        Raises:
            InvalidRequest: The name is taken.
        """
        ...

    def users(self) -> Sequence[User]:
        """Return all users by name."""
        ...

    def create_token(
        self,
        user_id: str,
        label: str,
        *,
        secret: str = "",
        expires_at: datetime | None = None,
        scopes: Iterable[Scope] = EVERY_SCOPE,
    ) -> tuple[Token, str]:
        """Return the token's record and its secret (`lct_…`, 160 random bits unless given).

        The secret is not stored, only its SHA-256. With a `secret` already known for this user
        the existing record is returned, so that a local start can repeat it.
        """
        ...

    def tokens(self, user_id: str) -> Sequence[Token]:
        """Return a user's tokens, newest first."""
        ...

    def revoke_token(self, user_id: str, token_id: str) -> None:
        """Remove a token; an unknown one is no error."""
        ...


class Collections(Protocol):
    """Collections and who may do what in them."""

    def create(self, name: str, owner_id: str) -> Collection:
        """Create a collection; its slug is that of its name with a random end.

        So it is unique without telling anybody of other collections of that name.

        Raises:
            InvalidRequest: The owner already has a collection of that name.
        """
        ...

    def ensure(self, name: str, owner_id: str) -> Collection:
        """Return the owner's collection with that name or slug, creating it. Safe to repeat."""
        ...

    def get(self, collection_id: str) -> Collection | None:
        """Return the collection, or None."""
        ...

    def of_folder(self, folder: str) -> Collection | None:
        """Return the collection of this slug, or else the oldest one of this name, or None.

        Rights are not asked: for whoever may write into the object store.
        """
        ...

    def readable(self, user: User) -> Sequence[tuple[Collection, Role]]:
        """Return what the user may read with the role there, by name; see `role_of`."""
        ...

    def visible_to(self, user: User) -> Sequence[Collection]:
        """Return what the user may read, by name; an administrator sees all."""
        ...

    def role_of(self, user: User, collection_id: str) -> Role | None:
        """Return the user's role there, or None.

        It is the highest of owner ("owner" for administrators too), what is granted to the user,
        to a group of the user's, and to everyone.
        """
        ...

    def reach(self, user: User, collection: str) -> tuple[Collection, Role] | None:
        """Return the collection of this id or slug, or of this name, and the user's role there.

        A name is looked for among what the user may read: their own come first, then the oldest;
        the name that a collection was made under counts after the present ones.

        None if it does not exist or the user has no role there: one answer, in the same time.
        """
        ...

    def role_on_document(self, user: User, document_id: str) -> Role | None:
        """Return the user's role in the document's collection, or None; see `reach`.

        A document that is being deleted counts as gone; one in the trash does not.
        """
        ...

    def grants(self, collection_id: str) -> Sequence[Grant]:
        """Return who has rights beside the owner: users, groups, everyone, each by name."""
        ...

    def set_grants(self, collection_id: str, wanted: Sequence[Grant]) -> None:
        """Make `wanted` the rights in the collection, whatever they were. Safe to repeat.

        Raises:
            NotFound: There is no such collection.
            InvalidRequest: A user or group does not exist (code `no_grantee`), or is named twice.
        """
        ...

    def set_member(self, collection_id: str, user_id: str, role: GrantedRole | None) -> None:
        """Give a user a role, or take it away with None. Safe to repeat.

        Raises:
            NotFound: There is no such collection.
            InvalidRequest: There is no such user (code `no_grantee`).
        """
        ...

    def transfer(self, collection_id: str, user_id: str) -> Collection:
        """Make somebody else the owner; the owner so far becomes an editor. Safe to repeat.

        Raises:
            NotFound: There is no such collection.
            InvalidRequest: There is no such user (code `no_grantee`), or the user owns a
                collection of that name (code `name_taken`).
        """
        ...

    def grantees(self, query: str, *, limit: int) -> Sequence[Grantee]:
        """Return users, then groups, whose names contain `query` whatever its case.

        Names that begin with it come first, then it goes by name. Of many users and many groups,
        each get half of `limit`.
        """
        ...

    def rename(self, collection_id: str, name: str) -> Collection:
        """Change the name; the slug stays.

        Raises:
            NotFound: There is no such collection.
            InvalidRequest: Its owner has another of that name (code `name_taken`).
        """
        ...

    def change_settings(self, collection_id: str, changes: Mapping[str, Any]) -> Collection:
        """Change the given fields of `Collection.settings`; None sets one back to its default.

        Raises:
            NotFound: There is no such collection.
            InvalidRequest: A field does not exist or its value does not fit.
        """
        ...

    def bind_embedder(
        self, collection_id: str, *, name: str, fingerprint: str, dimensions: int
    ) -> Collection:
        """Bind the collection to an embedder if it has none; return what it is bound to then."""
        ...

    def embedded(self) -> Sequence[Collection]:
        """Return the collections that are bound to an embedder or set to one, by name."""
        ...

    def unbind_embedder(self, collection_id: str) -> None:
        """Forget the embedder, so that the collection can be embedded anew."""
        ...

    def delete(self, collection_id: str) -> None:
        """Remove an empty collection and the rights in it.

        Raises:
            InvalidRequest: It still holds documents.
        """
        ...
