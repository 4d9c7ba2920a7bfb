"""Tools outside Lectern that agents may use: their servers, and what they offer."""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, SecretStr, model_validator

from lectern.api.bodies import Reply, Request
from lectern.api.models import WithKey

ToolServerKind = Literal["mcp", "web"]
WebSearchKind = Literal["searxng", "brave", "tavily"]
OuterToolName = Annotated[
    str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}(/[A-Za-z0-9_.-]{1,100})?$", max_length=141)
]
"""A tool outside Lectern: `<server>` for a web search, `<server>/<tool>` for one of MCP."""

_Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
_Url = Annotated[str, Field(max_length=2000)]
_Command = Annotated[list[Annotated[str, Field(max_length=1000)]], Field(max_length=50)]
_Timeout = Annotated[float, Field(gt=0, le=120)]
_Key = Annotated[SecretStr, Field(max_length=4000)]


class ToolServerRequest(WithKey):
    """A server of tools.

    `mcp` speaks the Model Context Protocol over HTTP at `url`, or, where the operator allows it,
    as a process that `command` starts. `web` searches the web, in the manner of `web_kind`. `name`
    is part of its tools' names. `key` is sent as a bearer token, or as the search wants it.
    """

    name: _Name
    kind: ToolServerKind = "mcp"
    url: _Url = ""
    web_kind: WebSearchKind | None = None
    command: _Command = []
    key: _Key = SecretStr("")
    timeout_s: _Timeout = 20.0
    enabled: bool = True

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.kind == "web" and (self.web_kind is None or self.command or not self.url):
            raise ValueError("a web search needs a url and a web_kind, and no command")
        if self.kind == "mcp" and bool(self.url) == bool(self.command):
            raise ValueError("an MCP server needs either a url or a command")
        return self


class ToolServerChange(WithKey):
    """What shall become different; fields left out stay. An empty `key` removes the key.

    With an address at another host, the key has to be given anew: a stored key goes nowhere else.
    """

    url: _Url | None = None
    key: _Key | None = None
    timeout_s: _Timeout | None = None
    enabled: bool | None = None


class ToolServerReply(Reply):
    """A server as administrators see it, with the names of the tools that are allowed.

    `has_key` is None for one of the environment, which only the operator can change.
    """

    server_id: str
    name: str
    kind: ToolServerKind
    url: str
    web_kind: WebSearchKind | None
    command: list[str]
    has_key: bool | None
    timeout_s: float
    enabled: bool
    allowed: list[str]
    of_environment: bool


class ToolServerList(Reply):
    """All servers, those of the environment first, then by name."""

    servers: list[ToolServerReply]


class OfferedTool(Reply):
    """A tool that an MCP server offers now; `arguments` is a JSON schema.

    `state` says whether it is allowed as it is, was allowed when it was another (`changed`), or
    was not looked at yet (`new`).
    """

    name: str
    description: str
    arguments: dict[str, Any]
    state: Literal["allowed", "changed", "new"]


class ToolServerTrial(Reply):
    """What came of asking a server: its tools, or what is wrong in `detail`."""

    reachable: bool
    latency_ms: float
    tools: list[OfferedTool] = []
    detail: str = ""


class AllowedToolEntry(Request):
    """A tool as an administrator saw and allows it."""

    description: Annotated[str, Field(max_length=10_000)] = ""
    arguments: dict[str, Any] = {}


class AllowedTools(Request):
    """All tools of an MCP server that are allowed from now on, by name."""

    tools: Annotated[
        dict[Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,100}$")], AllowedToolEntry],
        Field(max_length=100),
    ]


class AvailableTool(Reply):
    """A tool outside Lectern that a question may name, and what its server says of it."""

    name: str
    kind: ToolServerKind
    description: str


class AvailableTools(Reply):
    """The tools outside Lectern that there are; none unless an administrator allowed some."""

    tools: list[AvailableTool]
