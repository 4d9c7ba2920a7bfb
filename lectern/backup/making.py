"""Making backups in the installation's own store, and removing those whose time is over."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from lectern import telemetry
from lectern.backup.manifest import Manifest
from lectern.backup.retention import Retention
from lectern.backup.shelf import Shelf
from lectern.errors import PermanentError

if TYPE_CHECKING:
    from lectern.settings import Settings

_LOOKED_AT_FOR_TICK = 8


@dataclass(frozen=True, slots=True)
class Backups:
    """The backups of one installation in its own store, where documents lie beside them."""

    shelf: Shelf
    database_url: str
    retention: Retention

    def make(self, *, tick: str = "", keep: bool = False) -> Manifest:
        """Return a new backup, or the one that was made for this `tick` already.

        Args:
            tick: What a timer calls this occasion; "" for one that nobody will repeat.
            keep: No rule shall ever remove it.

        Raises:
            TransientError: The database or the store is in trouble.
        """
        from lectern.backup.catalog import dump_catalog

        if made := self._made_for(tick):
            return made
        manifest = dump_catalog(self.database_url, self.shelf.store, tick=tick, keep=keep)
        if made := self._made_for(tick):  # by the same event, delivered twice at once
            self.shelf.remove(manifest.name)
            return made
        self.shelf.add(manifest)
        telemetry.note(backup=manifest.name, rows=manifest.rows, size_bytes=manifest.size_bytes)
        prune(self.shelf, self.retention)
        return manifest

    def _made_for(self, tick: str) -> Manifest | None:
        recent = self.shelf.names()[-_LOOKED_AT_FOR_TICK:] if tick else ()
        return next((made for made in _readable(self.shelf, recent) if made.tick == tick), None)


def backups(settings: "Settings") -> Backups:
    """Return the backups of the installation that `settings` describe."""
    from lectern.objects import object_store

    return Backups(
        Shelf(object_store(settings)),
        settings.resolved_database_url(),
        retention(settings),
    )


def retention(settings: "Settings") -> Retention:
    """Return how many backups stay."""
    return Retention(daily=settings.backup_keep_daily, weekly=settings.backup_keep_weekly)


def prune(shelf: Shelf, rule: Retention) -> Sequence[str]:
    """Remove backups whose time is over and what killed ones left; return the names removed.

    One that cannot be read stays: whoever looks for it shall find out why.
    """
    now = datetime.now(UTC)
    outdated = rule.outdated(shelf.names(), now)
    removed = [manifest.name for manifest in _readable(shelf, outdated) if not manifest.keep]
    for name in removed:
        shelf.remove(name)
    telemetry.note(removed_backups=len(removed), unfinished=shelf.remove_unfinished(now))
    return removed


def _readable(shelf: Shelf, wanted: Iterable[str]) -> Sequence[Manifest]:
    found = []
    for name in wanted:
        try:
            found.append(shelf.open(name))
        except PermanentError as error:
            telemetry.logger.warning("a backup cannot be read", extra={"detail": error.detail})
    return found
