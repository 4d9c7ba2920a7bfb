"""Clients of Lectern that share one pool of connections: a session costs no TLS context."""

from functools import cache
from typing import TYPE_CHECKING

from lectern.client import Lectern
from lectern.client.pooling import shared_pool
from web.configuration import settings

if TYPE_CHECKING:
    import httpx

_MAX_CONNECTIONS = 512  # one for each answer that is being streamed
_MAX_IDLE = 64


@cache
def _pool() -> "httpx.BaseTransport":
    secret = settings().web_secret.get_secret_value()
    return shared_pool(max_connections=_MAX_CONNECTIONS, max_idle=_MAX_IDLE, secret=secret)


def lectern_for(token: str) -> Lectern:
    """Return Lectern as the owner of `token` sees it; cheap, and safe to share between threads."""
    return Lectern(settings().function_url, token, transport=_pool())
