"""A coroutine that produces values on a background event loop, read as an ordinary iterator.

Reading a reply with blocking sockets can neither keep an exact deadline nor be cancelled while it
waits for the first token; a coroutine can. One loop per process serves every reply.
"""

import asyncio
import queue
import threading
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import CancelledError, Future
from contextlib import suppress
from functools import cache
from typing import Any, Generic, TypeVar

T = TypeVar("T")


@cache
def background_loop() -> asyncio.AbstractEventLoop:
    """Return this process's background event loop, starting its thread at the first call.

    Call it only after the server has forked: threads do not survive a fork.
    """
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="lectern-background", daemon=True).start()
    return loop


def awaited(coroutine: Coroutine[Any, Any, T], limit_s: float) -> T:
    """Return what `coroutine` comes to on the background loop; raise what it raises.

    Raises:
        TimeoutError: It takes longer than `limit_s`, however busy it looks; it is cancelled.
    """

    async def within() -> T:
        async with asyncio.timeout(limit_s):
            return await coroutine

    return asyncio.run_coroutine_threadsafe(within(), background_loop()).result()


class Produced(Generic[T]):
    """Values that `produce` hands to its argument, in order; see `ChatDeltas`.

    Args:
        produce: Called with a function that takes one value; runs on the background loop. What it
            raises is raised to the reader after the values that came before.
    """

    def __init__(self, produce: Callable[[Callable[[T], None]], Coroutine[Any, Any, None]]) -> None:
        self._values: queue.SimpleQueue[T | Future[None]] = queue.SimpleQueue()
        self._finished = False
        coroutine = produce(self._values.put)
        self._task = asyncio.run_coroutine_threadsafe(coroutine, background_loop())
        self._task.add_done_callback(self._values.put)

    def __iter__(self) -> Iterator[T]:
        return self

    def __next__(self) -> T:
        if self._finished:
            raise StopIteration
        value = self._values.get()
        if not isinstance(value, Future):
            return value
        self._finished = True
        with suppress(CancelledError):  # closed by the reader, who wants to hear no more
            value.result()
        raise StopIteration

    def close(self) -> None:
        """See `ChatDeltas.close`."""
        self._task.cancel()
