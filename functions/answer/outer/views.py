"""Asking tool servers what they offer; for administrators, before they allow anything."""

from time import perf_counter

from flask import request

from functions.answer.views import api
from functions.answer.wiring import Dependencies, dependencies
from lectern.access import authenticate
from lectern.api import OfferedTool, ToolServerTrial
from lectern.catalog.port_tools import ToolServer
from lectern.errors import LecternError, NotFound

_TRIAL_QUERY = "weather"


@api.route("POST", "/v1/tool-servers/<server_id>/test", reply=ToolServerTrial)
def test_tool_server(server_id: str) -> ToolServerTrial:
    """Ask a server for its tools, or a web search for a word; that it fails is a result."""
    needs = dependencies()
    authenticate(needs.catalog, request.headers.get("Authorization")).require_administrator()
    server = next((each for each in needs.outer.servers() if each.server_id == server_id), None)
    if server is None:
        raise NotFound(f"there is no tool server {server_id!r}")
    began = perf_counter()
    try:
        tools = _tools(server, needs)
    except LecternError as error:
        return ToolServerTrial(reachable=False, latency_ms=_since(began), detail=error.detail)
    return ToolServerTrial(reachable=True, latency_ms=_since(began), tools=tools)


def _tools(server: ToolServer, needs: Dependencies) -> list[OfferedTool]:
    if server.kind == "web":
        from functions.answer.outer.web_search import search_web

        key = needs.outer.key_to_ask(server)
        search_web(server, key, _TRIAL_QUERY, timeout_s=server.timeout_s)
        return []
    return [
        OfferedTool.model_validate(
            {
                "name": name,
                "description": tool.description,
                "arguments": dict(tool.schema),
                "state": _state(server, name, tool.digest),
            }
        )
        for name, tool in sorted(needs.outer.offered(server).items())
    ]


def _state(server: ToolServer, name: str, digest: str) -> str:
    allowed = server.allowed.get(name)
    if allowed is None:
        return "new"
    return "allowed" if allowed.digest in {"", digest} else "changed"


def _since(began: float) -> float:
    return round((perf_counter() - began) * 1000, 1)
