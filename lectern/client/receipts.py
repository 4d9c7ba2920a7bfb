"""How the caller's stored answers came about, and the prompts that models get."""

from collections.abc import Sequence
from urllib.parse import quote

from lectern.api import PromptList, PromptReply, Receipt, RepeatReply
from lectern.client.connection import Connection

_WHOLE_ANSWER_TIMEOUT_S = 600.0


class Receipts:
    """Receipts of the answers in the caller's conversations; others raise `NotFound`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, message_id: str) -> Receipt:
        """Return how an answer came about."""
        return self._connection.fetch("answer", "GET", _of(message_id, "receipt"), Receipt)

    def repeat(self, message_id: str) -> RepeatReply:
        """Return what the same question gets now, with what has changed; stored nowhere."""
        return self._connection.fetch(
            "answer",
            "POST",
            _of(message_id, "repeat"),
            RepeatReply,
            timeout=_WHOLE_ANSWER_TIMEOUT_S,  # nothing comes before everything does
        )


class Prompts:
    """What models are told."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def list(self, collection: str = "") -> Sequence[PromptReply]:
        """Return the prompts by name, with the style in effect, in a collection if given."""
        query = {"collection": collection} if collection else {}
        return self._connection.fetch(
            "answer", "GET", "/v1/prompts", PromptList, query=query
        ).prompts


def _of(message_id: str, what: str) -> str:
    return f"/v1/answers/{quote(message_id, safe='')}/{what}"
