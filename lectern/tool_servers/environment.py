"""The servers of tools that the operator set up by environment: nobody can edit them."""

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from lectern.api.tool_servers import MCP_TOOL_NAME, TOOL_SERVER_NAME, ToolServerRequest
from lectern.catalog.port_tool_servers import AllowedTool, ToolServer
from lectern.errors import PermanentError

if TYPE_CHECKING:
    from lectern.settings import Settings

_PREFIX = "environment-"
_CODE = "tool_server_settings"
_WEB_TIMEOUT_S = 10.0
_ToolName = Annotated[str, Field(pattern=MCP_TOOL_NAME)]
_Digest = Annotated[str, Field(pattern=r"^(?:[0-9a-f]{64})?$")]


class _Described(BaseModel):
    """One entry of LECTERN_MCP_SERVERS.

    `tools` are the names of the tools that may be used, or an object of names and digests: such a
    tool is not offered when it is no longer as it was.
    """

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(pattern=TOOL_SERVER_NAME)]
    url: str = ""
    command: list[str] = []
    description: str = ""
    tools: list[_ToolName] | dict[_ToolName, _Digest] = []
    timeout_s: Annotated[float, Field(gt=0, le=120)] = 20.0


_ALL = TypeAdapter(list[_Described])


def environment_servers(settings: "Settings") -> Sequence[ToolServer]:
    """Return a server for each that the environment names, without keys.

    Raises:
        PermanentError: LECTERN_MCP_SERVERS or LECTERN_WEB_SEARCH_* make no sense (code
            `tool_server_settings`).
    """
    servers = [_mcp(each, commands=settings.mcp_stdio) for each in _described(settings)]
    names = [server.name for server in servers]
    if len(set(names)) < len(names):
        raise PermanentError("LECTERN_MCP_SERVERS names a server twice", code=_CODE)
    return [*_web(settings), *servers]


def is_of_environment(server: ToolServer) -> bool:
    """Return whether the operator set this server up."""
    return server.server_id.startswith(_PREFIX)


def environment_key(settings: "Settings", server: ToolServer) -> str:
    """Return the key of a server of the environment, "" for none.

    Raises:
        PermanentError: LECTERN_MCP_KEYS is no JSON object of keys (code `tool_server_settings`).
    """
    if server.kind == "web":
        return settings.web_search_key.get_secret_value()
    key = _keys(settings).get(server.name, "")
    if not isinstance(key, str):
        raise PermanentError(f"LECTERN_MCP_KEYS: the key of {server.name!r} is no text", code=_CODE)
    return key


def _web(settings: "Settings") -> Sequence[ToolServer]:
    kind = settings.web_search_kind
    if not kind:
        return []
    try:
        ToolServerRequest(
            name="web", kind="web", provider=kind, url=settings.web_search_url, key=""
        )
    except ValidationError as error:
        raise PermanentError(
            f"LECTERN_WEB_SEARCH_KIND is {kind!r}, but LECTERN_WEB_SEARCH_URL does not fit: "
            f"{_first(error)}",
            code=_CODE,
        ) from error
    return [
        ToolServer(
            f"{_PREFIX}web",
            "web",
            "web",
            url=settings.web_search_url,
            provider=kind,
            timeout_s=_WEB_TIMEOUT_S,
        )
    ]


def _described(settings: "Settings") -> Sequence[_Described]:
    if not settings.mcp_servers.strip():
        return []
    try:
        return _ALL.validate_json(settings.mcp_servers)
    except ValidationError as error:
        raise PermanentError(
            f"LECTERN_MCP_SERVERS is no JSON list of servers: {_first(error)}", code=_CODE
        ) from error


def _mcp(described: _Described, *, commands: bool) -> ToolServer:
    if bool(described.url) == bool(described.command):
        raise PermanentError(
            f"LECTERN_MCP_SERVERS: {described.name!r} needs either a url or a command", code=_CODE
        )
    if described.command and not commands:
        raise PermanentError(
            f"LECTERN_MCP_SERVERS: {described.name!r} is a command; set LECTERN_MCP_STDIO=true to "
            "have commands run",
            code=_CODE,
        )
    tools = described.tools
    digests = tools if isinstance(tools, dict) else dict.fromkeys(tools, "")
    return ToolServer(
        f"{_PREFIX}mcp-{described.name}",
        described.name,
        "mcp",
        url=described.url,
        command=tuple(described.command),
        description=described.description,
        timeout_s=described.timeout_s,
        allowed=tuple(AllowedTool(name, digest=digest) for name, digest in digests.items()),
    )


def _keys(settings: "Settings") -> Mapping[str, Any]:
    text = settings.mcp_keys.get_secret_value().strip()
    try:
        keys = json.loads(text) if text else {}
    except ValueError:
        keys = None
    if not isinstance(keys, dict):
        raise PermanentError(  # neither the text nor where it broke: both may show a key
            'LECTERN_MCP_KEYS is no JSON object such as {"wiki": "key"}', code=_CODE
        )
    return keys


def _first(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    return f"{'.'.join(map(str, first['loc']))}: {first['msg']}".removeprefix(": ")
