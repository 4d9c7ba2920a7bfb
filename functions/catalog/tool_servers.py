"""Servers of tools outside of Lectern: set up by administrators; what is allowed, for everybody."""

from collections.abc import Sequence

from functions.catalog.service import administrator, api, caller
from functions.catalog.wiring import dependencies
from lectern.access import Access
from lectern.api import (
    OuterTool,
    OuterToolList,
    ToolServerChange,
    ToolServerList,
    ToolServerReply,
    ToolServerRequest,
)
from lectern.catalog.port_tool_servers import ToolServer
from lectern.errors import InvalidRequest, NotFound
from lectern.models.addresses import same_origin
from lectern.serving.http import read_body
from lectern.tool_servers import WEB, mcp_name
from lectern.tool_servers.editing import changed, described, require_usable, shown
from lectern.tool_servers.registry import serving

_SERVER = "/v1/tool-servers/<server_id>"


@api.route("GET", "/v1/tool-servers", reply=ToolServerList)
def list_tool_servers() -> ToolServerList:
    """List all servers of tools, those of the environment first; keys are never shown."""
    access, needs = administrator(), dependencies()
    servers = [*needs.tool_servers, *access.catalog.tool_servers.list()]
    return ToolServerList(servers=list(map(shown, servers)), commands=needs.mcp_stdio)


@api.route("POST", "/v1/tool-servers", body=ToolServerRequest, reply=ToolServerReply, status=201)
def create_tool_server() -> ToolServerReply:
    """Add a server of tools; of an MCP server only what is allowed can be used."""
    access, needs = administrator(), dependencies()
    asked = read_body(ToolServerRequest)
    server = described(asked, sealed_key=needs.seal().close(asked.key.get_secret_value()))
    _require_usable(server)
    made = access.catalog.tool_servers.create(server)
    access.record("tool_server.created", made.server_id, tools=_tools(made))
    return shown(made)


@api.route("PATCH", _SERVER, body=ToolServerChange, reply=ToolServerReply)
def change_tool_server(server_id: str) -> ToolServerReply:
    """Change a server of tools.

    With another host, a key that is left out does not stay, and what was allowed is no longer.
    """
    access, needs = administrator(), dependencies()
    asked = read_body(ToolServerChange)
    before = access.catalog.tool_servers.get(server_id)
    if before is None:
        raise _not_editable(needs.tool_servers, server_id)
    sealed = before.sealed_key
    if asked.key is not None:
        sealed = needs.seal().close(asked.key.get_secret_value())
    after = changed(before, asked, sealed_key=sealed)
    moved = not same_origin(before.url, after.url) or before.provider != after.provider
    if asked.key is None and sealed and moved:
        raise InvalidRequest(
            f"the address of tool server {before.name!r} leads to another host: give its key "
            "anew, for the stored one goes nowhere else",
            code="model_key_needed",
        )
    _require_usable(after)
    stored = access.catalog.tool_servers.change(after)
    fields = " ".join(sorted(asked.model_fields_set))
    access.record("tool_server.changed", server_id, fields=fields, tools=_tools(stored))
    return shown(stored)


@api.route("DELETE", _SERVER, status=204)
def delete_tool_server(server_id: str) -> None:
    """Remove a server of tools; an unknown one is no error."""
    access = administrator()
    if any(server.server_id == server_id for server in dependencies().tool_servers):
        raise _not_editable(dependencies().tool_servers, server_id)
    access.catalog.tool_servers.delete(server_id)
    access.record("tool_server.deleted", server_id)


@api.route("GET", "/v1/tools", reply=OuterToolList)
def list_outer_tools() -> OuterToolList:
    """List the tools outside of Lectern that a question may be allowed to use.

    Nothing is asked of their servers for this, and their addresses are not told.
    """
    return OuterToolList(tools=list(_outer_tools(caller(), dependencies().tool_servers)))


def _outer_tools(access: Access, environment: Sequence[ToolServer]) -> Sequence[OuterTool]:
    servers = serving(environment, access.catalog.tool_servers.list())
    found = []
    if any(server.kind == "web" for server in servers):
        found.append(OuterTool(name=WEB, server="", description=""))
    for server in servers:
        found += [
            OuterTool(
                name=mcp_name(server.name, tool.name),
                server=server.name,
                description=tool.description or server.description,
            )
            for tool in server.allowed
            if tool.name not in server.changed
        ]
    return sorted(found, key=lambda tool: (tool.name != WEB, tool.name))


def _require_usable(server: ToolServer) -> None:
    needs = dependencies()
    if any(own.name == server.name for own in needs.tool_servers):
        raise InvalidRequest(
            f"the environment names a tool server {server.name!r} already; choose another name",
            code="name_taken",
        )
    require_usable(server, private=needs.private_model_endpoints, commands=needs.mcp_stdio)


def _tools(server: ToolServer) -> str:
    return " ".join(tool.name for tool in server.allowed)[:1000]


def _not_editable(environment: Sequence[ToolServer], server_id: str) -> InvalidRequest | NotFound:
    if any(server.server_id == server_id for server in environment):
        return InvalidRequest(
            "this tool server is set by the environment of the server; the operator changes it "
            "there",
            code="tool_server_of_environment",
        )
    return NotFound(f"there is no tool server {server_id!r}")
