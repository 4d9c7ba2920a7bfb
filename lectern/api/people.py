"""Who the caller is, and the caller's password and API keys."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from lectern.api.bodies import Reply, Request

Scope = Literal["read", "write", "admin"]
"""What a key may be used for: reading and asking, changing, administration."""

Password = Annotated[str, Field(min_length=1, max_length=256)]
"""A password as typed. The server has rules: 10 characters or more, none of the commonest."""

UserName = Annotated[str, Field(min_length=1, max_length=100)]
Email = Annotated[str, Field(max_length=254, pattern=r"^$|^[^@\s]+@[^@\s]+$")]
DisplayName = Annotated[str, Field(max_length=100)]
Language = Annotated[str, Field(max_length=35, pattern=r"^$|^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$")]


class GroupName(Reply):
    """A group the caller is in."""

    group_id: str
    name: str


class Me(Reply):
    """Who the caller is. `scopes` are what the token of this call may be used for.

    With `must_change_password`, nothing but `/v1/me`, its password and signing out is allowed.
    """

    user_id: str
    name: str
    is_admin: bool
    email: str = ""
    display_name: str = ""
    language: str = ""
    groups: list[GroupName] = []
    has_password: bool = False
    must_change_password: bool = False
    scopes: list[Scope] = []


class MeChange(Request):
    """What the caller changes about themselves; what is left out stays."""

    email: Email | None = None
    display_name: DisplayName | None = None
    language: Language | None = None


class PasswordChange(Request):
    """A new password; `current` is "" for an account that has none yet."""

    current: Annotated[str, Field(max_length=256)] = ""
    new: Password


class ApiKeyRequest(Request):
    """A new API key for the caller, with no more rights than the token that asks for it."""

    label: Annotated[str, Field(min_length=1, max_length=100)]
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=3)] = ["read", "write"]
    expires_in_days: Annotated[int, Field(ge=1, le=3650)] | None = None


class ApiKey(Reply):
    """An API key; `secret` is present only in the answer to its creation."""

    key_id: str
    label: str
    prefix: str = ""
    scopes: list[Scope] = []
    created_at: datetime
    expires_at: datetime | None = None
    last_used_at: datetime | None = None
    secret: str | None = None


class ApiKeyList(Reply):
    """The caller's API keys, newest first."""

    api_keys: list[ApiKey]
