"""The wire format of streamed chat completions: server-sent events that hold JSON."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from lectern.errors import TransientError

_MAX_LINE_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class WireDelta:
    """What one event of a stream says; `done` marks the `[DONE]` that ends it."""

    text: str = ""
    reasoning: str = ""
    finish_reason: str = ""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    error: str = ""
    done: bool = False
    tool_calls: tuple[dict[str, Any], ...] = ()


def stream_broken(what: str) -> TransientError:
    """Return the error for a stream that ended or went wrong before its end."""
    return TransientError(f"the chat model's stream {what}; ask again", code="stream_broken")


async def wire_deltas(pieces: AsyncIterator[bytes]) -> AsyncIterator[WireDelta]:
    r"""Yield the events of a response body, whatever pieces it arrives in.

    Lines end at "\n" (with "\r" or not) and nowhere else: JSON may hold U+2028, on which
    `str.splitlines` and the line iterators of HTTP clients break.

    Raises:
        TransientError: The connection broke, an event holds no JSON object, or one is larger than
            1 MiB (code `stream_broken`).
    """
    buffer = b""
    async for piece in _unbroken(pieces):
        buffer += piece
        *lines, buffer = buffer.split(b"\n")
        for line in lines:
            if line.startswith(b"data:"):
                yield read_event(line[5:].strip())
        if len(buffer) > _MAX_LINE_BYTES:
            raise stream_broken("holds an oversized event")
    if buffer.startswith(b"data:"):
        yield read_event(buffer[5:].strip())


async def _unbroken(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    try:
        async for piece in pieces:
            yield piece
    except Exception as error:
        # Only reading from the network can fail here, with whatever the SDK's HTTP library raises.
        raise stream_broken("was cut off") from error


def read_event(data: bytes) -> WireDelta:
    """Return what one event says; fields of unexpected types count as absent.

    Raises:
        TransientError: It holds no JSON object (code `stream_broken`).
    """
    if data == b"[DONE]":
        return WireDelta(done=True)
    try:
        event = json.loads(data)
    except ValueError as error:
        raise stream_broken("holds malformed data") from error
    if not isinstance(event, dict):
        raise stream_broken("holds malformed data")
    choices = event.get("choices")
    choice = _mapping(choices[0]) if isinstance(choices, list) and choices else {}
    delta = _mapping(choice.get("delta"))
    usage = _mapping(event.get("usage"))
    return WireDelta(
        text=_text(delta.get("content")),
        reasoning=_text(delta.get("reasoning_content")) or _text(delta.get("reasoning")),
        finish_reason=_text(choice.get("finish_reason")),
        prompt_tokens=_count(usage.get("prompt_tokens")),
        completion_tokens=_count(usage.get("completion_tokens")),
        error=_error_text(event["error"]) if event.get("error") else "",
        tool_calls=tuple(map(_mapping, _list(delta.get("tool_calls")))),
    )


def _error_text(error: object) -> str:
    fields = _mapping(error)
    words = [_text(fields.get(name)) for name in ("code", "type", "message")]
    return " ".join(word for word in words if word) or "error"


def _mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _count(value: object) -> int:
    return max(0, value) if isinstance(value, int) else 0
