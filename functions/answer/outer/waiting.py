"""Waiting for work on the background loop, no longer than a question has time."""

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import CancelledError, Future
from typing import Any, TypeVar

from lectern.errors import TransientError
from lectern.models.background import background_loop

T = TypeVar("T")

OnCancel = Callable[[Callable[[], None]], None]
"""Registers what ends work whose reader has gone."""


def finished(work: Coroutine[Any, Any, T], *, timeout_s: float, on_cancel: OnCancel) -> T:
    """Return what `work` returns.

    Raises:
        TransientError: It took longer than `timeout_s` (code `tool_timeout`), or the reader has
            gone.
    """
    task = asyncio.run_coroutine_threadsafe(work, background_loop())
    on_cancel(lambda: _end(task))
    try:
        return task.result(timeout_s)
    except TimeoutError as error:
        task.cancel()
        raise too_slow() from error
    except CancelledError as error:
        raise reader_gone() from error


def _end(task: Future[Any]) -> None:
    task.cancel()


def too_slow() -> TransientError:
    """Return that a tool did not answer in its time."""
    return TransientError("the tool did not answer in its time", code="tool_timeout")


def reader_gone() -> TransientError:
    """Return that nobody waits for the answer any more."""
    return TransientError("the time for this answer is over", code="answer_timeout")
