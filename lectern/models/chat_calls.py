"""Gathering the tool calls of a streamed reply, which arrive in pieces."""

from collections.abc import Mapping
from typing import Any

from lectern.errors import TransientError
from lectern.models.ports import ToolCall

_MOST_CALLS = 32
_MOST_CHARACTERS = 200_000


class CallGatherer:
    """Puts the pieces of tool calls together; a stream may hold several calls at once.

    Servers number calls by `index`, or send each one whole without numbers; a new `id` at a known
    index is a new call.
    """

    def __init__(self) -> None:
        self._calls: list[dict[str, str]] = []
        self._at: dict[int, dict[str, str]] = {}
        self._characters = 0

    def take(self, piece: Mapping[str, Any]) -> None:
        """Add one entry of a delta's `tool_calls`.

        Raises:
            TransientError: There are more calls, or longer ones, than any model means.
        """
        function = piece.get("function")
        fields = function if isinstance(function, dict) else {}
        index = piece.get("index")
        number = index if isinstance(index, int) else len(self._calls)
        call_id = _text(piece.get("id"))
        call = self._at.get(number)
        if call is None or (call_id and call["id"] and call["id"] != call_id):
            call = self._at[number] = {"id": "", "name": "", "arguments": ""}
            self._calls.append(call)
        call["id"] = call["id"] or call_id
        call["name"] = call["name"] or _text(fields.get("name"))
        arguments = _text(fields.get("arguments"))
        call["arguments"] += arguments
        self._characters += len(arguments)
        if len(self._calls) > _MOST_CALLS or self._characters > _MOST_CHARACTERS:
            raise TransientError("the chat model's tool calls do not end", code="stream_broken")

    def calls(self) -> tuple[ToolCall, ...]:
        """Return the calls that have a name, in the order they began."""
        return tuple(
            ToolCall(call["id"] or f"call_{number}", call["name"], call["arguments"])
            for number, call in enumerate(self._calls, start=1)
            if call["name"]
        )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
