"""Server-sent events of an answer, from bytes to `AnswerEvent`."""

import socket
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

from pydantic import ValidationError

from lectern.api import AnswerEvent
from lectern.errors import LecternError, TransientError

if TYPE_CHECKING:
    import httpx

_LAST = frozenset({"done", "error"})


def events_of(pieces: Iterable[bytes]) -> Iterator[AnswerEvent]:
    """Yield the events of a stream up to and including `done` or `error`.

    A proxy that cuts a stream makes it look finished, so an end without one of these two is an
    error. Comments (heartbeats) and fields other than `event` and `data` are skipped.

    Raises:
        TransientError: With code `stream_broken`: the stream ended early.
        LecternError: With code `unexpected_reply`: an event is not one of Lectern's.
    """
    name, data = "", []
    for line in _lines(pieces):
        field, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if field == b"event":
            name = value.decode(errors="replace")
        elif field == b"data":
            data.append(value)
        elif not line and data:
            event = _event(name, b"\n".join(data))
            yield event
            if event.event in _LAST:
                return
            name, data = "", []
    raise TransientError("the answer was cut off; ask again", code="stream_broken")


def interrupter(response: "httpx.Response") -> Callable[[], None]:
    """Return what ends the reading of `response`, whichever thread is waiting for its next bytes.

    Closing a socket does not wake up a thread that waits for it; shutting it down does.
    """
    stream = response.extensions.get("network_stream")
    connection = stream.get_extra_info("socket") if stream is not None else None

    def interrupt() -> None:
        if connection is not None:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    return interrupt


def _event(name: str, data: bytes) -> AnswerEvent:
    try:
        return AnswerEvent.model_validate_json(b'{"event":"%s","data":%s}' % (name.encode(), data))
    except ValidationError as error:
        raise LecternError(
            f"the answer holds the unknown event {name!r}; "
            "are client and server of the same version?",
            code="unexpected_reply",
        ) from error


def _lines(pieces: Iterable[bytes]) -> Iterator[bytes]:
    r"""Yield lines without their "\n" or "\r\n".

    Text may hold U+2028 and other characters that `str.splitlines`, hence httpx's own line
    iterator, would break at.
    """
    rest = b""
    for piece in pieces:
        *lines, rest = (rest + piece).split(b"\n")
        for line in lines:
            yield line.removesuffix(b"\r")
    if rest:
        yield rest
