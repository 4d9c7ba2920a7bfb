"""What Lectern asks of its catalog about tools outside it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

ToolServerKind = Literal["mcp", "web"]


@dataclass(frozen=True, slots=True)
class AllowedTool:
    """A tool of an MCP server as it was when an administrator allowed it.

    `digest` is of its description and the JSON schema of its arguments: one that has changed since
    is not used. "" for what the operator named by hand: such a tool is taken as it is found.
    """

    digest: str
    description: str = ""
    schema: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ToolServer:
    """A server of tools outside Lectern: one that speaks MCP, or one that searches the web.

    `dialect` is whose search it is. `command` starts an MCP server as a process instead of `url`.
    `sealed_key` is "" without a key. `version` grows with every change.
    """

    server_id: str
    name: str
    kind: ToolServerKind
    url: str = ""
    dialect: str = ""
    command: tuple[str, ...] = ()
    sealed_key: str = field(default="", repr=False)
    timeout_s: float = 20.0
    enabled: bool = True
    allowed: Mapping[str, AllowedTool] = field(default_factory=dict)
    version: int = 1


class ToolServers(Protocol):
    """The tool servers of this installation beside those of its environment."""

    def list(self) -> Sequence[ToolServer]:
        """Return all, by name."""
        ...

    def get(self, server_id: str) -> ToolServer | None:
        """Return one."""
        ...

    def create(self, server: ToolServer) -> ToolServer:
        """Store a new one; its `server_id` is made here.

        Raises:
            InvalidRequest: Another one has the name.
        """
        ...

    def change(self, server: ToolServer) -> ToolServer:
        """Replace the one of this id; return it with its new version.

        Raises:
            NotFound: There is none.
            InvalidRequest: Another one has the name, or it was changed meanwhile (code
                `tool_server_changed`).
        """
        ...

    def delete(self, server_id: str) -> None:
        """Remove one. Safe to repeat."""
        ...

    def reseal(self, rotate: Callable[[str], str]) -> int:
        """Replace every sealed key by what `rotate` makes of it; return how many there are."""
        ...
