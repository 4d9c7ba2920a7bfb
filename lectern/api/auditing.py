"""The audit log: who did what when."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from lectern.api.bodies import Reply, Request


class AuditQuery(Request):
    """A page of the log; `action` matches from the beginning ("user" finds "user.created").

    Several are separated by commas: "session,sign_in".
    """

    limit: Annotated[int, Field(ge=1, le=500)] = 100
    cursor: Annotated[str, Field(max_length=20)] = ""
    action: Annotated[str, Field(max_length=100)] = ""
    actor: Annotated[str, Field(max_length=64, description="user id")] = ""
    subject: Annotated[str, Field(max_length=200, description="id of what it was done to")] = ""
    since: datetime | None = None
    until: datetime | None = None


class AuditEntry(Reply):
    """One line of the log; it never holds content or secrets."""

    entry: int
    at: datetime
    actor_id: str
    actor_name: str
    action: str
    subject: str
    detail: dict[str, str]


class AuditList(Reply):
    """Lines of the log, newest first; `cursor` is "" on the last page."""

    entries: list[AuditEntry]
    cursor: str
