"""The names of tools outside of Lectern, as questions name them."""

WEB = "web"
_MCP = "mcp:"


def mcp_name(server: str, tool: str = "") -> str:
    """Return the name of a tool of an MCP server, or of all of them."""
    return f"{_MCP}{server}/{tool}" if tool else f"{_MCP}{server}"


def is_outer(name: str) -> bool:
    """Return whether `name` is that of a tool outside of Lectern."""
    return name == WEB or name.startswith(_MCP)


def parted(name: str) -> tuple[str, str]:
    """Return server and tool of an MCP tool's name; no tool means all."""
    server, _, tool = name.removeprefix(_MCP).partition("/")
    return server, tool
