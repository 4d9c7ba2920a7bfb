"""What went wrong with an MCP server, in words that repeat none of the server's own."""

from concurrent.futures import CancelledError

from functions.answer.outer.waiting import reader_gone, too_slow
from lectern.catalog.port_tool_servers import ToolServer
from lectern.errors import LecternError, PermanentError, TransientError

_REFUSED = (401, 403)
_REDIRECTS = range(300, 400)
_NOT_THERE = (404, 405)
_BROKEN = 500


def explained(server: ToolServer, error: BaseException, *, status: int = 0) -> LecternError:
    """Return the error that a person can act on.

    Args:
        server: Whose connection it is.
        error: What the SDK raised, also in groups.
        status: That of the server's last reply over HTTP, 0 for none.
    """
    cause = _first(error)
    name = f"the MCP server {server.name!r}"
    if isinstance(cause, LecternError):
        return cause
    if isinstance(cause, CancelledError):
        return reader_gone()
    if isinstance(cause, TimeoutError):
        return too_slow()
    if server.command and isinstance(cause, OSError):
        return PermanentError(
            f"{name} cannot be started: {server.command[0]!r} ({type(cause).__name__})",
            code="tool_command",
        )
    return _of_status(name, status) or _of_protocol(name, cause)


def _of_status(name: str, status: int) -> LecternError | None:
    if status in _REFUSED:
        return PermanentError(f"{name} refused us ({status}); check its key", code="tool_key")
    if status in _REDIRECTS:
        return PermanentError(
            f"{name} answered with a redirect ({status}) to another place, which is not followed; "
            "give the address that it leads to",
            code="tool_reply",
        )
    if status in _NOT_THERE:
        return PermanentError(
            f"{name} is not at its address ({status}); it takes streamable HTTP, often at /mcp",
            code="tool_reply",
        )
    if status >= _BROKEN:
        return TransientError(f"{name} is in trouble ({status})", code="tool_unreachable")
    return None


def _of_protocol(name: str, cause: BaseException) -> LecternError:
    from mcp.shared.exceptions import MCPError
    from mcp_types import CONNECTION_CLOSED, REQUEST_TIMEOUT

    if isinstance(cause, MCPError):
        if cause.code == REQUEST_TIMEOUT:
            return too_slow()
        if cause.code != CONNECTION_CLOSED:
            return PermanentError(
                f"{name} refused the call (error {cause.code})", code="tool_reply"
            )
    return TransientError(
        f"{name} cannot be reached, or broke off ({type(cause).__name__})",
        code="tool_unreachable",
    )


def _first(error: BaseException) -> BaseException:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
