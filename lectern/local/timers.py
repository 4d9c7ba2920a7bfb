"""Upkeep by the clock: what a PingSource does on a cluster."""

import time
from collections.abc import Callable, Mapping
from typing import Any

from lectern.events import Envelope, MaintenanceDue, encode
from lectern.local.broker import Broker

_SWEEP_S = 60.0
_QUIET_SWEEP_S = 900.0
_OPTIMIZE_S = 600.0
_UPKEEP = MaintenanceDue.event_type


class Timers:
    """Publishes maintenance.due.

    A sweep is due every minute while there was anything to heal lately, else every quarter of an
    hour, so that a machine with nothing to do keeps no worker up. Optimizing is due every ten
    minutes when something changed.

    Args:
        broker: Gets the events, and knows whether there were others.
        lately_s: Seconds after the last event during which a sweep may find something: what the
            sweeper calls stuck, and a little more.
        clock: Seconds, growing.
    """

    def __init__(
        self, broker: Broker, *, lately_s: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._broker = broker
        self._lately_s = lately_s
        self._clock = clock
        self._run = format(time.time_ns(), "x")
        now = clock()
        self._swept_at = self._optimized_at = self._moved_at = now
        self._seen: Mapping[str, int] = {}
        self._dirty = False

    def sweep_now(self) -> None:
        """Have everything looked after that an earlier run has left behind."""
        self._publish(MaintenanceDue(task="sweep", older_than_s=0, tick=self._tick()))

    def tend(self) -> None:
        """Publish what is due. Call it every second or so."""
        now = self._clock()
        seen = {name: n for name, n in self._broker.accepted().items() if name != _UPKEEP}
        if seen != self._seen:
            self._seen, self._moved_at, self._dirty = seen, now, True
        lately = now - self._moved_at <= self._lately_s
        if now - self._swept_at >= (_SWEEP_S if lately else _QUIET_SWEEP_S):
            self._swept_at = now
            self._publish(MaintenanceDue(task="sweep", tick=self._tick()))
        if self._dirty and now - self._optimized_at >= _OPTIMIZE_S:
            self._optimized_at, self._dirty = now, False
            self._publish(MaintenanceDue(task="optimize", tick=self._tick()))

    def _tick(self) -> str:
        return f"{self._run}-{self._clock():.0f}"

    def _publish(self, event: MaintenanceDue) -> None:
        headers, body = encode(Envelope.of(event, source="/lectern/timers"))
        extra: dict[str, Any] = {name.lower(): value for name, value in headers.items()}
        self._broker.accept(extra, body)
