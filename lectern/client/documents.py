"""Documents over HTTP."""

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote

from lectern.api import (
    BulkReply,
    BulkRequest,
    ChunkList,
    DocumentChange,
    DocumentList,
    DocumentQuery,
    DocumentReply,
    SubjectList,
    UploadRequest,
    UploadTicket,
    UrlRequest,
)
from lectern.client.connection import Connection
from lectern.documents import DocumentState
from lectern.errors import TransientError

Progress = Callable[[int], None]
"""Told how many bytes of a file were sent so far."""

_POLL_S = 0.5
_UPLOAD_TIMEOUT_S = 600.0  # a large file is copied into the store before the answer comes
_AT_ONCE = 50  # documents that one request reprocesses


class Documents:
    """Documents the caller may see."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def upload(
        self,
        collection: str,
        source: Path | BinaryIO,
        *,
        name: str = "",
        content_type: str = "",
        tags: Sequence[str] = (),
        metadata: Mapping[str, str] | None = None,
        allow_duplicate: bool = False,
        on_progress: Progress | None = None,
    ) -> DocumentReply:
        """Store a file as a document, in constant memory; return it in state `uploaded`.

        A document of the same name gets a new revision, unless it holds these very bytes already
        (`duplicate`). Where another document of the collection holds them, that one is returned
        (`duplicate_of`) and nothing is stored. Safe to repeat.

        Args:
            collection: Id or slug.
            source: A path, or a file opened in binary mode.
            name: Name of the document; by default the file's. Needed for a file without one.
            content_type: Media type; by default the one its name suggests.
            tags: Labels to filter by.
            metadata: Free fields to filter by.
            allow_duplicate: Store bytes that another document holds, too.
            on_progress: See `Progress`; called from this thread.
        """
        name = name or Path(str(source if isinstance(source, Path) else source.name)).name
        fields: dict[str, str | list[str]] = {"name": name, "tags": list(tags)}
        if metadata:
            fields["metadata"] = json.dumps(dict(metadata))
        if allow_duplicate:
            fields["allow_duplicate"] = "true"
        with source.open("rb") if isinstance(source, Path) else nullcontext(source) as file:
            body = _Counted(file, on_progress) if on_progress else file
            return self._connection.fetch(
                "catalog",
                "POST",
                _collection_path(collection),
                DocumentReply,
                timeout=_UPLOAD_TIMEOUT_S,
                data=fields,
                files={"file": (name, body, content_type or None)},
            )

    def ticket(self, collection: str, request: UploadRequest) -> UploadTicket:
        """Reserve a revision whose bytes go straight into the store: PUT them to `upload_url`."""
        return self._connection.fetch(
            "catalog", "POST", _collection_path(collection), UploadTicket, body=request
        )

    def confirm(self, ticket: UploadTicket) -> DocumentReply:
        """Say that the bytes of a ticket are in the store. Safe to repeat."""
        path = f"{_path(ticket.document_id)}/revisions/{ticket.revision}/uploaded"
        return self._connection.fetch("catalog", "POST", path, DocumentReply)

    def list(self, collection: str, query: DocumentQuery | None = None) -> DocumentList:
        """Return one page of a collection's documents, in the order of `query.sort`."""
        fields = (query or DocumentQuery()).model_dump(mode="json", exclude_defaults=True)
        return self._connection.fetch(
            "catalog",
            "GET",
            _collection_path(collection),
            DocumentList,
            query=fields,
        )

    def all(self, collection: str, query: DocumentQuery | None = None) -> Iterator[DocumentReply]:
        """Yield every matching document, in the order of `query.sort`, page by page."""
        query = query or DocumentQuery()
        while True:
            page = self.list(collection, query)
            yield from page.documents
            if not page.cursor:
                return
            query = query.model_copy(update={"cursor": page.cursor})

    def get(self, document_id: str) -> DocumentReply:
        """Return a document with its timeline.

        Raises:
            NotFound: There is none of that id for this caller.
        """
        return self._connection.fetch("catalog", "GET", _path(document_id), DocumentReply)

    def add_url(self, collection: str, request: UrlRequest) -> DocumentReply:
        """Have Lectern fetch a public web address and store what comes as a document.

        Raises:
            InvalidRequest: The address is refused, or fetching is switched off.
            TransientError: It does not answer, or not in time.
        """
        return self._connection.fetch(
            "catalog",
            "POST",
            f"/v1/collections/{quote(collection, safe='')}/urls",
            DocumentReply,
            body=request,
            timeout=_UPLOAD_TIMEOUT_S,
        )

    def delete(self, document_id: str, *, final: bool = False) -> DocumentReply:
        """Remove a document: it cannot be found from now on.

        It stays in the trash until `trashed_until`, then its data goes; with `final`, at once.
        """
        query = {"final": "true"} if final else None
        return self._connection.fetch(
            "catalog", "DELETE", _path(document_id), DocumentReply, query=query
        )

    def restore(self, document_id: str) -> DocumentReply:
        """Bring a document back from the trash, searchable as it was.

        Raises:
            NotFound: It is not in the trash any more.
            InvalidRequest: A newer document has its name (code `name_taken`).
        """
        path = _path(document_id) + "/restore"
        return self._connection.fetch("catalog", "POST", path, DocumentReply)

    def retry(self, document_id: str) -> DocumentReply:
        """Process a failed document once more, beginning where it failed.

        Raises:
            InvalidRequest: It has not failed (code `not_failed`).
        """
        path = _path(document_id) + "/retry"
        return self._connection.fetch("catalog", "POST", path, DocumentReply)

    def bulk(self, collection: str, request: BulkRequest) -> BulkReply:
        """Do the same to many documents of a collection; each succeeds or fails by itself."""
        return self._connection.fetch(
            "catalog",
            "POST",
            _collection_path(collection) + "/bulk",
            BulkReply,
            body=request,
            timeout=_UPLOAD_TIMEOUT_S,
        )

    def reprocess(self, document_id: str) -> DocumentReply:
        """Parse and embed a document anew, as a new revision; return it."""
        return self._connection.fetch(
            "catalog", "POST", _path(document_id) + "/reprocess", DocumentReply
        )

    def reprocess_all(self, collection: str) -> int:
        """Parse and embed every document of a collection anew; return how many begin.

        One that is waiting for its upload, or was deleted meanwhile, is left out.
        """
        ids = [document.document_id for document in self.all(collection)]
        begun = 0
        for start in range(0, len(ids), _AT_ONCE):
            request = BulkRequest(ids=ids[start : start + _AT_ONCE], action="reprocess")
            begun += sum(result.done for result in self.bulk(collection, request).results)
        return begun

    def change(self, document_id: str, change: DocumentChange) -> DocumentReply:
        """Change tags or metadata; searches see it at once."""
        return self._connection.fetch(
            "catalog", "PATCH", _path(document_id), DocumentReply, body=change
        )

    def set_tags(self, document_id: str, tags: Sequence[str]) -> DocumentReply:
        """Replace a document's tags; return it."""
        return self.change(document_id, DocumentChange(tags=list(tags)))

    def content(self, document_id: str, *, start: int = 0, end: int | None = None) -> bytes:
        """Return the file's bytes from `start` to `end`, end exclusive; by default all."""
        headers = {}
        if start or end is not None:
            headers["Range"] = f"bytes={start}-{'' if end is None else end - 1}"
        return self._connection.read("catalog", _path(document_id) + "/content", headers=headers)

    def page_picture(self, document_id: str, page_number: int, *, width: int = 1000) -> bytes:
        """Return a page as a PNG about `width` pixels wide.

        Raises:
            NotFound: The document has no such page, or no pages at all.
        """
        path = f"{_path(document_id)}/pages/{page_number}.png"
        return self._connection.read("catalog", path, query={"width": width})

    def figure(self, document_id: str, figure_key: str, *, revision: int) -> bytes:
        """Return the image of a chunk or passage with a `figure_key`."""
        path = f"{_path(document_id)}/figures/{quote(figure_key.rsplit('/', 1)[-1], safe='')}"
        return self._connection.read("catalog", path, query={"revision": revision})

    def chunks(self, document_id: str, *, offset: int = 0, limit: int = 100) -> ChunkList:
        """Return a window of the document's chunks in reading order."""
        return self._connection.fetch(
            "catalog",
            "GET",
            _path(document_id) + "/chunks",
            ChunkList,
            query={"offset": offset, "limit": limit},
        )

    def subjects(self, document_id: str) -> SubjectList:
        """Return what the document's chunks are about."""
        return self._connection.fetch(
            "catalog", "GET", _path(document_id) + "/subjects", SubjectList
        )

    def wait(
        self,
        document_id: str,
        *,
        timeout_s: float = 600.0,
        on_state: Callable[[DocumentReply], None] | None = None,
    ) -> DocumentReply:
        """Return the document once it is `ready` or `failed`.

        Args:
            document_id: Which document.
            timeout_s: Longest wait, in seconds.
            on_state: Told of the document at every look, twice a second.

        Raises:
            TransientError: With code `still_working`: time is up; the work goes on. With that of
                `DocumentReply.held`: it waits for longer than anybody here would.
        """
        deadline = time.monotonic() + timeout_s
        while True:
            document = self.get(document_id)
            if on_state is not None:
                on_state(document)
            if DocumentState(document.state).terminal:
                return document
            if document.held is not None:
                raise TransientError(document.held.detail, code=document.held.code)
            if time.monotonic() >= deadline:
                raise TransientError(
                    f"document {document_id!r} is still {document.state.value!r} after "
                    f"{timeout_s:g} s; the work goes on",
                    code="still_working",
                )
            time.sleep(_POLL_S)


class _Counted:
    """A file that reports how much of it was read; what httpx needs of one, and no more."""

    def __init__(self, file: BinaryIO, on_progress: Progress) -> None:
        self._file = file
        self._on_progress = on_progress
        self._sent = 0
        self.seekable = file.seekable
        self.tell = file.tell

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self._sent += len(data)
        self._on_progress(self._sent)
        return data

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)


def _path(document_id: str) -> str:
    return "/v1/documents/" + quote(document_id, safe="")


def _collection_path(collection: str) -> str:
    return f"/v1/collections/{quote(collection, safe='')}/documents"
