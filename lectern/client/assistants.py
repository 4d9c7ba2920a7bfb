"""Assistants: ways of asking that somebody saved."""

from collections.abc import Sequence
from urllib.parse import quote

from lectern.api import AssistantChange, AssistantList, AssistantReply, AssistantRequest
from lectern.client.connection import Connection

_ALL = "/v1/assistants"


class Assistants:
    """The caller's own assistants and those that are shared with everybody."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def list(self) -> Sequence[AssistantReply]:
        """Return them by name."""
        return self._connection.fetch("catalog", "GET", _ALL, AssistantList).assistants

    def get(self, assistant: str) -> AssistantReply:
        """Return one by id or slug."""
        return self._connection.fetch("catalog", "GET", _path(assistant), AssistantReply)

    def create(self, assistant: AssistantRequest) -> AssistantReply:
        """Save one.

        Raises:
            NotFound: One of its collections is not the caller's to read.
            InvalidRequest: The caller has too many (`too_many_assistants`).
        """
        return self._connection.fetch("catalog", "POST", _ALL, AssistantReply, body=assistant)

    def change(self, assistant: str, change: AssistantChange) -> AssistantReply:
        """Change one; raises as `create`, and `Forbidden` for somebody else's."""
        path = _path(assistant)
        return self._connection.fetch("catalog", "PATCH", path, AssistantReply, body=change)

    def delete(self, assistant: str) -> None:
        """Remove one; raises `NotFound` when it is gone already."""
        self._connection.send("catalog", "DELETE", _path(assistant))


def _path(assistant: str) -> str:
    return f"{_ALL}/{quote(assistant, safe='')}"
