"""How often one address may ask what needs no token: a token bucket each, in this process only."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from lectern.errors import RateLimited

_MOST_ADDRESSES = 10_000  # about 2 MB; the one that was silent longest is forgotten first


class Patience:
    """Lets an address ask `burst` times at once, and `per_second` times in the long run.

    A light guard against floods, not against guessing: secrets are too long to be guessed. Safe to
    use from several threads.

    Args:
        burst: Requests that may come at once.
        per_second: Requests that are given back each second.
        clock: Returns seconds that only grow.
    """

    def __init__(
        self, *, burst: int, per_second: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._burst = burst
        self._per_second = per_second
        self._clock = clock
        self._lock = threading.Lock()
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def ask(self, address: str) -> None:
        """Count a request from `address`.

        Raises:
            RateLimited: It has asked too often.
        """
        at = self._clock()
        with self._lock:
            left, since = self._left.pop(address, (float(self._burst), at))
            left = min(self._burst, left + (at - since) * self._per_second)
            allowed = left >= 1
            self._left[address] = (left - 1 if allowed else left, at)
            if len(self._left) > _MOST_ADDRESSES:
                self._left.popitem(last=False)
        if not allowed:
            retry_after_s = int((1 - left) / self._per_second) + 1
            raise RateLimited("too many requests; try again later", retry_after_s=retry_after_s)
