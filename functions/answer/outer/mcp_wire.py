"""How an MCP server is reached: over HTTP with bounded replies, or as a command.

Imported with the first connection: the SDK takes longer to import than all else of this function.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from typing import Any

import httpx2
from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters
from mcp.client.streamable_http import streamable_http_client
from mcp_types import Implementation

from lectern import __version__
from lectern.catalog.port_tool_servers import ToolServer
from lectern.errors import PermanentError

MOST_BYTES = 2 << 20
"""Of one reply; what is larger is cut off, and the connection with it."""


class BoundedTransport(httpx2.AsyncBaseTransport):
    """Reads no more than `MOST_BYTES` of a reply, and nothing that is packed.

    `status` is that of the last reply to a message, for the SDK's errors do not say it.
    """

    def __init__(self, name: str) -> None:
        self.status = 0
        self._name = name
        self._network = httpx2.AsyncHTTPTransport()

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """See `httpx2.AsyncBaseTransport`."""
        response = await self._network.handle_async_request(request)
        if request.method == "POST":
            self.status = response.status_code
        if response.headers.get("Content-Encoding", "identity") != "identity":
            await response.aclose()
            raise _refused(self._name, "packed, which it was not asked for")
        return httpx2.Response(
            response.status_code,
            headers=response.headers,
            stream=_Bounded(response.stream, self._name),  # type: ignore[arg-type]  # of an async transport
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
        async for chunk in self._stream:
            read += len(chunk)
            if read > MOST_BYTES:
                raise _refused(self._name, f"with more than {MOST_BYTES} bytes")
            yield chunk

    async def aclose(self) -> None:
        await self._stream.aclose()


def _refused(name: str, how: str) -> PermanentError:
    return PermanentError(f"the MCP server {name!r} answered {how}", code="tool_reply")


async def connected(
    server: ToolServer, key: str, stack: AsyncExitStack, transport: BoundedTransport
) -> Client:
    """Return a client that has met the server; `stack` ends the connection.

    It offers the server nothing in return: no sampling, no files, no questions to a person.
    """
    if server.command:
        command, *arguments = server.command
        # Its environment is the few variables that the SDK passes on, and none of Lectern's.
        way: Any = StdioServerParameters(command=command, args=arguments)
    else:
        headers: Mapping[str, str] = {
            "Accept-Encoding": "identity",
            **({"Authorization": f"Bearer {key}"} if key else {}),
        }
        client = httpx2.AsyncClient(
            headers=headers,
            timeout=httpx2.Timeout(server.timeout_s),
            transport=transport,
            follow_redirects=False,
        )
        way = streamable_http_client(
            server.url, http_client=await stack.enter_async_context(client)
        )
    return await stack.enter_async_context(
        Client(
            way,
            read_timeout_seconds=server.timeout_s,
            client_info=Implementation(name="lectern", version=__version__),
            cache=None,
        )
    )
