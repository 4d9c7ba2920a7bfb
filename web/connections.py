"""Clients of Lectern that share one pool of connections: a session costs no TLS context."""

from functools import cache

import httpx

from lectern.client import Lectern
from web.configuration import settings

_MAX_CONNECTIONS = 512  # one for each answer that is being streamed


class _Pool(httpx.HTTPTransport):
    """Outlives the clients that use it."""

    def close(self) -> None:
        """Keep the connections for the other clients."""


@cache
def _pool() -> httpx.HTTPTransport:
    limits = httpx.Limits(max_connections=_MAX_CONNECTIONS, max_keepalive_connections=64)
    return _Pool(limits=limits, trust_env=False)


def lectern_for(token: str) -> Lectern:
    """Return Lectern as the owner of `token` sees it; cheap, and safe to share between threads."""
    return Lectern(settings().function_url, token, transport=_pool())
