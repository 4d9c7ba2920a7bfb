"""Tools outside of Lectern; all but their list is for administrators."""

from collections.abc import Sequence
from urllib.parse import quote

from lectern.api import (
    OuterTool,
    OuterToolList,
    ToolServerChange,
    ToolServerList,
    ToolServerReply,
    ToolServerRequest,
    ToolServerTestReply,
    ToolServerTestRequest,
)
from lectern.client.connection import Connection

_PATH = "/v1/tool-servers"


class ToolServers:
    """Search engines and MCP servers, and which of their tools questions may be allowed."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def allowed(self) -> Sequence[OuterTool]:
        """Return the tools that a question may be allowed to use, for everybody."""
        return self._connection.fetch("catalog", "GET", "/v1/tools", OuterToolList).tools

    def list(self) -> ToolServerList:
        """Return all servers, those of the environment first."""
        return self._connection.fetch("catalog", "GET", _PATH, ToolServerList)

    def create(self, server: ToolServerRequest) -> ToolServerReply:
        """Add a server.

        Raises:
            InvalidRequest: Another one has the name (`name_taken`), the address is not allowed
                (`tool_address`), or commands are not (`tool_command`).
        """
        return self._connection.fetch("catalog", "POST", _PATH, ToolServerReply, body=server)

    def change(self, server_id: str, change: ToolServerChange) -> ToolServerReply:
        """Change a server; raises as `create`, and when a new host needs its key given anew."""
        path = f"{_PATH}/{quote(server_id, safe='')}"
        return self._connection.fetch("catalog", "PATCH", path, ToolServerReply, body=change)

    def delete(self, server_id: str) -> None:
        """Remove a server. Safe to repeat."""
        self._connection.send("catalog", "DELETE", f"{_PATH}/{quote(server_id, safe='')}")

    def test(
        self, server_id: str = "", *, server: ToolServerRequest | None = None
    ) -> ToolServerTestReply:
        """List a server's tools, or search once; that it does not answer is a result, no error."""
        body = ToolServerTestRequest(server_id=server_id, server=server)
        path = f"{_PATH}/test"
        return self._connection.fetch("answer", "POST", path, ToolServerTestReply, body=body)
