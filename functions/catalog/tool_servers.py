"""Servers of tools outside Lectern: set up by administrators, their tools named by everybody."""

from collections.abc import Sequence
from dataclasses import replace

from functions.catalog.service import administrator, api, caller
from functions.catalog.wiring import Dependencies, dependencies
from lectern.api import (
    AllowedTools,
    AvailableTool,
    AvailableTools,
    ToolServerChange,
    ToolServerList,
    ToolServerReply,
    ToolServerRequest,
)
from lectern.catalog.port_tools import AllowedTool, ToolServer
from lectern.errors import InvalidRequest, NotFound
from lectern.models.addresses import same_origin
from lectern.serving.http import read_body
from lectern.tool_servers import (
    described_server,
    require_askable,
    shown_server,
    tool_digest,
    tool_names,
)


@api.route("GET", "/v1/tools", reply=AvailableTools)
def list_available() -> AvailableTools:
    """List the tools outside Lectern that a question may name; where they are is not told."""
    caller("read")
    return AvailableTools(
        tools=[
            AvailableTool(
                name=name,
                kind=server.kind,
                description=server.allowed[tool].description if tool else "",
            )
            for name, (server, tool) in sorted(tool_names(_all(dependencies())).items())
        ]
    )


@api.route("GET", "/v1/tool-servers", reply=ToolServerList)
def list_tool_servers() -> ToolServerList:
    """List all servers, those of the environment first; keys are never shown."""
    administrator()
    return ToolServerList(servers=[shown_server(each) for each in _all(dependencies())])


@api.route("POST", "/v1/tool-servers", body=ToolServerRequest, reply=ToolServerReply, status=201)
def create_tool_server() -> ToolServerReply:
    """Add a server. Of an MCP server nothing is allowed yet; a web search may be used at once."""
    access, needs = administrator(), dependencies()
    asked = read_body(ToolServerRequest)
    described = described_server(asked)
    _require_askable(described, needs)
    _require_new(asked.name, needs)
    sealed = needs.seal().close(asked.key.get_secret_value())
    made = access.catalog.tool_servers.create(replace(described, sealed_key=sealed))
    access.record("tool_server.created", made.server_id, name=made.name)
    return shown_server(made)


@api.route("PATCH", "/v1/tool-servers/<server_id>", body=ToolServerChange, reply=ToolServerReply)
def change_tool_server(server_id: str) -> ToolServerReply:
    """Change a server; a key that is left out stays, unless the address leads to another host."""
    access, needs = administrator(), dependencies()
    asked = read_body(ToolServerChange)
    before = _editable(server_id, needs)
    given = asked.model_dump(exclude_none=True, exclude={"key"})
    after = replace(before, **given)
    if asked.key is not None:
        after = replace(after, sealed_key=needs.seal().close(asked.key.get_secret_value()))
    elif before.sealed_key and not same_origin(before.url, after.url):
        raise InvalidRequest(
            f"the address of {before.name!r} leads to another host: give its key anew, for the "
            "stored one goes nowhere else",
            code="tool_server_key_needed",
        )
    if bool(after.url) == bool(after.command):
        raise InvalidRequest(
            "a tool server has either a url or a command; remove it and add it anew"
        )
    _require_askable(after, needs)
    stored = access.catalog.tool_servers.change(after)
    changed = " ".join(sorted(asked.model_fields_set))
    access.record("tool_server.changed", server_id, fields=changed)
    return shown_server(stored)


@api.route("PUT", "/v1/tool-servers/<server_id>/allowed", body=AllowedTools, reply=ToolServerReply)
def allow_tools(server_id: str) -> ToolServerReply:
    """Allow tools of an MCP server as they are described now, and no others."""
    access, needs = administrator(), dependencies()
    asked = read_body(AllowedTools)
    before = _editable(server_id, needs)
    if before.kind != "mcp":
        raise InvalidRequest("a web search is one tool: enable or disable its server")
    allowed = {
        name: AllowedTool(
            tool_digest(tool.description, tool.arguments), tool.description, tool.arguments
        )
        for name, tool in asked.tools.items()
    }
    stored = access.catalog.tool_servers.change(replace(before, allowed=allowed))
    access.record("tool_server.allowed", server_id, tools=" ".join(sorted(allowed)))
    return shown_server(stored)


@api.route("DELETE", "/v1/tool-servers/<server_id>", status=204)
def delete_tool_server(server_id: str) -> None:
    """Remove a server; an unknown one is no error."""
    access = administrator()
    if server_id in dependencies().environment_tools:
        raise _of_environment()
    access.catalog.tool_servers.delete(server_id)
    access.record("tool_server.deleted", server_id)


def _all(needs: Dependencies) -> Sequence[ToolServer]:
    return [*needs.environment_tools.values(), *needs.catalog.tool_servers.list()]


def _editable(server_id: str, needs: Dependencies) -> ToolServer:
    if server_id in needs.environment_tools:
        raise _of_environment()
    found = needs.catalog.tool_servers.get(server_id)
    if found is None:
        raise NotFound(f"there is no tool server {server_id!r}")
    return found


def _require_new(name: str, needs: Dependencies) -> None:
    if any(each.name == name for each in needs.environment_tools.values()):
        raise InvalidRequest(
            f"there is a tool server {name!r} in the environment; choose another name",
            code="name_taken",
        )


def _require_askable(server: ToolServer, needs: Dependencies) -> None:
    require_askable(server, private=needs.private_model_endpoints, commands=needs.tool_commands)


def _of_environment() -> InvalidRequest:
    return InvalidRequest(
        "this tool server is set by the environment of the server; the operator changes it there",
        code="tool_server_of_environment",
    )
