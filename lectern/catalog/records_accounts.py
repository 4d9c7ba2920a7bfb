"""What the catalog returns about accounts: plain values. Times are UTC."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from lectern.catalog.records import GrantedRole, Scope, User

EVERY_SCOPE: frozenset[Scope] = frozenset({"read", "write", "admin"})


@dataclass(frozen=True, slots=True)
class Account:
    """A user with what they and administrators know about them.

    `email_verified` says that an administrator, an invitation or a provider gave the address, not
    the user alone.
    """

    user: User
    display_name: str = ""
    email: str = ""
    email_verified: bool = False
    language: str = ""
    has_password: bool = False
    must_change_password: bool = False
    disabled: bool = False
    last_signed_in_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Credential:
    """What a password is checked against; the hash is "" for an account without a password."""

    user_id: str
    password_hash: str
    disabled: bool


@dataclass(frozen=True, slots=True)
class Principal:
    """Whoever sent a secret, and what the secret may be used for.

    One of `session_id` and `key_id` is set; `expires_at` is the secret's.
    """

    user: User
    scopes: frozenset[Scope]
    session_id: str = ""
    key_id: str = ""
    expires_at: datetime | None = None
    must_change_password: bool = False


@dataclass(frozen=True, slots=True)
class Session:
    """A session; its secret is shown once and stored as a digest only."""

    session_id: str
    user_id: str
    label: str
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Limit:
    """How many attempts a subject has before it must wait, longer after each further one.

    Attempts are forgotten when there was none for `window_s`. The first wait takes
    `first_lock_s`; each attempt after a wait doubles it, up to `window_s`.
    """

    subject: str
    attempts: int
    first_lock_s: float
    window_s: float


@dataclass(frozen=True, slots=True)
class Group:
    """A named set of users; with `oidc_group`, a provider's claim decides who is in it."""

    group_id: str
    name: str
    oidc_group: str = ""
    member_count: int = 0


@dataclass(frozen=True, slots=True)
class Invitation:
    """An invitation; `grants` are collection ids and roles."""

    invitation_id: str
    email: str
    is_admin: bool
    grants: tuple[tuple[str, GrantedRole], ...]
    invited_by: str
    created_at: datetime
    expires_at: datetime
    accepted_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class OidcFlow:
    """What has to be remembered between leaving for a provider and coming back, once."""

    nonce: str
    code_verifier: str
    redirect_uri: str


@dataclass(frozen=True, slots=True)
class ProviderIdentity:
    """Whom a provider vouches for.

    `is_admin` and `groups` are None where the settings leave them to Lectern.
    """

    issuer: str
    subject: str
    name: str
    display_name: str = ""
    email: str = ""
    email_verified: bool = False
    is_admin: bool | None = None
    groups: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One line of the audit log."""

    entry: int
    at: datetime
    actor_id: str
    actor_name: str
    action: str
    subject: str
    detail: Mapping[str, str] = field(default_factory=dict)
