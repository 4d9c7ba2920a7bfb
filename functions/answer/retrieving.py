"""Reading with the rights of the caller and no others: the other functions, over HTTP."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from lectern.api import (
    ChunkList,
    CollectionReply,
    DocumentList,
    DocumentQuery,
    DocumentReply,
    SearchReply,
    SearchRequest,
    SubjectList,
)

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


class DocumentShelf(Protocol):
    """The documents of one caller; `lectern.client.documents.Documents` is one."""

    def list(self, collection: str, query: DocumentQuery | None = None, /) -> DocumentList:
        """Return one page of a collection's documents."""
        ...

    def get(self, document_id: str, /) -> DocumentReply:
        """Return a document.

        Raises:
            NotFound: There is none of that id for this caller.
        """
        ...

    def chunks(self, document_id: str, /, *, offset: int = 0, limit: int = 100) -> ChunkList:
        """Return a window of a document's chunks in reading order.

        Raises:
            NotFound: There is none of that id for this caller.
        """
        ...

    def page_picture(self, document_id: str, page_number: int, /, *, width: int = 1000) -> bytes:
        """Return a page as a PNG about `width` pixels wide.

        Raises:
            NotFound: The document has no such page, or no pages at all.
        """
        ...

    def figure(self, document_id: str, figure_key: str, /, *, revision: int) -> bytes:
        """Return the picture of a passage with a `figure_key`."""
        ...

    def subjects(self, document_id: str, /) -> SubjectList:
        """Return what a document's chunks are about."""
        ...


class CollectionShelf(Protocol):
    """The collections of one caller; `lectern.client.collections.Collections` is one."""

    def list(self) -> Sequence[CollectionReply]:
        """Return the collections the caller may read, by name."""
        ...


class Library(Retriever, Protocol):
    """All that one caller may read; `lectern.client.Lectern` is one."""

    def end_by(self, until: float, /) -> None:
        """Have every call that begins from now on end by `until`, of `time.monotonic`."""
        ...

    @property
    def documents(self) -> DocumentShelf:
        """The documents."""
        ...

    @property
    def collections(self) -> CollectionShelf:
        """The collections."""
        ...


LibraryOf = Callable[[str], AbstractContextManager[Library]]
"""Returns the library of whoever has this bearer token."""


def library_over_http(function_url: str) -> LibraryOf:
    """Return what makes libraries that call the functions at `function_url`."""
    from lectern import telemetry
    from lectern.client import Lectern
    from lectern.client.pooling import shared_pool

    pool = shared_pool(max_connections=_MOST_SEARCHES, max_idle=_MOST_IDLE)

    def library_of(token: str) -> AbstractContextManager[Library]:
        return Lectern(function_url, token, transport=pool, traceparent=telemetry.traceparent())

    return library_of
