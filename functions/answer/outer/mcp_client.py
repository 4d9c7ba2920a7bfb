"""Asking MCP servers, with the SDK's client, on the background loop: cancelled in time.

Imported when somebody uses such a tool: the SDK takes half a second to import.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import CancelledError
from contextlib import AsyncExitStack
from typing import Any, TypeVar

import httpx2
from mcp import Client, MCPError, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client
from mcp_types import TextContent, Tool

from lectern.catalog.port_tools import ToolServer
from lectern.errors import PermanentError, TransientError
from lectern.models.background import background_loop

_MOST_PAGES = 10  # of a listing
_MOST_TOOLS = 200
_MOST_BYTES = 4 << 20
R = TypeVar("R")
Cancel = Callable[[Callable[[], None]], None]


def offered(server: ToolServer, key: str, *, timeout_s: float) -> Sequence[Tool]:
    """Return the tools that a server offers now, 200 at most. Raises as `called` does."""

    async def ask(client: Client) -> Sequence[Tool]:
        found: list[Tool] = []
        cursor = None
        for _ in range(_MOST_PAGES):
            page = await client.list_tools(cursor=cursor)
            found += page.tools
            cursor = page.next_cursor
            if not cursor or len(found) >= _MOST_TOOLS:
                break
        return found[:_MOST_TOOLS]

    return _run(server, key, ask, timeout_s=timeout_s)


def called(
    server: ToolServer,
    key: str,
    tool: str,
    arguments: Mapping[str, Any],
    *,
    timeout_s: float,
    on_cancel: Cancel,
    require: Callable[[Tool], None],
) -> tuple[str, bool]:
    """Return the text that a tool answers, and whether it says that it failed.

    Args:
        server: Where the tool is.
        key: Its bearer token, "" for none.
        tool: Its name.
        arguments: What it gets.
        timeout_s: Longest wait for everything.
        on_cancel: Registers what ends the call when the reader has gone.
        require: Called with the tool as the server describes it now; raises if it is not the one
            that was allowed.

    Raises:
        TransientError: The server is unreachable, too slow, or broke off (code `tool_server`).
        PermanentError: It refuses, or has no such tool (code `tool_server`).
    """

    async def ask(client: Client) -> tuple[str, bool]:
        known = await client.list_tools()
        found = next((each for each in known.tools if each.name == tool), None)
        if found is None:
            raise PermanentError(f"{server.name!r} has no tool {tool!r}", code="tool_server")
        require(found)
        result = await client.call_tool(tool, dict(arguments))
        texts = [each.text for each in result.content if isinstance(each, TextContent)]
        return "\n".join(texts), bool(result.is_error)

    return _run(server, key, ask, timeout_s=timeout_s, on_cancel=on_cancel)


def _run(
    server: ToolServer,
    key: str,
    ask: Callable[[Client], Awaitable[R]],
    *,
    timeout_s: float,
    on_cancel: Cancel = lambda _: None,
) -> R:
    async def work() -> R:
        async with asyncio.timeout(timeout_s), AsyncExitStack() as stack:
            client = await stack.enter_async_context(await _client(server, key, timeout_s, stack))
            return await ask(client)

    task = asyncio.run_coroutine_threadsafe(work(), background_loop())

    def cancel() -> None:
        task.cancel()

    on_cancel(cancel)
    try:
        return task.result(timeout_s + 5)
    except (PermanentError, TransientError):
        raise
    except CancelledError as error:
        raise TransientError("the reader has gone", code="tool_server") from error
    except MCPError as error:
        raise PermanentError(f"{server.name!r} refuses the call", code="tool_server") from error
    except TimeoutError as error:
        raise TransientError(
            f"{server.name!r} does not answer within {timeout_s:.0f} s", code="tool_server"
        ) from error
    except Exception as error:  # anyio wraps what transports raise in groups of any kind
        if inner := _of_ours(error):
            raise inner from error
        raise TransientError(
            f"{server.name!r} cannot be reached as an MCP server; check its address and key",
            code="tool_server",
        ) from error


async def _client(server: ToolServer, key: str, timeout_s: float, stack: AsyncExitStack) -> Client:
    if server.command:
        program, *arguments = server.command
        environment = {"LECTERN_TOOL_KEY": key} if key else None
        process = StdioServerParameters(command=program, args=arguments, env=environment)
        return Client(process, read_timeout_seconds=timeout_s, cache=None)
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    http = await stack.enter_async_context(httpx2.AsyncClient(headers=headers, timeout=timeout_s))
    transport = streamable_http_client(server.url, http_client=http, max_sse_event_size=_MOST_BYTES)
    return Client(transport, read_timeout_seconds=timeout_s, cache=None)


def _of_ours(error: BaseException) -> PermanentError | TransientError | None:
    """Return the error of ours within a group of errors, if there is one."""
    if isinstance(error, PermanentError | TransientError):
        return error
    for inner in getattr(error, "exceptions", ()):
        if found := _of_ours(inner):
            return found
    return None
