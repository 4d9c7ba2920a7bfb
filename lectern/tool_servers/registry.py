"""Which servers of tools there are to use, and their keys."""

import threading
from collections.abc import Sequence
from time import monotonic
from typing import TYPE_CHECKING

from lectern.catalog.port_tool_servers import ToolServer
from lectern.tool_servers.environment import (
    environment_key,
    environment_servers,
    is_of_environment,
)

if TYPE_CHECKING:
    from lectern.catalog.port import Catalog
    from lectern.sealing import Seal
    from lectern.settings import Settings

FRESH_S = 3.0
"""How long a change may take to be seen."""


class ToolServerRegistry:
    """The servers of tools of this process. Thread safe.

    Args:
        settings: Of the environment's servers; they also say what may be asked where.
        catalog: Keeps the other servers.
        seal: Opens their keys.
    """

    def __init__(self, settings: "Settings", catalog: "Catalog", seal: "Seal") -> None:
        self._settings = settings
        self._catalog = catalog
        self._seal = seal
        self._environment = environment_servers(settings)
        self._lock = threading.Lock()
        self._serving: Sequence[ToolServer] = ()
        self._read_at = float("-inf")

    @property
    def private(self) -> bool:
        """Whether servers may be on this machine and in private networks."""
        return self._settings.private_model_endpoints

    @property
    def commands(self) -> bool:
        """Whether MCP servers that are commands are run."""
        return self._settings.mcp_stdio

    def serving(self) -> Sequence[ToolServer]:
        """Return the servers that are in use, not older than `FRESH_S`; see `serving`.

        Raises:
            TransientError: The catalog cannot be reached.
        """
        with self._lock:
            if monotonic() - self._read_at > FRESH_S:
                self._serving = serving(self._environment, self._catalog.tool_servers.list())
                self._read_at = monotonic()
            return self._serving

    def named(self, server_id: str) -> ToolServer | None:
        """Return a server by its id, also one that is not in use."""
        own = (each for each in self._environment if each.server_id == server_id)
        return next(own, None) or self._catalog.tool_servers.get(server_id)

    def key_of(self, server: ToolServer) -> str:
        """Return the key of a stored server or of one of the environment, "" for none.

        Raises:
            PermanentError: It was sealed with another key (code `secret_unreadable`).
        """
        if is_of_environment(server):
            return environment_key(self._settings, server)
        return self._seal.open(server.sealed_key)

    def note_changed(self, server: ToolServer, names: Sequence[str]) -> None:
        """Keep which of a server's allowed tools are not as they were allowed, for its editor."""
        if not is_of_environment(server) and sorted(names) != sorted(server.changed):
            self._catalog.tool_servers.note_changed(server.server_id, names)


def serving(
    environment: Sequence[ToolServer], stored: Sequence[ToolServer]
) -> Sequence[ToolServer]:
    """Return the servers in use: enabled ones, and the first search engine alone.

    A server of the environment goes before a stored one of its name, and its search engine before
    any other.
    """
    names = {server.name for server in environment}
    known = [*environment, *(server for server in stored if server.name not in names)]
    enabled = [server for server in known if server.enabled]
    engine = next((server for server in enabled if server.kind == "web"), None)
    return [server for server in enabled if server.kind == "mcp" or server is engine]
