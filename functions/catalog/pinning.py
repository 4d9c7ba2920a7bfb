"""Connections to checked addresses only, and not a moment longer than allowed.

The name is resolved here, every address is checked, and the connection goes to that very address:
nobody can answer differently between the check and the connection. TLS and the Host header still
name the host, as httpcore takes both from the request.
"""

import socket
import ssl
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import httpcore

from functions.catalog.addresses import Reaches, admitted

_LONGEST_CONNECT_S = 5.0
_TRIED_ADDRESSES = 3

Resolver = Callable[[str, int], Sequence[str]]


class NotPublic(Exception):
    """A name has no address, or one that must not be reached; nobody is told which."""


def resolve(host: str, port: int) -> Sequence[str]:
    """Return the addresses of `host`, in the order to try them; none if it has none."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return ()
    return [str(entry[4][0]) for entry in found]


class PinnedBackend(httpcore.NetworkBackend):
    """Connects httpcore to checked addresses. Use it for one fetch, on one thread.

    Args:
        resolver: Says which addresses a name has.
        reaches: Says which of them may be asked on which port.
        deadline: Point of `time.monotonic` after which every operation times out.
    """

    def __init__(self, resolver: Resolver, reaches: Reaches, deadline: float) -> None:
        self._resolver = resolver
        self._reaches = reaches
        self._deadline = deadline
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002 - the deadline counts
        local_address: str | None = None,  # noqa: ARG002 - never set
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """See `httpcore.NetworkBackend.connect_tcp`.

        Raises:
            NotPublic: `host` has no address, or one that is not admitted.
        """
        addresses = admitted(self._resolver(host, port), port, self._reaches)
        if not addresses:
            raise NotPublic(host)
        failure: Exception | None = None
        for address in addresses[:_TRIED_ADDRESSES]:
            try:
                stream = self._sockets.connect_tcp(
                    address,
                    port,
                    timeout=min(remaining(self._deadline), _LONGEST_CONNECT_S),
                    socket_options=socket_options,
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return _TimedStream(stream, self._deadline)
        raise failure or httpcore.ConnectError("no address answered")


class _TimedStream(httpcore.NetworkStream):
    """A stream whose every operation ends at the deadline, however slowly the other side sends."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: float) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002
        return self._stream.read(max_bytes, timeout=remaining(self._deadline))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002
        self._stream.write(buffer, timeout=remaining(self._deadline))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002
    ) -> httpcore.NetworkStream:
        left = remaining(self._deadline)
        secured = self._stream.start_tls(ssl_context, server_hostname, timeout=left)
        return _TimedStream(secured, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def remaining(deadline: float) -> float:
    """Return the seconds until `deadline`.

    Raises:
        httpcore.ReadTimeout: There are none left.
    """
    left = deadline - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout("the time for this fetch is up")
    return left
