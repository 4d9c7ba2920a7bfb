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
    """Deletions that are not final yet. If the process ends before, nothing is deleted.

    Args:
        undo_s: How long a deletion can be taken back, in seconds.
    """

    undo_s: float = UNDO_S
    _timers: dict[tuple[str, str], threading.Timer] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def later(self, owner: str, conversation_id: str, client: Lectern) -> None:
        """Delete a conversation unless `undo` comes first."""
        timer = threading.Timer(self.undo_s, self._delete, (owner, conversation_id, client))
        timer.daemon = True
        with self._lock:
            if (owner, conversation_id) in self._timers:
                return
            self._timers[owner, conversation_id] = timer
        timer.start()

    def undo(self, owner: str, conversation_id: str) -> bool:
        """Take a deletion back; return whether there still was time."""
        with self._lock:
            timer = self._timers.pop((owner, conversation_id), None)
        if timer is not None:
            timer.cancel()
        return timer is not None

    def finish(self, owner: str) -> None:
        """Delete now what a person is about to lose: nobody can take it back when they are gone."""
        with self._lock:
            waiting = [timer for (who, _), timer in self._timers.items() if who == owner]
        for timer in waiting:
            timer.cancel()
            timer.function(*timer.args)

    def pending(self, owner: str) -> Sequence[str]:
        """Return the conversations of a person that are about to go, the latest last."""
        with self._lock:
            return [conversation_id for who, conversation_id in self._timers if who == owner]

    def _delete(self, owner: str, conversation_id: str, client: Lectern) -> None:
        with self._lock:
            if self._timers.pop((owner, conversation_id), None) is None:
                return
        try:
            client.conversations.delete(conversation_id)
        except NotFound:
            return
        except LecternError as error:
            log.warning("a conversation was not deleted", extra={"code": error.code})


DELETIONS = Deletions()
"""The pending deletions of this process."""
