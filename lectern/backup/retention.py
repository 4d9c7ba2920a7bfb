"""Which backups have had their time."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from lectern.backup import names

_ALL_KEPT = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Retention:
    """How many backups stay.

    Every backup of the last 24 hours stays, the newest of all, and the newest of each of the last
    `daily` days and `weekly` ISO weeks (in UTC) that have one.
    """

    daily: int
    weekly: int

    def outdated(self, existing: Iterable[str], now: datetime) -> Sequence[str]:
        """Return those names of backups that need not stay, oldest first."""
        dated = {name: moment for name in existing if (moment := names.moment_of(name))}
        newest_first = sorted(dated, reverse=True)
        days: dict[object, str] = {}
        weeks: dict[object, str] = {}
        for name in newest_first:
            days.setdefault(dated[name].date(), name)
            weeks.setdefault(dated[name].isocalendar()[:2], name)
        kept = {*newest_first[:1], *list(days.values())[: self.daily]}
        kept |= {*list(weeks.values())[: self.weekly]}
        kept |= {name for name in dated if now - dated[name] < _ALL_KEPT}
        return sorted(dated.keys() - kept)
