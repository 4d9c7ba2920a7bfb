"""Who is calling, and what they may do: checked in the function, never only in a user interface."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from lectern import telemetry
from lectern.catalog.port import Catalog
from lectern.catalog.records import Collection, Document, Role, Scope, User
from lectern.catalog.records_accounts import EVERY_SCOPE, Principal
from lectern.errors import Forbidden, NotFound, TransientError, Unauthorized

_RANK: dict[Role, int] = {"viewer": 1, "editor": 2, "owner": 3}


@dataclass(frozen=True, slots=True)
class Access:
    """The rights of one caller. What they may not read does not exist for them.

    Args:
        catalog: Where roles are looked up.
        user: The caller; an administrator only if the token may be used for administration.
        principal: The caller's session or key; None for reading in the name of somebody who is
            not calling, such as whoever shared a conversation.
    """

    catalog: Catalog
    user: User
    principal: Principal | None = None

    @property
    def scopes(self) -> frozenset[Scope]:
        """What the caller's token may be used for."""
        return self.principal.scopes if self.principal else frozenset({"read"})

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
        self._require(actual, role, what)
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
        self._require(actual, role, what)
        return found

    def require_administrator(self) -> None:
        """Return if the caller is an administrator, with a token for that.

        Raises:
            Forbidden: They are not.
        """
        if not self.user.is_admin:
            raise Forbidden("this is for administrators, with a token of the scope 'admin'")

    def require_every_scope(self) -> None:
        """Return if the token is a session's or an unrestricted key's.

        Raises:
            Forbidden: It is a key with limited scopes; it must not get itself more.
        """
        for scope in sorted(EVERY_SCOPE - self.scopes):
            raise _lacking(scope)

    def record(self, action: str, subject: str = "", /, **detail: str) -> None:
        """Add to the audit log that the caller did `action` ("collection.shared") to `subject`.

        Called after the change. `subject` is an id; `detail` are ids, roles and names of settings,
        never content or secrets. A database in trouble does not undo the change: the entry goes to
        the process's log instead.
        """
        if self.principal and self.principal.key_id:
            detail = {"key": self.principal.key_id} | detail
        record(self.catalog, self.user, action, subject, **detail)

    def _require(self, actual: Role, role: Role, what: str) -> None:
        if _RANK[actual] < _RANK[role]:
            raise Forbidden(f"{what} needs the role {role!r}; yours is {actual!r}")
        if role != "viewer" and "write" not in self.scopes:
            raise _lacking("write")


def authenticate(
    catalog: Catalog,
    authorization: str | None,
    *,
    scope: Scope = "read",
    with_temporary_password: bool = False,
) -> Access:
    """Return the rights of whoever sent this `Authorization` header.

    Args:
        catalog: Where sessions and keys are looked up.
        authorization: The header, "Bearer …".
        scope: What the token must be usable for: "read" for searching and asking (in a
            conversation, too), "write" for changes. Administration is
            `Access.require_administrator`.
        with_temporary_password: Let in who still has to change the password somebody gave them.

    Raises:
        Unauthorized: There is no bearer token in it, or nobody's.
        Forbidden: The token lacks the scope (code `insufficient_scope`), or the password has to
            be changed first (`password_change_required`).
    """
    scheme, _, secret = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or not secret.strip():
        raise Unauthorized("send a token: 'Authorization: Bearer …'")
    principal = catalog.sessions.principal_of(secret.strip())
    if principal is None:
        raise Unauthorized("the token is unknown or has expired; sign in again")
    if scope not in principal.scopes:
        raise _lacking(scope)
    if principal.must_change_password and not with_temporary_password:
        raise Forbidden(
            "your password was given to you; change it with POST /v1/me/password first",
            code="password_change_required",
        )
    user = principal.user
    if "admin" not in principal.scopes:
        user = replace(user, is_admin=False)
    return Access(catalog, user, principal)


def record(catalog: Catalog, user: User, action: str, subject: str = "", /, **detail: str) -> None:
    """Add to the audit log what `user` did, for who has no `Access` yet; see `Access.record`."""
    try:
        catalog.audit.record(user.user_id, user.name, action, subject=subject, detail=detail)
    except TransientError as error:
        telemetry.logger.error(
            "not in the audit log",
            extra={"actor": user.user_id, "action": action, "subject": subject, "code": error.code},
        )


def _lacking(scope: Scope) -> Forbidden:
    return Forbidden(
        f"this key may not be used for that: it lacks the scope {scope!r}",
        code="insufficient_scope",
    )
