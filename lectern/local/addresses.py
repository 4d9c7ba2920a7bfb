"""Addresses of one machine: which may be bound to, how they are reached, who answers there."""

import ipaddress
import socket
from pathlib import Path

from lectern.errors import InvalidRequest
from lectern.local.exchange import request
from lectern.local.home import Home, Running
from lectern.settings import Settings

_OK = 200


def is_loopback(host: str) -> bool:
    """Return whether only this machine can reach a server bound to `host`."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def listening_socket(host: str = "127.0.0.1", port: int = 0) -> socket.socket:
    """Return a listening socket; port 0 lets the system choose.

    Raises:
        OSError: The port is taken.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=256)


def refuse_strangers(settings: Settings) -> None:
    """Refuse an address that others can reach, unless that is wanted.

    Raises:
        InvalidRequest: `host` is not of loopback and `allow_remote` is off.
    """
    if is_loopback(settings.host) or settings.allow_remote:
        return
    raise InvalidRequest(
        f"{settings.host!r} can be reached from other machines, and their traffic is not "
        "encrypted; set LECTERN_ALLOW_REMOTE=true if a network you trust is all that leads there "
        "(every call still needs a token), else use the default, 127.0.0.1",
        code="remote_refused",
    )


def bind(settings: Settings) -> socket.socket:
    """Return the listening socket of the front.

    Raises:
        InvalidRequest: The port is taken, or the address is not this machine's.
    """
    try:
        return listening_socket(settings.host, settings.port)
    except OSError as error:
        raise InvalidRequest(
            f"port {settings.port} of {settings.host!r} cannot be used: {error.strerror}; "
            "stop what runs there, or choose another with --port or LECTERN_PORT",
            code="port_taken",
        ) from error


def address_of(host: str, listener: socket.socket) -> str:
    """Return the URL under which this machine itself reaches the front."""
    port = listener.getsockname()[1]
    if host in {"0.0.0.0", "localhost"}:  # noqa: S104 - compared, not bound to
        host = "127.0.0.1"
    elif ":" in host:
        host = "[::1]" if host == "::" else f"[{host}]"
    return f"http://{host}:{port}"


def running_of(home: Path) -> Running | None:
    """Return the `lectern up` that serves `home` now, asked whether it still does."""
    running = Home(home).running()
    if running is None:
        return None
    host, _, port = running.address.removeprefix("http://").rpartition(":")
    answer = request((host.strip("[]"), int(port)), "GET", "/", timeout_s=5.0)
    alive = answer.status == _OK and running.instance.encode() in answer.body
    return running if alive else None
