"""Tools outside Lectern on loopback, over real HTTP: an MCP server and a web search."""

import asyncio
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import uvicorn
from mcp.server.lowlevel import Server
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp_types import CallToolResult, ListToolsResult, TextContent, Tool
from starlette.types import Receive, Scope, Send

Run = Callable[[dict[str, Any]], str]


@dataclass
class ScriptedMcp:
    """An MCP server made with the SDK: `tools` by name with their description and what they do.

    `arguments` is the schema of them all; `delay_s` is waited before every call; `fails` makes
    every call a failed one. With a `key`, others get 401.
    """

    tools: dict[str, tuple[str, Run]] = field(default_factory=dict)
    arguments: dict[str, Any] = field(
        default_factory=lambda: {
            "type": "object",
            "properties": {"city": {"type": "string"}},
            "required": ["city"],
        }
    )
    key: str = ""
    delay_s: float = 0.0
    fails: bool = False
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    cancelled: threading.Event = field(default_factory=threading.Event)
    url: str = ""

    @contextmanager
    def running(self) -> Iterator["ScriptedMcp"]:
        config = uvicorn.Config(
            self._app, host="127.0.0.1", port=0, log_level="error", ws="none", interface="asgi3"
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{port}/mcp"
        try:
            yield self
        finally:
            server.should_exit = server.force_exit = True
            thread.join(5)

    async def _app(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        sent = dict(scope["headers"]).get(b"authorization", b"").decode()
        if self.key and sent != f"Bearer {self.key}":
            await send({"type": "http.response.start", "status": 401, "headers": []})
            await send({"type": "http.response.body", "body": b""})
            return
        manager = StreamableHTTPSessionManager(self._server(), stateless=True)
        async with manager.run():
            await manager.handle_request(scope, receive, send)

    def _server(self) -> Server[Any]:
        async def list_tools(*_: Any) -> ListToolsResult:
            found = [
                Tool(name=name, description=said, input_schema=self.arguments)
                for name, (said, _) in self.tools.items()
            ]
            return ListToolsResult(tools=found)

        async def call_tool(_: Any, params: Any) -> CallToolResult:
            self.calls.append((params.name, dict(params.arguments or {})))
            try:
                await asyncio.sleep(self.delay_s)
            except asyncio.CancelledError:
                self.cancelled.set()
                raise
            text = self.tools[params.name][1](dict(params.arguments or {}))
            return CallToolResult(
                content=[TextContent(type="text", text=text)], is_error=self.fails
            )

        return Server("scripted", on_list_tools=list_tools, on_call_tool=call_tool)


class _Http(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Say nothing: clients that go away are part of the tests."""


@dataclass
class ScriptedSearch:
    """A web search: answers `results` in the manner of its path, or `status` and `raw` instead."""

    results: list[dict[str, Any]] = field(default_factory=list)
    status: int = 200
    raw: bytes = b""
    location: str = ""
    delay_s: float = 0.0
    requests: list[dict[str, Any]] = field(default_factory=list)
    url: str = ""

    @contextmanager
    def running(self) -> Iterator["ScriptedSearch"]:
        server = _Http(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield self
        finally:
            server.shutdown()
            server.server_close()
            thread.join()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        search = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
                self._answer(parts.path, asked)

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                self._answer(self.path, json.loads(body))

            def _answer(self, path: str, asked: dict[str, Any]) -> None:
                headers = {name.lower(): value for name, value in self.headers.items()}
                search.requests.append({"path": path, "asked": asked, "headers": headers})
                time.sleep(search.delay_s)
                self.send_response(search.status)
                if search.location:
                    self.send_header("Location", search.location)
                self.end_headers()
                self.wfile.write(search.raw or self._reply(path))

            def _reply(self, path: str) -> bytes:
                if path.startswith("/res/"):
                    listed = [
                        {**each, "description": each.get("content", "")} for each in search.results
                    ]
                    return json.dumps({"web": {"results": listed}}).encode()
                return json.dumps({"results": search.results}).encode()

            def log_message(self, *_: object) -> None:
                """Say nothing: tests read `requests`."""

        return Handler
