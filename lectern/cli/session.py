"""Which Lectern a command talks to: a named server, the one on this machine, or none.

In this order: `--server` (LECTERN_SERVER) with LECTERN_TOKEN; the running `lectern up` of
LECTERN_HOME; the same functions inside of this process.
"""

import functools
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import click

if TYPE_CHECKING:
    from lectern.client import Lectern

F = TypeVar("F", bound=Callable[..., Any])

_QUIET_S = 3600.0
_GIVE_KEY = "set LECTERN_TOKEN to one of your API keys (web UI: settings, API keys)"
_NO_TOKEN = f"the server wants to know who asks; {_GIVE_KEY}"
_WRONG_TOKEN = f"the server does not know this token, or it has expired; {_GIVE_KEY}"


@dataclass(frozen=True, slots=True)
class Session:
    """A client, and where its functions run.

    `settle` waits until a process without a server has done everything it was given.
    """

    lectern: "Lectern"
    place: Literal["server", "local", "in process"]
    address: str
    settle: Callable[[], None] = lambda: None


def talks_to_lectern(command: F) -> F:
    """Give a command the options that say which Lectern it talks to."""

    @click.option("--server", envvar="LECTERN_SERVER", help="Address of a Lectern elsewhere.")
    @click.option(
        "--token", envvar="LECTERN_TOKEN", help="Token for --server; better: LECTERN_TOKEN."
    )
    @functools.wraps(command)
    def wrapped(**options: Any) -> Any:
        return command(**options)

    return wrapped  # type: ignore[return-value]


@contextmanager
def session(server: str | None, token: str | None) -> Iterator[Session]:
    """Give a session with the first Lectern that is there; see the module."""
    from lectern.cli.configuration import effective_settings
    from lectern.client import Lectern
    from lectern.errors import Unauthorized
    from lectern.local.addresses import running_of
    from lectern.local.home import Home

    home = effective_settings().home
    if server:
        with Lectern(_function_url(server), token or "") as lectern:
            try:
                yield Session(lectern, "server", server)
            except Unauthorized as error:
                raise Unauthorized(_WRONG_TOKEN if token else _NO_TOKEN) from error
        return
    if running := running_of(home):
        with Lectern(running.function_url, Home(home).owner_token()) as lectern:
            yield Session(lectern, "local", running.address)
        return
    from lectern.local.inprocess import InProcess

    _log_only_warnings()
    with InProcess() as process:
        yield Session(process.lectern, "in process", "", lambda: _settle(process.broker.wait_quiet))


def _function_url(server: str) -> str:
    if not server.startswith(("http://", "https://")):
        raise click.UsageError(f"--server {server!r} must begin with http:// or https://")
    return server if "{function}" in server else server.rstrip("/") + "/{function}"


def _settle(wait_quiet: Callable[[float], bool]) -> None:
    wait_quiet(_QUIET_S)


def _log_only_warnings() -> None:
    """Keep the functions' JSON lines off the terminal; warnings come through, readable.

    `telemetry.configure_logging` leaves a logger alone that has a handler.
    """
    handler = logging.StreamHandler()
    handler.setLevel(logging.WARNING)
    handler.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
    logging.getLogger("lectern").addHandler(handler)
    logging.getLogger("lectern").propagate = False
