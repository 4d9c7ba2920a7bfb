"""Backups, seen from outside; they are made and restored where the stores are."""

from lectern.api.backups import BackupSummary
from lectern.client.connection import Connection


class Backups:
    """What is known of backups; for administrators."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def newest(self) -> BackupSummary:
        """Return the newest backup in the installation's own store."""
        return self._connection.fetch("catalog", "GET", "/v1/backups/newest", BackupSummary)
