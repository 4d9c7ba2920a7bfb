"""The caller's API keys."""

from collections.abc import Sequence

from lectern.api import ApiKey, ApiKeyList, ApiKeyRequest
from lectern.client.connection import Connection


class ApiKeys:
    """API keys of the caller."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def list(self) -> Sequence[ApiKey]:
        """Return the caller's keys, newest first, without their secrets."""
        return self._connection.fetch("catalog", "GET", "/v1/api-keys", ApiKeyList).api_keys

    def create(self, label: str, *, expires_in_days: int | None = None) -> ApiKey:
        """Return a new key; its `secret` is never shown again."""
        body = ApiKeyRequest(label=label, expires_in_days=expires_in_days)
        return self._connection.fetch("catalog", "POST", "/v1/api-keys", ApiKey, body=body)

    def revoke(self, key_id: str) -> None:
        """Make a key useless at once; an unknown one is no error."""
        self._connection.send("catalog", "DELETE", f"/v1/api-keys/{key_id}")
