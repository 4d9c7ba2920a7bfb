"""Asking the retrieve function, with the rights of the caller and no others."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol

from lectern.api import SearchReply, SearchRequest

_MOST_SEARCHES = 128  # more than an instance gives answers at once
_MOST_IDLE = 16


class Retriever(Protocol):
    """Finds passages for one caller; `lectern.client.Lectern` is one."""

    def search(self, request: SearchRequest, /) -> SearchReply:
        """Return the passages that answer a question, most relevant first.

        Raises:
            LecternError: What retrieve answered: not yours, not there, not now.
        """
        ...


RetrieverOf = Callable[[str], AbstractContextManager[Retriever]]
"""Returns the retriever of whoever has this bearer token."""


def retriever_over_http(function_url: str) -> RetrieverOf:
    """Return what makes retrievers that call the retrieve function at `function_url`."""
    from lectern import telemetry
    from lectern.client import Lectern
    from lectern.client.pooling import shared_pool

    pool = shared_pool(max_connections=_MOST_SEARCHES, max_idle=_MOST_IDLE)

    def retriever_of(token: str) -> AbstractContextManager[Retriever]:
        return Lectern(function_url, token, transport=pool, traceparent=telemetry.traceparent())

    return retriever_of
