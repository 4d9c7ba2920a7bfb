"""What the catalog returns: plain values, detached from any database session. Times are UTC."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from lectern.catalog.collection_settings import CollectionSettings
from lectern.documents import DocumentState, PartState

Role = Literal["owner", "editor", "viewer"]
Scope = Literal["read", "write", "admin"]
GrantedRole = Literal["editor", "viewer"]
GranteeKind = Literal["user", "group", "everyone"]


@dataclass(frozen=True, slots=True)
class User:
    """A person or a program that may sign in."""

    user_id: str
    name: str
    is_admin: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Token:
    """An API token; the secret itself is shown once and stored as a SHA-256 digest only.

    `prefix` is how the secret begins; `scopes` are what the token may be used for.
    """

    token_id: str
    user_id: str
    label: str
    created_at: datetime
    expires_at: datetime | None = None
    last_used_at: datetime | None = None
    prefix: str = ""
    scopes: tuple[Scope, ...] = ("read", "write", "admin")


@dataclass(frozen=True, slots=True)
class Collection:
    """Documents with one access rule. The embedder fields are empty until the first chunk."""

    collection_id: str
    slug: str
    name: str
    owner_id: str
    created_at: datetime
    embedder: str = ""
    embedder_fingerprint: str = ""
    dimensions: int = 0
    settings: CollectionSettings = field(default_factory=CollectionSettings)


@dataclass(frozen=True, slots=True)
class Grant:
    """A right in a collection; `grantee_id` is a user's or a group's, "" for everyone."""

    kind: GranteeKind
    role: GrantedRole
    grantee_id: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Grantee:
    """Somebody a collection can be shared with; `account` is the name a user signs in with."""

    kind: Literal["user", "group"]
    grantee_id: str
    name: str
    account: str = ""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a revision failed, in words a person can act on."""

    stage: str
    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class Document:
    """A document at its current revision. `moved_at` is when any stage last touched it.

    In the trash, `trashed_until` is when it is to be deleted for good; work on it goes on there.
    """

    document_id: str
    collection_id: str
    owner_id: str
    name: str
    revision: int
    state: DocumentState
    object_key: str
    content_type: str
    size_bytes: int
    sha256: str
    created_at: datetime
    moved_at: datetime
    pages: int = 0
    chunks: int = 0
    parts: int = 0
    parts_done: int = 0
    tags: tuple[str, ...] = ()
    metadata: dict[str, str] = field(default_factory=dict)
    parent_id: str = ""
    failure: Failure | None = None
    trashed_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a revision; pages are 1-based and inclusive."""

    document_id: str
    revision: int
    part: int
    first_page: int
    last_page: int
    state: PartState
    chunks_key: str = ""
    chunk_count: int = 0
    graphed: bool = False


@dataclass(frozen=True, slots=True)
class PartPlan:
    """A part to be created; with `chunks_key` it is already parsed."""

    part: int
    first_page: int
    last_page: int
    chunks_key: str = ""
    chunk_count: int = 0


@dataclass(frozen=True, slots=True)
class StageEntry:
    """One line of a document's timeline."""

    at: datetime
    revision: int
    stage: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Reservation:
    """A revision waiting for its bytes. Write them to `object_key`, then confirm."""

    document_id: str
    revision: int
    object_key: str


@dataclass(frozen=True, slots=True)
class Registration:
    """What became of a confirmed upload.

    `duplicate` says that the current revision already holds these very bytes; the reserved one
    is discarded (its object is to be removed) and nothing needs to be published. `superseded`
    says that a newer revision was confirmed first: the same is to be done. `document` is the
    current one in every case. `under_another_name` says that a duplicate was to become a new
    document, and that `document` is the one which has its bytes.
    """

    document: Document
    duplicate: bool
    superseded: bool = False
    under_another_name: bool = False
