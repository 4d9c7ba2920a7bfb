"""Pages of documents for a viewer, and files on their way through a server."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from lectern.api import PageWords
from lectern.client.connection import Connection

if TYPE_CHECKING:
    import httpx

_NOT_MODIFIED = 304


@dataclass(frozen=True, slots=True)
class Picture:
    """A page as PNG; `etag` changes with it."""

    data: bytes
    etag: str


class Pages:
    """Pages the caller may see, and the files they are of."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def picture(
        self, document_id: str, page_number: int, *, width: int, known: Picture | None = None
    ) -> Picture:
        """Return a page as a PNG about `width` pixels wide.

        With a `known` picture its bytes are sent again only if they have changed; the caller's
        right to see it is checked in any case.

        Raises:
            NotFound: There is no such page for this caller.
        """
        path = f"{_of(document_id, page_number)}.png"
        headers = {"If-None-Match": known.etag} if known else {}
        with self._connection.open(
            "catalog",
            "GET",
            path,
            query={"width": width},
            follow_redirects=True,
            accepted=(_NOT_MODIFIED,),
            headers=headers,
        ) as response:
            if known is not None and response.status_code == _NOT_MODIFIED:
                return known
            return Picture(response.read(), response.headers.get("etag", ""))

    def words(self, document_id: str, page_number: int) -> PageWords:
        """Return the size and the words of a page of a PDF.

        Raises:
            NotFound: There is no such page for this caller.
        """
        path = f"{_of(document_id, page_number)}/words"
        return self._connection.fetch("catalog", "GET", path, PageWords)

    @contextmanager
    def content(
        self, document_id: str, headers: Mapping[str, str] | None = None
    ) -> Iterator["httpx.Response"]:
        """Give the answer with a document's file, its body not yet read.

        Args:
            document_id: Which document.
            headers: Conditions and ranges to pass on; 304 and 416 are answers too.
        """
        with self._connection.open(
            "catalog",
            "GET",
            f"/v1/documents/{quote(document_id, safe='')}/content",
            follow_redirects=True,
            accepted=(_NOT_MODIFIED, 416),
            headers=dict(headers or {}),
        ) as response:
            yield response


def _of(document_id: str, page_number: int) -> str:
    return f"/v1/documents/{quote(document_id, safe='')}/pages/{page_number}"
