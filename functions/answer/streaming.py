"""An answer as a stream of server-sent events that never falls silent and always says its end."""

import contextvars
import queue
import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import closing

from functions.answer.events import encoded, failed
from lectern import telemetry
from lectern.api import AnswerEvent
from lectern.errors import LecternError

HEARTBEAT_S = 12.0  # proxies close a connection that is idle for 15 s at the earliest
HEADERS = {
    "Cache-Control": "no-cache",
    "X-Accel-Buffering": "no",  # nginx and its kin would collect the events
}


class Cancellation:
    """Tells work that its reader is gone. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._cancelled = False
        self._callbacks: list[Callable[[], None]] = []

    @property
    def cancelled(self) -> bool:
        """Whether `cancel` was called."""
        return self._cancelled

    def on_cancel(self, callback: Callable[[], None]) -> None:
        """Have `callback` called by `cancel`, or now if that has happened."""
        with self._lock:
            if not self._cancelled:
                self._callbacks.append(callback)
                return
        callback()

    def cancel(self) -> None:
        """Call what was registered, once. Safe to repeat, also after the work is done."""
        with self._lock:
            self._cancelled = True
            callbacks, self._callbacks = self._callbacks, []
        for callback in callbacks:
            callback()


def event_stream(
    events: Iterator[AnswerEvent],
    cancellation: Cancellation,
    *,
    encode: Callable[[AnswerEvent], bytes] = encoded,
    heartbeat_s: float = HEARTBEAT_S,
) -> Iterator[bytes]:
    """Yield `events` encoded, with a comment whenever `heartbeat_s` pass without one.

    The events are made in a thread of their own. The last one is `done` or `error`, whatever goes
    wrong. Closing this iterator cancels the work. What `encode` makes nothing of is left out.
    """
    ready: queue.SimpleQueue[AnswerEvent | None] = queue.SimpleQueue()
    work = contextvars.copy_context()

    def make() -> None:
        try:
            with closing(_ended(events)) as ended:
                for event in ended:
                    if cancellation.cancelled:
                        break
                    ready.put(event)
        finally:
            ready.put(None)

    yield b": Lectern\n\n"
    threading.Thread(target=work.run, args=(make,), name="answer", daemon=True).start()
    try:
        while True:
            try:
                event = ready.get(timeout=heartbeat_s)
            except queue.Empty:
                yield b": still there\n\n"
                continue
            if event is None:
                return
            if data := encode(event):
                yield data
    finally:
        cancellation.cancel()


def _ended(events: Iterator[AnswerEvent]) -> Generator[AnswerEvent]:
    """Yield `events`; what is raised becomes the `error` event."""
    try:
        yield from events
    except LecternError as error:
        telemetry.count_error("answer", error)
        yield failed(error, telemetry.trace_id())
    except Exception:  # noqa: BLE001 - a bug of any kind must not look like a finished answer
        telemetry.logger.exception("unexpected error")
        unexpected = LecternError("unexpected error; the log of the function has it")
        telemetry.count_error("answer", unexpected)
        yield failed(unexpected, telemetry.trace_id())
