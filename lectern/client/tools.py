"""Tools outside Lectern: which there are, and, for administrators, where they come from."""

from collections.abc import Mapping, Sequence
from urllib.parse import quote

from lectern.api import (
    AllowedToolEntry,
    AllowedTools,
    AvailableTool,
    AvailableTools,
    OfferedTool,
    ToolServerChange,
    ToolServerList,
    ToolServerReply,
    ToolServerRequest,
    ToolServerTrial,
)
from lectern.client.connection import Connection


class Tools:
    """Web searches and MCP servers that agents may use."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def available(self) -> Sequence[AvailableTool]:
        """Return the tools that a question may name in `outer_tools`."""
        return self._connection.fetch("catalog", "GET", "/v1/tools", AvailableTools).tools

    def servers(self) -> Sequence[ToolServerReply]:
        """Return all servers, those of the environment first."""
        path = "/v1/tool-servers"
        return self._connection.fetch("catalog", "GET", path, ToolServerList).servers

    def create(self, server: ToolServerRequest) -> ToolServerReply:
        """Add a server.

        Raises:
            InvalidRequest: Another one has the name (`name_taken`), the address is not allowed
                (`model_address`), or commands are off (`no_tool_commands`).
        """
        path = "/v1/tool-servers"
        return self._connection.fetch("catalog", "POST", path, ToolServerReply, body=server)

    def change(self, server_id: str, change: ToolServerChange) -> ToolServerReply:
        """Change a server; raises as `create`, and when a new host needs its key given anew."""
        path = _path(server_id)
        return self._connection.fetch("catalog", "PATCH", path, ToolServerReply, body=change)

    def delete(self, server_id: str) -> None:
        """Remove a server. Safe to repeat."""
        self._connection.send("catalog", "DELETE", _path(server_id))

    def test(self, server_id: str) -> ToolServerTrial:
        """Ask a server what it offers; that it does not answer is a result, no error."""
        path = f"{_path(server_id)}/test"
        return self._connection.fetch("answer", "POST", path, ToolServerTrial)

    def allow(self, server_id: str, tools: Sequence[OfferedTool]) -> ToolServerReply:
        """Allow these tools as they are described, and no others of this server."""
        entries: Mapping[str, AllowedToolEntry] = {
            each.name: AllowedToolEntry(description=each.description, arguments=each.arguments)
            for each in tools
        }
        body = AllowedTools(tools=dict(entries))
        path = f"{_path(server_id)}/allowed"
        return self._connection.fetch("catalog", "PUT", path, ToolServerReply, body=body)


def _path(server_id: str) -> str:
    return f"/v1/tool-servers/{quote(server_id, safe='')}"
