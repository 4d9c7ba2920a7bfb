"""Backups, as far as whoever looks after an installation needs to see them from outside."""

from datetime import datetime

from lectern.api.bodies import Reply


class BackupSummary(Reply):
    """The newest backup in the installation's own store; both are empty when there is none."""

    name: str
    made_at: datetime | None
