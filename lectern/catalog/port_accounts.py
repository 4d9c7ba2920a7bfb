"""What Lectern asks of its catalog about accounts; see `lectern.catalog.port`."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from lectern.catalog.records import GrantedRole
from lectern.catalog.records_accounts import (
    Account,
    AuditEntry,
    Credential,
    Group,
    Invitation,
    Limit,
    OidcFlow,
    Principal,
    ProviderIdentity,
    Session,
)


class Accounts(Protocol):
    """Users with their passwords; names are compared without case."""

    def get(self, user_id: str) -> Account | None:
        """Return the account, or None."""
        ...

    def by_name(self, name: str) -> Account | None:
        """Return the account that signs in with `name`, or None."""
        ...

    def list(
        self, *, query: str = "", limit: int = 100, cursor: str = ""
    ) -> tuple[Sequence[Account], str]:
        """Return a page by name and the cursor of the next page ("" at the end)."""
        ...

    def create(
        self,
        name: str,
        *,
        display_name: str = "",
        email: str = "",
        is_admin: bool = False,
        password_hash: str = "",
    ) -> Account:
        """Create an account; a password given here has to be changed at the first sign-in.

        Raises:
            InvalidRequest: The name is taken.
        """
        ...

    def unclaimed(self) -> bool:
        """Return whether nobody can sign in yet: no password, token or identity exists."""
        ...

    def claim(self, name: str, password_hash: str) -> Account | None:
        """Create the first administrator, or return None if somebody can sign in already.

        Of many calls at once, one succeeds.
        """
        ...

    def credential(self, name: str) -> Credential | None:
        """Return what the password of `name` is checked against, or None."""
        ...

    def set_password(
        self, user_id: str, password_hash: str, *, temporary: bool = False, keep_session: str = ""
    ) -> None:
        """Set a password and end all sessions but `keep_session`."""
        ...

    def improve_hash(self, user_id: str, old: str, new: str) -> None:
        """Replace the hash of the same password, unless it has been changed meanwhile."""
        ...

    def change(
        self,
        user_id: str,
        *,
        display_name: str | None = None,
        email: str | None = None,
        email_verified: bool = False,
        language: str | None = None,
        is_admin: bool | None = None,
        disabled: bool | None = None,
    ) -> Account:
        """Change what is not None. Disabling ends all sessions.

        Raises:
            NotFound: There is no such user.
            InvalidRequest: No enabled administrator would be left.
        """
        ...

    def delete(self, user_id: str, *, transfer_to: str = "") -> None:
        """Remove a user; collections and documents go to `transfer_to`.

        Raises:
            NotFound: There is no such user, or none to transfer to.
            InvalidRequest: They own something and nobody is named, or no enabled administrator
                would be left.
        """
        ...


class Sessions(Protocol):
    """Sessions, and whose a secret is.

    A session ends 14 days after it was last used, and 90 days after it was begun.
    """

    def begin(
        self, user_id: str, label: str, *, key_id: str = "", ends_at: datetime | None = None
    ) -> tuple[Session, str]:
        """Return a new session and its secret (`lcs_…`, 160 random bits).

        One that was begun with a key ends with it: when the key is revoked, and at `ends_at`.

        Raises:
            Forbidden: The account is disabled or gone.
        """
        ...

    def list(self, user_id: str) -> Sequence[Session]:
        """Return a user's sessions that have not ended, the last used first."""
        ...

    def end(self, user_id: str, session_id: str) -> None:
        """End a session of the user's; an unknown one is no error."""
        ...

    def principal_of(self, secret: str) -> Principal | None:
        """Return whose session or API key this is; None if unknown, ended or disabled."""
        ...


class SignInLimits(Protocol):
    """Counts attempts over all instances, so that passwords cannot be guessed."""

    def admit(self, *limits: Limit) -> None:
        """Count an attempt against each limit, before it is known whether it will succeed.

        Raises:
            RateLimited: One of the subjects has to wait; nothing is counted then.
        """
        ...

    def succeeded(self, limit: Limit) -> None:
        """Forget every attempt on a subject."""
        ...

    def forgive(self, limit: Limit) -> None:
        """Take back one attempt, which succeeded, and leave the others counted."""
        ...


class Groups(Protocol):
    """Named sets of users. Names are compared without case."""

    def create(self, name: str, *, oidc_group: str = "") -> Group:
        """Create a group.

        Raises:
            InvalidRequest: The name is taken.
        """
        ...

    def get(self, group_id: str) -> Group | None:
        """Return the group, or None."""
        ...

    def list(self) -> Sequence[Group]:
        """Return all groups by name."""
        ...

    def of_user(self, user_id: str) -> Sequence[Group]:
        """Return the groups a user is in, by name."""
        ...

    def members(self, group_id: str) -> Sequence[Account]:
        """Return who is in a group, by name."""
        ...

    def add(self, group_id: str, user_id: str) -> None:
        """Put a user into a group. Safe to repeat.

        Raises:
            NotFound: There is no such group or user.
            InvalidRequest: A provider decides who is in this group.
        """
        ...

    def remove(self, group_id: str, user_id: str) -> None:
        """Take a user out of a group. Safe to repeat. Raises as `add` does."""
        ...

    def delete(self, group_id: str) -> None:
        """Remove a group and what was shared with it; an unknown one is no error."""
        ...


class Invitations(Protocol):
    """Invitations to make one account each."""

    def create(
        self,
        invited_by: str,
        *,
        email: str = "",
        is_admin: bool = False,
        grants: Sequence[tuple[str, GrantedRole]] = (),
        expires_at: datetime,
    ) -> tuple[Invitation, str]:
        """Return a new invitation and its secret (`lci_…`, 160 random bits)."""
        ...

    def list(self) -> Sequence[Invitation]:
        """Return invitations, newest first; those past for 30 days are left out."""
        ...

    def withdraw(self, invitation_id: str) -> None:
        """Make an invitation useless; an unknown one is no error."""
        ...

    def open(self, secret: str) -> bool:
        """Return whether the secret is of an invitation that can be accepted now."""
        ...

    def accept(
        self, secret: str, name: str, password_hash: str, *, display_name: str = ""
    ) -> Account:
        """Make the account, with its grants. Of many calls at once, one succeeds.

        Raises:
            NotFound: There is no such invitation, or it is used, expired or its inviter disabled.
            InvalidRequest: The name is taken; the invitation can be used again.
        """
        ...


class Identities(Protocol):
    """Accounts at an OpenID provider."""

    def begin_flow(
        self, state: str, browser_secret: str, flow: OidcFlow, *, expires_at: datetime
    ) -> None:
        """Remember a flow; `state` and `browser_secret` are stored as digests."""
        ...

    def take_flow(self, state: str, browser_secret: str) -> OidcFlow | None:
        """Return the flow once, if the browser is the one that began it and in time."""
        ...

    def sign_in(self, identity: ProviderIdentity, *, link_verified_email: bool) -> Account:
        """Return the account linked to the issuer and subject, making one at the first time.

        With `link_verified_email`, the first time links the one account that has the same
        verified e-mail, if there is one. Administration and groups follow the provider.

        Raises:
            Forbidden: The account is disabled.
        """
        ...


class Audit(Protocol):
    """Who did what when; never content or secrets."""

    def record(
        self,
        actor_id: str,
        actor_name: str,
        action: str,
        *,
        subject: str = "",
        detail: Mapping[str, str] | None = None,
    ) -> None:
        """Add a line; `action` reads `<subject>.<past tense>`."""
        ...

    def list(
        self,
        *,
        limit: int = 100,
        cursor: str = "",
        action: str = "",
        actor_id: str = "",
        subject: str = "",
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> tuple[Sequence[AuditEntry], str]:
        """Return a page, newest first, and the cursor of the next ("" at the end).

        `action` matches from the beginning; commas separate several.

        Raises:
            InvalidRequest: The cursor is not one of this list.
        """
        ...
