"""Behind an ingress the web UI believes what the ingress saw, and nothing that a browser claims."""

import asyncio
from typing import Any

import pytest

from web.forwarded import LastHop


def seen(peer: str, headers: dict[str, str], trusted: str, kind: str = "http") -> tuple[str, str]:
    """Return address and scheme that the application sees."""
    found: list[Any] = []

    async def app(scope: Any, _receive: Any, _send: Any) -> None:
        found.append(scope)

    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    scheme = "ws" if kind == "websocket" else "http"
    scope = {"type": kind, "client": (peer, 1), "scheme": scheme, "headers": raw}
    asyncio.run(LastHop(app, trusted)(scope, None, None))
    return found[0]["client"][0], found[0]["scheme"]


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        pytest.param("10.0.0.1", "203.0.113.7", "203.0.113.7", id="through the ingress"),
        pytest.param("10.0.0.1", "1.2.3.4, 10.9.9.9", "10.9.9.9", id="claimed from inside"),
        pytest.param("192.0.2.1", "203.0.113.7", "192.0.2.1", id="past the ingress"),
        pytest.param("10.0.0.1", "nonsense", "10.0.0.1", id="no address"),
        pytest.param("::ffff:10.0.0.1", "2001:db8::1", "2001:db8::1", id="mapped"),
    ],
)
def test_only_the_last_entry_of_a_trusted_proxy_counts(
    peer: str, forwarded: str, address: str
) -> None:
    assert seen(peer, {"X-Forwarded-For": forwarded}, "10.0.0.0/8, ::1")[0] == address


def test_the_scheme_comes_along_also_for_websockets() -> None:
    headers = {"X-Forwarded-Proto": "https"}

    assert seen("10.0.0.1", headers, "10.0.0.0/8")[1] == "https"
    assert seen("10.0.0.1", headers, "10.0.0.0/8", "websocket")[1] == "wss"
    assert seen("10.0.0.1", headers, "")[1] == "http"
