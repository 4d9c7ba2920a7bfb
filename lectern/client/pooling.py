"""A pool of connections that outlives the clients using it.

A client of its own costs about 20 ms of CPU, nearly all of it for a TLS context; one on a shared
pool costs next to nothing. For programs that act for many people, each with a token.
"""

from typing import TYPE_CHECKING

from lectern.trust import tls_context
from lectern.vouching import HEADER, vouch

if TYPE_CHECKING:
    import httpx


def shared_pool(*, max_connections: int, max_idle: int, secret: str = "") -> "httpx.BaseTransport":
    """Return a pool to hand to every `Lectern` as its transport; closing those keeps it open.

    Args:
        max_connections: How many calls may be under way at once; further ones wait.
        max_idle: How many connections are kept for later calls.
        secret: Vouches for whose requests are handed on; the catalog has the same.
    """
    import httpx

    class Pool(httpx.HTTPTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            if secret and (address := request.headers.get("X-Forwarded-For")):
                request.headers[HEADER] = vouch(address, secret)
            return super().handle_request(request)

        def close(self) -> None:
            """Keep the connections for the other clients."""

    limits = httpx.Limits(max_connections=max_connections, max_keepalive_connections=max_idle)
    return Pool(verify=tls_context(), limits=limits, trust_env=False)
