"""When the last backup was made, as a metric that every process answers from the store.

A gauge that only the process sets which made the backup would vanish with it, and that process is
gone minutes later. Zero says that there is none.
"""

import time
from collections.abc import Iterator

from prometheus_client import REGISTRY
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from lectern import telemetry
from lectern.backup.shelf import Shelf
from lectern.errors import LecternError

LAST_SUCCESS = "lectern_backup_last_success_timestamp_seconds"
_LOOK_EVERY_S = 60.0


def _family() -> GaugeMetricFamily:
    return GaugeMetricFamily(LAST_SUCCESS, "When the newest backup was made; 0: there is none.")


class LastBackup(Collector):
    """Reads the names of the backups, at most once a minute; silent until `shelf` is set."""

    def __init__(self) -> None:
        self.shelf: Shelf | None = None
        self._looked_at = float("-inf")
        self._newest: float | None = None

    def look_at(self, shelf: Shelf) -> None:
        """Report the backups of this shelf from now on."""
        self.shelf, self._looked_at, self._newest = shelf, float("-inf"), None

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """See `Collector.describe`; reads nothing."""
        yield _family()

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """See `Collector.collect`; says nothing while the store cannot be read."""
        family = _family()
        newest = self._current()
        if newest is not None:
            family.add_metric([], newest)
        yield family

    def _current(self) -> float | None:
        if self.shelf is None or time.monotonic() - self._looked_at < _LOOK_EVERY_S:
            return self._newest
        self._looked_at = time.monotonic()
        try:
            newest = self.shelf.newest()
            self._newest = newest.timestamp() if newest else 0.0
        except LecternError as error:
            self._newest = None
            telemetry.logger.warning("backups cannot be listed", extra={"detail": error.detail})
        return self._newest


_last_backup = LastBackup()
REGISTRY.register(_last_backup)


def watch(shelf: Shelf) -> None:
    """Answer `/metrics` of this process with the newest backup on `shelf`."""
    _last_backup.look_at(shelf)
