"""An MCP server as a command: says which of Lectern's settings it was given."""

import asyncio
import os
from typing import Any

from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server
from mcp_types import CallToolRequestParams, CallToolResult, ListToolsResult, TextContent, Tool


async def list_tools(*_: Any) -> ListToolsResult:
    return ListToolsResult(
        tools=[Tool(name="environment", description="", input_schema={"type": "object"})]
    )


async def call_tool(_: Any, params: CallToolRequestParams) -> CallToolResult:
    names = sorted(name for name in os.environ if name.startswith("LECTERN_"))
    return CallToolResult(content=[TextContent(text=f"settings: {names}")])


async def serve() -> None:
    server: Server[Any] = Server("stdio", on_list_tools=list_tools, on_call_tool=call_tool)
    async with stdio_server() as (reading, writing):
        await server.run(reading, writing, server.create_initialization_options())


if __name__ == "__main__":
    asyncio.run(serve())
