"""Servers of tools as administrators describe and see them."""

from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from lectern.api import ToolServerChange, ToolServerReply, ToolServerRequest
from lectern.catalog.port_tool_servers import AllowedTool, ToolServer
from lectern.errors import InvalidRequest
from lectern.models.addresses import require_allowed, same_origin
from lectern.tool_servers.environment import is_of_environment

_NO_COMMANDS = (
    "a command is run on the server; only its operator can allow that, with LECTERN_MCP_STDIO=true"
)


def described(server: ToolServerRequest, *, sealed_key: str = "") -> ToolServer:
    """Return a server that is not stored yet."""
    given = server.model_dump(exclude={"key", "provider", "command", "allowed"})
    return ToolServer(
        server_id="",
        provider=server.provider or "",
        command=tuple(server.command),
        allowed=tuple(AllowedTool(**each.model_dump()) for each in server.allowed),
        sealed_key=sealed_key,
        **given,
    )


def changed(server: ToolServer, change: ToolServerChange, *, sealed_key: str) -> ToolServer:
    """Return the server with what the change names, and with this key.

    Raises:
        InvalidRequest: What comes of it makes no sense.
    """
    given: dict[str, Any] = change.model_dump(exclude_none=True, exclude={"key"})
    before = {name: getattr(server, name) for name in _EDITED} | {
        "provider": server.provider or None,
        "command": list(server.command),
        "allowed": [_snapshot(each) for each in server.allowed],
    }
    if leads_elsewhere(server, change) and change.allowed is None:
        before["allowed"] = []
    try:
        whole = ToolServerRequest.model_validate({"kind": server.kind} | before | given)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"])) or "the server"
        raise InvalidRequest(f"{where}: {first['msg']}") from error
    if whole.command and sealed_key:
        raise InvalidRequest("a command takes no key: have it read its secrets by itself")
    after = described(whole, sealed_key=sealed_key)
    return replace(after, server_id=server.server_id, version=server.version)


def leads_elsewhere(server: ToolServer, change: ToolServerChange) -> bool:
    """Return whether the change makes another server of it: another host, command or provider."""
    url = server.url if change.url is None else change.url
    command = list(server.command) if change.command is None else change.command
    provider = server.provider if change.provider is None else change.provider
    return (
        not same_origin(server.url, url)
        or command != list(server.command)
        or provider != server.provider
    )


def require_usable(server: ToolServer, *, private: bool, commands: bool) -> None:
    """Return if a server may be asked where it is.

    Args:
        server: The server.
        private: Whether this machine and private networks are allowed.
        commands: Whether commands are run here.

    Raises:
        InvalidRequest: Its address is not allowed (code `tool_address`), or it is a command where
            none is run (`tool_command`).
        TransientError: Its name cannot be resolved now (code `tool_address`).
    """
    if server.command and not commands:
        raise InvalidRequest(_NO_COMMANDS, code="tool_command")
    if server.url:
        require_allowed(server.url, private=private, what="tool")


def shown(server: ToolServer) -> ToolServerReply:
    """Return a server as administrators see it: never with its key."""
    own = is_of_environment(server)
    fields = {name: getattr(server, name) for name in _EDITED}
    return ToolServerReply.model_validate(
        fields
        | {
            "server_id": server.server_id,
            "kind": server.kind,
            "provider": server.provider or None,
            "command": list(server.command),
            "has_key": None if own else bool(server.sealed_key),
            "allowed": [_snapshot(each) for each in server.allowed],
            "changed": list(server.changed),
            "of_environment": own,
        }
    )


_EDITED = ("name", "description", "url", "timeout_s", "enabled")


def _snapshot(tool: AllowedTool) -> dict[str, str]:
    return {"name": tool.name, "description": tool.description, "digest": tool.digest}
