"""The port of a service that reads the pages of a PDF."""

from pathlib import Path
from typing import Protocol


class OperationGone(Exception):
    """The service forgot the operation, or broke on it: the pages have to be sent again."""


class LayoutService(Protocol):
    """Takes a PDF and answers, later, with what stands on its pages.

    Every method may raise
    `TransientError` (unreachable, slow, overloaded; `RateLimited` says how long to wait),
    `PermanentError` (it refuses; the detail says what to set) and
    `TooLarge` (its reply, code `parser_reply_too_large`). No error holds a key.
    """

    timeout_s: float
    """Longest wait for one answer in one delivery, in seconds."""

    def submit(self, pdf: Path, *, until: float) -> str:
        """Send the file; return what `fetch` needs to ask for the answer, a text without a key.

        Not repeatable without cost: every call is another operation of the service.

        Args:
            pdf: The file.
            until: When to give up, as `time.monotonic`.
        """
        ...

    def fetch(self, operation: str, into: Path, *, until: float) -> None:
        """Wait for the answer and write it into the file `into`, as the service gave it.

        Safe to repeat, also from another process, as long as the service keeps its answer.

        Raises:
            OperationGone: The service does not know the operation (any more), or broke on it.
            TransientError: It is not done by `until` (code `parser_timeout`); ask again.
        """
        ...
