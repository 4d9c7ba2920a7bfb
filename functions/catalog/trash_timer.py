"""Emptying the trash in time, by one waiting thread; the sweeper does it where that died."""

import threading
from collections.abc import Callable

from lectern import telemetry
from lectern.errors import LecternError

_A_LITTLE_LATER_S = 0.2  # what is due at that very moment counts as well


class TrashTimer:
    """Runs `work` some time after it was asked to; however often it is asked, in one thread.

    Args:
        work: Removes what is due. Its errors are logged: the sweeper tries again.
    """

    def __init__(self, work: Callable[[], None]) -> None:
        self._work = work
        self._lock = threading.Lock()
        self._waiting = False
        self._again_s: float | None = None

    def ask(self, after_s: float) -> None:
        """Have `work` done after `after_s` seconds, or up to twice that while it is waiting."""
        with self._lock:
            if self._waiting:
                self._again_s = after_s
                return
            self._waiting = True
            self._start(after_s)

    def _start(self, after_s: float) -> None:
        timer = threading.Timer(after_s + _A_LITTLE_LATER_S, self._run)
        timer.daemon = True
        timer.start()

    def _run(self) -> None:
        with self._lock:
            again_s, self._again_s = self._again_s, None
            self._waiting = again_s is not None
            if again_s is not None:
                self._start(again_s)
        try:
            self._work()
        except LecternError as error:
            telemetry.logger.warning(
                "trash not emptied; the sweeper will", extra={"code": error.code}
            )
