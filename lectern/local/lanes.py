"""Threads in which deliveries run."""

import heapq
import itertools
import logging
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

Job = Callable[[], None]

log = logging.getLogger("lectern.local")


class ThreadLanes:
    """See `lectern.local.broker.Lanes`. Threads are started when they are first needed.

    Args:
        capacities: Lane -> how many of its jobs run at once.
    """

    def __init__(self, capacities: Mapping[str, int]) -> None:
        self._pools = {
            lane: ThreadPoolExecutor(capacity, thread_name_prefix=f"lane-{lane}")
            for lane, capacity in capacities.items()
        }
        self._due: list[tuple[float, int, Job]] = []
        self._order = itertools.count()
        self._changed = threading.Condition()
        self._closed = False
        self._clock = threading.Thread(target=self._run_timers, name="lane-timers", daemon=True)
        self._clock.start()

    def run(self, lane: str, job: Job) -> None:
        """See `Lanes.run`. After `close` it does nothing."""
        with self._changed:
            if not self._closed:
                self._pools[lane].submit(_logged, job)

    def later(self, delay_s: float, job: Job) -> None:
        """See `Lanes.later`."""
        with self._changed:
            heapq.heappush(self._due, (time.monotonic() + delay_s, next(self._order), job))
            self._changed.notify()

    def close(self) -> None:
        """Drop what waits; what runs is not interrupted."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        for pool in self._pools.values():
            pool.shutdown(wait=False, cancel_futures=True)

    def _run_timers(self) -> None:
        while True:
            with self._changed:
                while not self._closed and (not self._due or self._due[0][0] > time.monotonic()):
                    wait_s = self._due[0][0] - time.monotonic() if self._due else None
                    self._changed.wait(wait_s)
                if self._closed:
                    return
                _, _, job = heapq.heappop(self._due)
            job()


def _logged(job: Job) -> None:
    """Run `job`; nobody looks at the pool's futures, so a bug in it would go unseen."""
    try:
        job()
    except Exception:
        log.exception("unexpected error in a delivery")
        raise
