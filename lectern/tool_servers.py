"""The servers of tools outside Lectern: those of the environment and those of the catalog.

`LECTERN_TOOL_SERVERS` is a JSON list of objects as `POST /v1/tool-servers` takes them, keys
included, each with the names of the tools that are `allowed`.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import Field, SecretStr, TypeAdapter, ValidationError

from lectern.api import ToolServerReply, ToolServerRequest
from lectern.catalog.port_tools import AllowedTool, ToolServer
from lectern.errors import InvalidRequest, PermanentError
from lectern.models.addresses import require_allowed

_OF_ENVIRONMENT = "environment-"


class _Described(ToolServerRequest):
    allowed: Annotated[list[str], Field(max_length=100, default_factory=list)]


_DESCRIBED = TypeAdapter(list[_Described])


def environment_servers(described: SecretStr) -> Mapping[str, tuple[ToolServer, str]]:
    """Return by id the servers of the environment, each with its key.

    Raises:
        PermanentError: It is no such list (code `tool_server_settings`); no value is repeated.
    """
    text = described.get_secret_value()
    if not text.strip():
        return {}
    try:
        found = _DESCRIBED.validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"])) or "JSON"
        raise PermanentError(
            f"LECTERN_TOOL_SERVERS is invalid at {place!r}: {first['msg']}",
            code="tool_server_settings",
        ) from None
    servers = {}
    for each in found:
        allowed = {name: AllowedTool("") for name in each.allowed}
        server = described_server(each, server_id=_OF_ENVIRONMENT + each.name, allowed=allowed)
        servers[server.server_id] = (server, each.key.get_secret_value())
    return servers


def described_server(
    asked: ToolServerRequest,
    *,
    server_id: str = "",
    sealed_key: str = "",
    allowed: Mapping[str, AllowedTool] | None = None,
) -> ToolServer:
    """Return what a request describes; with an id and allowed tools if they are given."""
    return ToolServer(
        server_id=server_id,
        name=asked.name,
        kind=asked.kind,
        url=asked.url,
        dialect=asked.web_kind or "",
        command=tuple(asked.command),
        sealed_key=sealed_key,
        timeout_s=asked.timeout_s,
        enabled=asked.enabled,
        allowed=allowed or {},
    )


def shown_server(server: ToolServer) -> ToolServerReply:
    """Return a server as administrators see it: never with its key."""
    of_environment = server.server_id.startswith(_OF_ENVIRONMENT)
    return ToolServerReply.model_validate(
        {
            "server_id": server.server_id,
            "name": server.name,
            "kind": server.kind,
            "url": server.url,
            "web_kind": server.dialect or None,
            "command": list(server.command),
            "has_key": None if of_environment else bool(server.sealed_key),
            "timeout_s": server.timeout_s,
            "enabled": server.enabled,
            "allowed": sorted(server.allowed),
            "of_environment": of_environment,
        }
    )


def require_askable(server: ToolServer, *, private: bool, commands: bool) -> None:
    """Return if this server may be asked.

    Raises:
        InvalidRequest: It is a command, and the operator allows none (code `no_tool_commands`), or
            its address is not allowed (code `model_address`).
        TransientError: Its name cannot be resolved now.
    """
    if server.command:
        if not commands:
            raise InvalidRequest(
                "tool servers that are commands are off here; give a URL, or have the operator set "
                "LECTERN_TOOL_COMMANDS=true",
                code="no_tool_commands",
            )
        return
    require_allowed(server.url, private=private)


def tool_digest(description: str, schema: Mapping[str, Any]) -> str:
    """Return the digest of what a tool says of itself: another one is another tool."""
    said = json.dumps([description, schema], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(said.encode()).hexdigest()


def tool_names(servers: Sequence[ToolServer]) -> Mapping[str, tuple[ToolServer, str]]:
    """Return by their names in a question the tools that may be used: their server, their name."""
    found: dict[str, tuple[ToolServer, str]] = {}
    for server in servers:
        if server.enabled and server.kind == "web":
            found.setdefault(server.name, (server, ""))
        elif server.enabled:
            for tool in server.allowed:
                found.setdefault(f"{server.name}/{tool}", (server, tool))
    return found
