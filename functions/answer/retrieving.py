"""Asking the retrieve function, with the rights of the caller and no others."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol

from lectern.api import SearchReply, SearchRequest


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

    def retriever_of(token: str) -> AbstractContextManager[Retriever]:
        from lectern.client import Lectern

        return Lectern(function_url, token)

    return retriever_of
