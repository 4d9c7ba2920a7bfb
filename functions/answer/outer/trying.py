"""A trial of a server of tools: what it offers, or whether it finds something."""

import time

from functions.answer.outer.mcp_connection import McpConnection, RemoteTool
from functions.answer.outer.waiting import finished
from functions.answer.outer.web_search import web_results
from lectern.api import FoundTool, ToolServerTestReply, ToolState
from lectern.catalog.port_tool_servers import AllowedTool, ToolServer
from lectern.errors import LecternError

_QUERY = "weather"
_RESULTS = 5
_LONGEST_DESCRIPTION = 4000


def tried(server: ToolServer, key: str) -> ToolServerTestReply:
    """Ask a server that need not be stored; that it does not answer is a result."""
    started = time.perf_counter()
    tools: list[FoundTool] = []
    results, detail = 0, ""
    try:
        if server.kind == "web":
            search = web_results(server, key, _QUERY, _RESULTS)
            found = finished(search, timeout_s=server.timeout_s, on_cancel=_nobody_leaves)
            results = len(found)
        else:
            tools = _compared(server, _tools(server, key))
    except LecternError as error:
        detail = error.detail
    return ToolServerTestReply(
        reachable=not detail,
        latency_ms=round((time.perf_counter() - started) * 1000, 1),
        tools=tools,
        results=results,
        detail=detail,
    )


def _tools(server: ToolServer, key: str) -> list[RemoteTool]:
    connection = McpConnection(server, key, lasts_s=server.timeout_s, on_cancel=_nobody_leaves)
    try:
        return connection.tools(timeout_s=server.timeout_s)
    finally:
        connection.close()


def _compared(server: ToolServer, there: list[RemoteTool]) -> list[FoundTool]:
    """Return the tools by name, each with how it stands to what was allowed."""
    allowed = {each.name: each for each in server.allowed}
    found = [
        FoundTool(
            name=tool.name,
            description=tool.description[:_LONGEST_DESCRIPTION],
            digest=tool.digest,
            state=_state(tool, allowed.get(tool.name)),
            parameters=tool.schema,
        )
        for tool in there
    ]
    names = {tool.name for tool in there}
    found += [
        FoundTool(name=each.name, description=each.description, digest=each.digest, state="gone")
        for each in server.allowed
        if each.name not in names
    ]
    return sorted(found, key=lambda each: each.name)


def _state(tool: RemoteTool, allowed: AllowedTool | None) -> ToolState:
    if allowed is None:
        return "new"
    return "allowed" if allowed.digest in {"", tool.digest} else "changed"


def _nobody_leaves(_: object) -> None:
    """Register nothing: whoever asked for the trial waits for it."""
