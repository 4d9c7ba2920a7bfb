"""The network under an MCP client, with an end to every reply.

The SDK bounds single events of a stream, but no reply in one piece.
"""

from collections.abc import AsyncIterator

import httpx2

from lectern.errors import PermanentError

MOST_BYTES = 4 << 20
"""Of one reply; what is larger ends the call."""


class BoundedTransport(httpx2.AsyncBaseTransport):
    """Reads no more than `MOST_BYTES` of a reply, and nothing that is packed.

    Args:
        name: The server's, for errors.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._network = httpx2.AsyncHTTPTransport()

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """See `httpx2.AsyncBaseTransport`."""
        response = await self._network.handle_async_request(request)
        if response.headers.get("Content-Encoding", "identity") != "identity":
            await response.aclose()
            raise _refused(self._name, "packed, which it was not asked for")
        return httpx2.Response(
            response.status_code,
            headers=response.headers,
            stream=_Bounded(response.stream, self._name),  # type: ignore[arg-type]  # async here
            extensions=response.extensions,
        )

    async def aclose(self) -> None:
        """See `httpx2.AsyncBaseTransport`."""
        await self._network.aclose()


class _Bounded(httpx2.AsyncByteStream):
    def __init__(self, stream: httpx2.AsyncByteStream, name: str) -> None:
        self._stream = stream
        self._name = name

    async def __aiter__(self) -> AsyncIterator[bytes]:
        read = 0
        async for piece in self._stream:
            read += len(piece)
            if read > MOST_BYTES:
                raise _refused(self._name, f"more than {MOST_BYTES >> 20} MiB")
            yield piece

    async def aclose(self) -> None:
        await self._stream.aclose()


def _refused(name: str, what: str) -> PermanentError:
    return PermanentError(f"{name!r} answers {what}", code="tool_server")
