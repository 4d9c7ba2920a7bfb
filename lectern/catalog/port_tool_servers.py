"""What Lectern asks of its catalog about servers of tools outside of Lectern."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

ToolServerKind = Literal["mcp", "web"]


@dataclass(frozen=True, slots=True)
class AllowedTool:
    """A tool as it was when it was allowed; an empty `digest` is whatever it is now."""

    name: str
    description: str = ""
    digest: str = ""


@dataclass(frozen=True, slots=True)
class ToolServer:
    """A server of tools: a search engine, or an MCP server.

    `url` is "" for a server that is a `command`. `provider` is a search engine's. `sealed_key` is
    "" without a key. `changed` names tools that were not as they were allowed when they were last
    wanted. `version` grows with every change but that of `changed`.
    """

    server_id: str
    name: str
    kind: ToolServerKind
    url: str = ""
    provider: str = ""
    command: tuple[str, ...] = ()
    description: str = ""
    sealed_key: str = field(default="", repr=False)
    timeout_s: float = 20.0
    enabled: bool = True
    allowed: tuple[AllowedTool, ...] = ()
    changed: tuple[str, ...] = ()
    version: int = 1


class ToolServers(Protocol):
    """The servers of tools of this installation beside those of its environment."""

    def list(self) -> Sequence[ToolServer]:
        """Return all servers by name."""
        ...

    def get(self, server_id: str) -> ToolServer | None:
        """Return a server."""
        ...

    def create(self, server: ToolServer) -> ToolServer:
        """Store a new server; its `server_id` is made here.

        Raises:
            InvalidRequest: Another one has the name.
        """
        ...

    def change(self, server: ToolServer) -> ToolServer:
        """Replace the server of this id; return it with its new version, `changed` empty.

        Raises:
            NotFound: There is none.
            InvalidRequest: Another one has the name, or changed meanwhile (code
                `tool_server_changed`).
        """
        ...

    def note_changed(self, server_id: str, names: Sequence[str]) -> None:
        """Keep which allowed tools are no longer as they were allowed. Safe to repeat."""
        ...

    def delete(self, server_id: str) -> None:
        """Remove a server. Safe to repeat."""
        ...

    def reseal(self, rotate: Callable[[str], str]) -> int:
        """Replace every sealed key by what `rotate` makes of it; return how many there are."""
        ...
