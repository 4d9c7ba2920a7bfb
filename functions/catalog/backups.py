"""When the last backup was made, for administrators."""

from functions.catalog.service import administrator, api
from functions.catalog.wiring import dependencies
from lectern.api.backups import BackupSummary
from lectern.backup.names import name_of
from lectern.backup.shelf import Shelf


@api.route("GET", "/v1/backups/newest", reply=BackupSummary)
def newest_backup() -> BackupSummary:
    """Show the newest backup in the installation's own store."""
    administrator()
    made_at = Shelf(dependencies().store).newest()
    return BackupSummary(name=name_of(made_at) if made_at else "", made_at=made_at)
