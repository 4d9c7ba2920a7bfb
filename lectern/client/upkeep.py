"""Dead letters over HTTP."""

from collections.abc import Sequence
from urllib.parse import quote

from lectern.api import DeadLetter, DeadLetterList
from lectern.client.connection import Connection


class DeadLetters:
    """Events that could not be delivered; for administrators."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def list(self) -> Sequence[DeadLetter]:
        """Return the dead letters, newest first."""
        return self._connection.fetch(
            "maintain", "GET", "/v1/dead-letters", DeadLetterList
        ).dead_letters

    def replay(self, letter_id: str) -> None:
        """Publish the event once more and remove the letter.

        Raises:
            NotFound: There is no such letter.
        """
        self._connection.send("maintain", "POST", _path(letter_id) + "/replay")

    def delete(self, letter_id: str) -> None:
        """Remove the letter; an unknown one is no error."""
        self._connection.send("maintain", "DELETE", _path(letter_id))


def _path(letter_id: str) -> str:
    return "/v1/dead-letters/" + quote(letter_id, safe="")
