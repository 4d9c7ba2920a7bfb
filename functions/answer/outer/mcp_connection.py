"""A connection to an MCP server for the time of one question."""

import asyncio
import hashlib
import json
import re
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from functions.answer.outer.mcp_troubles import explained
from functions.answer.outer.waiting import OnCancel, T, too_slow
from lectern.api.tool_servers import MCP_TOOL_NAME
from lectern.catalog.port_tool_servers import ToolServer
from lectern.errors import TransientError
from lectern.models.background import background_loop

if TYPE_CHECKING:
    from mcp.client.client import Client

_MOST_PAGES, _MOST_TOOLS = 5, 200
_LONGEST_SCHEMA = 10_000  # characters; of one that is longer a model makes nothing
_NAME = re.compile(MCP_TOOL_NAME)


@dataclass(frozen=True, slots=True)
class RemoteTool:
    """A tool as its server describes it now; every word of it is the server's."""

    name: str
    description: str
    schema: dict[str, Any]

    @property
    def digest(self) -> str:
        """SHA-256 of what a model is told of it, in hexadecimal."""
        told = json.dumps([self.name, self.description, self.schema], sort_keys=True)
        return hashlib.sha256(told.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Called:
    """What a tool gave back; `text` is untrusted."""

    text: str
    failed: bool = False


class McpConnection:
    """Lists and calls the tools of one server; begins to connect at once. Thread safe.

    Args:
        server: Where it is.
        key: Sent as a bearer token; "" for none.
        lasts_s: When it ends by itself.
        on_cancel: Registers what ends it when the reader has gone.
    """

    def __init__(
        self, server: ToolServer, key: str, *, lasts_s: float, on_cancel: OnCancel
    ) -> None:
        self._server = server
        self._key = key
        self._lasts_s = lasts_s
        self._listed: Future[list[RemoteTool]] = Future()
        self._jobs: asyncio.Queue[tuple[str, dict[str, Any], Future[Called]]] = asyncio.Queue()
        self._life = asyncio.run_coroutine_threadsafe(self._live(), background_loop())
        on_cancel(self.close)

    def tools(self, *, timeout_s: float) -> list[RemoteTool]:
        """Return the tools, as they are now.

        Raises:
            LecternError: The server cannot be reached, refuses, or is too slow.
        """
        return self._outcome(self._listed, timeout_s)

    def call(self, name: str, arguments: dict[str, Any], *, timeout_s: float) -> Called:
        """Return what a tool gives back; raises as `tools`."""
        called: Future[Called] = Future()
        background_loop().call_soon_threadsafe(self._jobs.put_nowait, (name, arguments, called))
        return self._outcome(called, timeout_s)

    def close(self) -> None:
        """End the connection. Safe to repeat."""
        self._life.cancel()

    def _outcome(self, future: "Future[T]", timeout_s: float) -> T:
        ends: tuple[Future[Any], ...] = (future, self._life)
        wait(ends, timeout_s, FIRST_COMPLETED)
        if future.done():
            return future.result()
        if self._life.done():  # what went wrong, or that it was closed, is raised here
            try:
                self._life.result()
            except BaseException as error:
                raise explained(self._server, error) from error
            raise TransientError("the connection has ended", code="tool_unreachable")
        future.cancel()
        raise too_slow()

    async def _live(self) -> None:
        from functions.answer.outer.mcp_wire import BoundedTransport, connected

        transport = BoundedTransport(self._server.name)
        try:
            async with asyncio.timeout(self._lasts_s), AsyncExitStack() as stack:
                client = await connected(self._server, self._key, stack, transport)
                self._listed.set_result(await _listed(client))
                async with asyncio.TaskGroup() as calls:
                    while True:
                        calls.create_task(self._work(client, *await self._jobs.get()))
        except Exception as error:
            raise explained(self._server, error, status=transport.status) from error

    async def _work(
        self, client: "Client", name: str, arguments: dict[str, Any], called: Future[Called]
    ) -> None:
        try:
            result = await _called(client, name, arguments)
        except Exception as error:  # noqa: BLE001 - whatever a foreign server makes of a call
            if not called.cancelled():
                called.set_exception(explained(self._server, error))
        else:
            if not called.cancelled():
                called.set_result(result)


async def _listed(client: "Client") -> list[RemoteTool]:
    """Return the tools that a model can be offered: names and sizes are within bounds."""
    tools: dict[str, RemoteTool] = {}
    cursor: str | None = None
    for _ in range(_MOST_PAGES):
        page = await client.list_tools(cursor=cursor)
        for each in page.tools:
            fits = len(json.dumps(each.input_schema)) <= _LONGEST_SCHEMA
            if fits and _NAME.match(each.name) and len(tools) < _MOST_TOOLS:
                found = RemoteTool(each.name, each.description or "", each.input_schema)
                tools.setdefault(each.name, found)
        cursor = page.next_cursor
        if not cursor:
            break
    return list(tools.values())


async def _called(client: "Client", name: str, arguments: dict[str, Any]) -> Called:
    """Call a tool. Its result is not held against its own schema, whose patterns are foreign."""
    from mcp_types import CallToolRequest, CallToolRequestParams, CallToolResult, TextContent

    request = CallToolRequest(params=CallToolRequestParams(name=name, arguments=arguments))
    result = await client.session.send_request(request, CallToolResult)
    texts = [each.text for each in result.content if isinstance(each, TextContent)]
    if not texts and result.structured_content is not None:
        texts = [json.dumps(result.structured_content, ensure_ascii=False)]
    left_out = len(result.content) - len(texts)
    if not texts and left_out > 0:
        texts = [f"({left_out} parts that are no text were left out)"]
    return Called("\n".join(texts), bool(result.is_error))
