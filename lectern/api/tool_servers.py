"""Servers of tools outside of Lectern: search engines of the web, and MCP servers."""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, SecretStr, model_validator

from lectern.api.bodies import Reply, Request
from lectern.api.models import WithKey

ToolServerKind = Literal["mcp", "web"]
SearchProvider = Literal["searxng", "brave", "tavily"]
ToolState = Literal["allowed", "new", "changed", "gone"]

TOOL_SERVER_NAME = r"^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$"
MCP_TOOL_NAME = r"^[A-Za-z0-9_.-]{1,128}$"

_Name = Annotated[str, Field(pattern=TOOL_SERVER_NAME)]
_Description = Annotated[str, Field(max_length=300)]
_Url = Annotated[str, Field(max_length=2000)]
_Key = Annotated[SecretStr, Field(max_length=4000)]
_Timeout = Annotated[float, Field(gt=0, le=120)]
_Command = Annotated[
    list[Annotated[str, Field(min_length=1, max_length=1000)]], Field(max_length=50)
]


class AllowedTool(Request):
    """A tool that questions may use, as it was when an administrator allowed it.

    `digest` stands for its description and its arguments; a tool that has another one now is not
    offered before it is allowed again.
    """

    name: Annotated[str, Field(pattern=MCP_TOOL_NAME)]
    description: Annotated[str, Field(max_length=4000)] = ""
    digest: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


_Allowed = Annotated[list[AllowedTool], Field(max_length=100)]


class ToolServerRequest(WithKey):
    """A server of tools; its name is part of the names of its tools (`mcp:wiki/search`).

    A search engine (`web`) has a `provider`; its `url` may be left out where the provider has one.
    An MCP server has a `url` (streamable HTTP), or a `command` with its arguments, which is run
    only where the operator set LECTERN_MCP_STDIO. `key` is sent as a bearer token, or as the
    provider wants it. Nothing of an MCP server may be used but what is in `allowed`.
    """

    name: _Name
    kind: ToolServerKind
    description: _Description = ""
    provider: SearchProvider | None = None
    url: _Url = ""
    command: _Command = []
    key: _Key = SecretStr("")
    timeout_s: _Timeout = 20.0
    enabled: bool = True
    allowed: _Allowed = []

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.kind == "web":
            if self.provider is None:
                raise ValueError("a search engine needs a provider")
            if self.command or self.allowed:
                raise ValueError("a search engine has neither a command nor tools")
            if self.provider == "searxng" and not self.url:
                raise ValueError("a SearXNG server needs a url")
        elif self.provider is not None:
            raise ValueError("only a search engine has a provider")
        elif bool(self.url) == bool(self.command):
            raise ValueError("an MCP server has either a url or a command")
        if self.command and self.key.get_secret_value():
            raise ValueError("a command takes no key: have it read its secrets by itself")
        return self


class ToolServerChange(WithKey):
    """What shall become different; fields left out stay. An empty `key` removes the key.

    With an address at another host, the key has to be given anew: a stored key goes nowhere else,
    and nothing is allowed any more that `allowed` does not name again.
    """

    name: _Name | None = None
    description: _Description | None = None
    provider: SearchProvider | None = None
    url: _Url | None = None
    command: _Command | None = None
    key: _Key | None = None
    timeout_s: _Timeout | None = None
    enabled: bool | None = None
    allowed: _Allowed | None = None


class ToolSnapshot(Reply):
    """An allowed tool; an empty `digest` lets it be used whatever it is now."""

    name: str
    description: str
    digest: str


class ToolServerReply(Reply):
    """A server as administrators see it; its key is never among it.

    `has_key` is None for a server of the environment, which only the operator can change.
    `changed` are allowed tools that had another description or other arguments, or were missing,
    when a question last wanted them.
    """

    server_id: str
    name: str
    kind: ToolServerKind
    description: str
    provider: SearchProvider | None
    url: str
    command: list[str]
    has_key: bool | None
    timeout_s: float
    enabled: bool
    allowed: list[ToolSnapshot]
    changed: list[str]
    of_environment: bool


class ToolServerList(Reply):
    """All servers, those of the environment first, then by name.

    `commands` says whether the operator lets administrators name commands.
    """

    servers: list[ToolServerReply]
    commands: bool


class ToolServerTestRequest(Request):
    """Which server shall be tried: a stored one, or one not stored yet.

    With `server_id` beside `server`, the stored key stands in for a missing one, at the same host.
    """

    server_id: Annotated[str, Field(max_length=64)] = ""
    server: ToolServerRequest | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if not (self.server_id or self.server):
            raise ValueError("name a server")
        return self


class FoundTool(Reply):
    """A tool that a server offers, and how it stands to what was allowed of it before.

    `parameters` is the JSON Schema of its arguments, which a model is told as well.
    """

    name: str
    description: str
    digest: str
    state: ToolState
    parameters: dict[str, Any] = {}


class ToolServerTestReply(Reply):
    """What came of a trial: the tools of an MCP server, or how many results one search had.

    `detail` says what is wrong when `reachable` is false, and "" otherwise.
    """

    reachable: bool
    latency_ms: float
    tools: list[FoundTool] = []
    results: int = 0
    detail: str = ""


class OuterTool(Reply):
    """A tool outside of Lectern, by the name that `tools` of a question takes.

    `server` is "" for the search of the web. Descriptions of MCP tools are their servers' words.
    """

    name: str
    server: str
    description: str


class OuterToolList(Reply):
    """The tools outside of Lectern that questions may be allowed, by name."""

    tools: list[OuterTool]
