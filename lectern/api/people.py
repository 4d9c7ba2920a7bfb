"""Who the caller is, and their API keys."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from lectern.api.bodies import Reply, Request


class Me(Reply):
    """Who the caller is."""

    user_id: str
    name: str
    is_admin: bool


class ApiKeyRequest(Request):
    """A new API key for the caller."""

    label: Annotated[str, Field(min_length=1, max_length=100)]
    expires_in_days: Annotated[int, Field(ge=1, le=3650)] | None = None


class ApiKey(Reply):
    """An API key; `secret` is present only in the answer to its creation."""

    key_id: str
    label: str
    created_at: datetime
    expires_at: datetime | None = None
    last_used_at: datetime | None = None
    secret: str | None = None


class ApiKeyList(Reply):
    """The caller's API keys, newest first."""

    api_keys: list[ApiKey]
