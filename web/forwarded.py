"""Whose request it is behind an ingress: what the last proxy saw, and nothing before that."""

import ipaddress
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

Application = Callable[[Any, Any, Any], Awaitable[None]]
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class LastHop:
    """Takes client and scheme from a trusted proxy's headers.

    Only the last entry of `X-Forwarded-For` is the proxy's own; those before it are what the
    browser, which may be in a trusted network itself, has claimed.

    Args:
        app: What is served.
        trusted: Networks of proxies, separated by commas.
    """

    def __init__(self, app: Application, trusted: str) -> None:
        self._app = app
        self._trusted: Sequence[Network] = [
            ipaddress.ip_network(each.strip(), strict=False)
            for each in trusted.split(",")
            if each.strip()
        ]

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """See ASGI."""
        if scope["type"] in {"http", "websocket"} and self._is_trusted(scope.get("client")):
            scope = self._as_seen(scope)
        await self._app(scope, receive, send)

    def _is_trusted(self, client: Any) -> bool:
        address = _address(client[0]) if client else None
        return address is not None and any(address in network for network in self._trusted)

    def _as_seen(self, scope: Any) -> Any:
        headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
        seen = dict(scope)
        if _address(last := _last(headers.get(b"x-forwarded-for", ""))):
            seen["client"] = (last, 0)
        scheme = _last(headers.get(b"x-forwarded-proto", "")).lower()
        if scheme in {"http", "https", "ws", "wss"}:
            is_safe, is_socket = scheme in {"https", "wss"}, scope["type"] == "websocket"
            seen["scheme"] = ("ws" if is_socket else "http") + ("s" if is_safe else "")
        return seen


def _last(value: str) -> str:
    return value.rpartition(",")[2].strip()


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address
