"""An MCP server on loopback: the SDK's own, with tools that a test scripts, over real HTTP."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import anyio
import uvicorn
from mcp.server.lowlevel import Server
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp_types import (
    CallToolRequestParams,
    CallToolResult,
    ImageContent,
    ListToolsResult,
    TextContent,
    Tool,
)
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

SCHEMA = {
    "type": "object",
    "properties": {"query": {"type": "string"}},
    "required": ["query"],
}


@dataclass
class ScriptedTool:
    """A tool; `says` makes its answer from the arguments. It takes `wait_s` for it."""

    says: Callable[[dict[str, Any]], str] = lambda arguments: f"asked {arguments.get('query')}"
    description: str = "Looks something up in the wiki."
    schema: dict[str, Any] = field(default_factory=lambda: dict(SCHEMA))
    wait_s: float = 0.0
    failed: bool = False
    picture: bool = False


@dataclass
class ScriptedMcp:
    """Serves `tools` by name. `calls` are what was called, `keys` what came as a bearer token.

    With a `key` it refuses every other one. `dying` breaks off in the middle of every reply to a
    call, `redirect` sends everybody elsewhere. `left` is set when a client went away unanswered.
    """

    tools: dict[str, ScriptedTool] = field(default_factory=lambda: {"lookup": ScriptedTool()})
    key: str = ""
    dying: bool = False
    redirect: str = ""
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)
    left: threading.Event = field(default_factory=threading.Event)
    requests: int = 0
    url: str = ""

    @contextmanager
    def running(self) -> Iterator["ScriptedMcp"]:
        listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{listening.getsockname()[1]}/mcp"
        config = uvicorn.Config(
            self._serve,
            interface="asgi3",
            lifespan="off",
            log_level="critical",
            timeout_graceful_shutdown=1,
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
        thread.start()
        try:
            yield self
        finally:
            server.should_exit = True
            thread.join(5)
            listening.close()

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.requests += 1
        headers = dict(scope["headers"])
        key = headers.get(b"authorization", b"").decode().removeprefix("Bearer ")
        self.keys.add(key)
        if self.redirect:
            moved = Response(status_code=307, headers={"Location": self.redirect})
            await moved(scope, receive, send)
            return
        if self.key and key != self.key:
            await Response("secret page", status_code=401)(scope, receive, send)
            return
        manager = StreamableHTTPSessionManager(self._server(), stateless=True, json_response=True)
        async with manager.run(), anyio.create_task_group() as watching:
            read, answered = anyio.Event(), anyio.Event()

            async def told() -> Any:
                message = await receive()
                if not message.get("more_body"):
                    read.set()
                return message

            async def saying(message: Any) -> None:
                answered.set()
                await self._broken(send)(message)

            async def watch() -> None:
                await read.wait()
                if (await receive())["type"] == "http.disconnect" and not answered.is_set():
                    self.left.set()

            watching.start_soon(watch)
            await manager.handle_request(scope, told, saying)
            watching.cancel_scope.cancel()

    def _broken(self, send: Send) -> Send:
        async def cut(message: Any) -> None:
            if self.dying and self.calls and message["type"] == "http.response.body":
                await send({"type": "http.response.body", "body": b"{", "more_body": True})
                raise ConnectionResetError("as scripted")
            await send(message)

        return cut

    def _server(self) -> Server[Any]:
        async def list_tools(*_: Any) -> ListToolsResult:
            listed = [
                Tool(name=name, description=tool.description, input_schema=tool.schema)
                for name, tool in self.tools.items()
            ]
            return ListToolsResult(tools=listed)

        async def call_tool(_: Any, params: CallToolRequestParams) -> CallToolResult:
            arguments = dict(params.arguments or {})
            self.calls.append((params.name, arguments))
            tool = self.tools[params.name]
            await anyio.sleep(tool.wait_s)
            content: list[Any] = [TextContent(text=tool.says(arguments))]
            if tool.picture:
                content = [ImageContent(data="iVBORw0KGgo=", mime_type="image/png")]
            return CallToolResult(content=content, is_error=tool.failed)

        return Server("scripted", on_list_tools=list_tools, on_call_tool=call_tool)
