"""What every body has in common: requests forbid unknown fields, so that a typo is an error."""

from pydantic import BaseModel, ConfigDict


class Request(BaseModel):
    """Base of what callers send."""

    model_config = ConfigDict(extra="forbid", defer_build=True, frozen=True)


class Reply(BaseModel):
    """Base of what callers get."""

    model_config = ConfigDict(extra="forbid", defer_build=True, frozen=True)
