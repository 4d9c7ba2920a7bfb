"""Deleting a conversation with a way back: Lectern is told only when the time to undo is over."""

import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

from lectern.client import Lectern
from lectern.errors import LecternError, NotFound

UNDO_S = 8.0

log = logging.getLogger("lectern.web")


@dataclass(slots=True)
class Deletions:
    """Deletions that are not final yet. Who signs out, and a process that ends, finish theirs.

    Args:
        undo_s: How long a deletion can be taken back, in seconds.
    """

    undo_s: float = UNDO_S
    _waiting: dict[tuple[str, str], tuple[threading.Timer, Lectern]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def later(self, owner: str, conversation_id: str, client: Lectern) -> None:
        """Delete a conversation unless `undo` comes first."""
        timer = threading.Timer(self.undo_s, self._delete, (owner, conversation_id))
        timer.daemon = True
        with self._lock:
            if (owner, conversation_id) in self._waiting:
                return
            self._waiting[owner, conversation_id] = (timer, client)
        timer.start()

    def undo(self, owner: str, conversation_id: str) -> bool:
        """Take a deletion back; return whether there still was time."""
        with self._lock:
            waiting = self._waiting.pop((owner, conversation_id), None)
        if waiting is not None:
            waiting[0].cancel()
        return waiting is not None

    def pending(self, owner: str) -> Sequence[str]:
        """Return the conversations of a person that are about to go, the latest last."""
        with self._lock:
            return [conversation_id for who, conversation_id in self._waiting if who == owner]

    def finish(self, owner: str) -> None:
        """Delete now what a person has left to be deleted: their session is about to end."""
        for conversation_id in self.pending(owner):
            self._delete(owner, conversation_id)

    def finish_all(self) -> None:
        """Delete now what anybody has left to be deleted: the process is about to end."""
        with self._lock:
            owners = {owner for owner, _ in self._waiting}
        for owner in owners:
            self.finish(owner)

    def __len__(self) -> int:
        """Return how many deletions are not final yet."""
        with self._lock:
            return len(self._waiting)

    def _delete(self, owner: str, conversation_id: str) -> None:
        with self._lock:
            waiting = self._waiting.pop((owner, conversation_id), None)
        if waiting is None:
            return
        timer, client = waiting
        timer.cancel()
        try:
            client.conversations.delete(conversation_id)
        except NotFound:
            return
        except LecternError as error:
            log.warning("a conversation was not deleted", extra={"code": error.code})


DELETIONS = Deletions()
"""The pending deletions of this process."""
