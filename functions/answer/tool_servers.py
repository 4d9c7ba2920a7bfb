"""A trial of a server of tools; for administrators."""

from flask import request

from functions.answer.outer.trying import tried
from functions.answer.views import api
from functions.answer.wiring import Dependencies, dependencies
from lectern.access import authenticate
from lectern.api import ToolServerTestReply, ToolServerTestRequest
from lectern.catalog.port_tool_servers import ToolServer
from lectern.errors import NotFound
from lectern.models.addresses import same_origin
from lectern.serving.http import read_body
from lectern.tool_servers.editing import described, require_usable


@api.route("POST", "/v1/tool-servers/test", body=ToolServerTestRequest, reply=ToolServerTestReply)
def test_tool_server() -> ToolServerTestReply:
    """List the tools of an MCP server, or search the web once; say how long it took.

    Nothing is used: the tools of an MCP server are only listed.
    """
    needs = dependencies()
    access = authenticate(needs.catalog, request.headers.get("Authorization"))
    access.require_administrator()
    server, key = _named(needs, read_body(ToolServerTestRequest))
    require_usable(server, private=needs.tool_servers.private, commands=needs.tool_servers.commands)
    return tried(server, key)


def _named(needs: Dependencies, asked: ToolServerTestRequest) -> tuple[ToolServer, str]:
    """Return the server and its key; a stored key goes to its own host only."""
    registry = needs.tool_servers
    stored = registry.named(asked.server_id) if asked.server_id else None
    if asked.server is None:
        if stored is None:
            raise NotFound(f"there is no tool server {asked.server_id!r}")
        return stored, registry.key_of(stored)
    server, key = described(asked.server), asked.server.key.get_secret_value()
    same = stored is not None and server.provider == stored.provider
    if stored is not None and same and not key and same_origin(server.url, stored.url):
        return server, registry.key_of(stored)
    return server, key
