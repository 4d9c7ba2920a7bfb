"""The MCP server of one request: the SDK's own, stateless, with the tools of one caller.

Imported with the first request: the SDK takes longer to import than all else of this function.
"""

from typing import Any

import anyio.to_thread
from mcp.server.lowlevel import Server
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.shared.exceptions import MCPError
from mcp_types import (
    INVALID_PARAMS,
    CallToolRequestParams,
    CallToolResult,
    ListToolsResult,
    TextContent,
    ToolAnnotations,
)
from mcp_types import Tool as ToolCard
from pydantic import BaseModel, ValidationError
from starlette.types import ASGIApp, Receive, Scope, Send

from functions.answer.mcp_tools import INSTRUCTIONS, TOOLS, Caller, Tool
from functions.answer.streaming import Cancellation
from lectern import __version__, telemetry
from lectern.errors import LecternError, TransientError

_LONGEST_CALL_S = 570.0  # what is not answered by then, a cluster cuts off
_READS_ONLY = ToolAnnotations(
    read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
)


def server_for(caller: Caller, *, max_request_bytes: int) -> ASGIApp:
    """Return an ASGI application that serves one request of `caller`, and ends with it."""

    async def list_tools(*_: Any) -> ListToolsResult:
        return ListToolsResult(tools=[_card(name, tool) for name, tool in TOOLS.items()])

    async def call_tool(_: Any, params: CallToolRequestParams) -> CallToolResult:
        return await _called(params, caller)

    server: Server[Any] = Server(
        "lectern",
        title="Lectern",
        version=__version__,
        instructions=INSTRUCTIONS,
        get_tool_input_schema=_input_schema,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
    )

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        manager = StreamableHTTPSessionManager(
            server, stateless=True, max_request_body_size=max_request_bytes
        )
        async with manager.run():
            await manager.handle_request(scope, receive, send)

    return serve


def _input_schema(name: str) -> dict[str, Any] | None:
    tool = TOOLS.get(name)
    return tool.takes.model_json_schema() if tool else None


def _card(name: str, tool: Tool) -> ToolCard:
    return ToolCard(
        name=name,
        title=tool.title,
        description=tool.description,
        input_schema=tool.takes.model_json_schema(),
        output_schema=tool.gives.model_json_schema(mode="serialization"),
        annotations=_READS_ONLY,
    )


async def _called(params: CallToolRequestParams, caller: Caller) -> CallToolResult:
    tool = TOOLS.get(params.name)
    if tool is None:
        known = ", ".join(TOOLS)
        raise MCPError(INVALID_PARAMS, f"there is no tool {params.name[:40]!r}; use {known}")
    cancellation = Cancellation()

    def work() -> CallToolResult:
        return _worked(tool, params.arguments or {}, caller, cancellation)

    try:
        with anyio.fail_after(_LONGEST_CALL_S):
            return await anyio.to_thread.run_sync(work, abandon_on_cancel=True)
    except TimeoutError:
        return _failed("the time for this call is over; ask for less")
    finally:
        cancellation.cancel()


def _worked(
    tool: Tool, arguments: dict[str, Any], caller: Caller, cancellation: Cancellation
) -> CallToolResult:
    """Run a tool; what goes wrong becomes a result that the model can act on."""
    try:
        result = tool.run(tool.takes.model_validate(arguments), caller, cancellation)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"])) or "arguments"
        return _failed(f"invalid at {where!r}: {first['msg']}")
    except LecternError as error:
        telemetry.count_error("answer", error)
        again = isinstance(error, TransientError)
        return _failed(f"{error.detail}{' (try again later)' if again else ''}")
    except Exception:  # noqa: BLE001 - the SDK would tell the client what the exception says
        telemetry.logger.exception("unexpected error")
        return _failed("unexpected error; the log of the function has it")
    return _given(result)


def _given(result: BaseModel) -> CallToolResult:
    return CallToolResult(
        content=[TextContent(text=result.model_dump_json())],
        structured_content=result.model_dump(mode="json"),
    )


def _failed(reason: str) -> CallToolResult:
    return CallToolResult(content=[TextContent(text=reason)], is_error=True)
