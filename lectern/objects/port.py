"""What Lectern asks of an object store."""

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Protocol


@dataclass(frozen=True, slots=True)
class ObjectInfo:
    """One object in a listing. `etag` changes when the content does; `modified` is in UTC."""

    key: str
    size_bytes: int
    etag: str
    modified: datetime


class ObjectStore(Protocol):
    """A flat key -> bytes store with atomic writes: a folder, S3.

    Keys are relative, "/"-separated, never start with "/" and hold no "." or ".." component;
    another key raises `InvalidRequest`, and so may the folder of another key (`a` beside `a/b`),
    which a file system cannot hold. A reader sees a whole object or none. Every method may
    raise `TransientError` when the store cannot be reached.
    """

    def read(self, key: str) -> bytes:
        """Return the whole object.

        Raises:
            SourceGone: There is no object at `key`.
        """
        ...

    def read_range(self, key: str, start: int, end: int) -> bytes:
        """Return bytes `start` to `end`, end exclusive, cut at the object's end.

        Raises:
            SourceGone: There is no object at `key`.
        """
        ...

    def stream(self, key: str, *, chunk_bytes: int = 1 << 20) -> Iterator[bytes]:
        """Yield the object in pieces without holding it whole.

        Raises:
            SourceGone: There is no object at `key`; raised before the first piece.
        """
        ...

    def local_file(self, key: str) -> AbstractContextManager[Path]:
        """Give a file with the object's content for the length of the context; do not write to it.

        Raises:
            SourceGone: There is no object at `key`.
        """
        ...

    def info(self, key: str) -> ObjectInfo:
        """Return size, etag and time of the object.

        Raises:
            SourceGone: There is no object at `key`.
        """
        ...

    def write(self, key: str, data: bytes, *, content_type: str = "") -> None:
        """Store `data` at `key`, replacing what is there. Safe to repeat."""
        ...

    def write_stream(self, key: str, source: BinaryIO, *, content_type: str = "") -> int:
        """Store what `source` yields until its end, in constant memory; return the size in bytes.

        Nothing appears at `key` when reading `source` fails; the source's error passes through.
        """
        ...

    def claim(self, key: str, data: bytes) -> bool:
        """Store `data` only if `key` is free; return whether we got it (S3: `If-None-Match: *`).

        After a `TransientError` it is open whether we did.
        """
        ...

    def copy(self, source_key: str, target_key: str) -> None:
        """Copy an object inside the store, replacing the target.

        Raises:
            SourceGone: There is no object at `source_key`.
        """
        ...

    def list(self, prefix: str) -> Iterator[ObjectInfo]:
        """Yield every object whose key starts with `prefix`, in ascending key order (UTF-8)."""
        ...

    def delete(self, keys: Iterable[str]) -> None:
        """Remove objects; keys without an object are no error."""
        ...

    def delete_unchanged(self, key: str, etag: str) -> bool:
        """Remove the object if its etag is still this one; return whether it was.

        What somebody stores there at the same moment is not removed (S3: `If-Match`; an endpoint
        that does not know it leaves a moment between look and removal).
        """
        ...

    def delete_prefix(self, prefix: str) -> int:
        """Remove every object under `prefix`; return how many.

        Raises:
            InvalidRequest: The prefix is empty or does not end in "/".
        """
        ...

    def upload_url(self, key: str, *, expires_s: int, content_type: str = "") -> str:
        """Return a URL that accepts a PUT of the object until it expires, and nothing else."""
        ...

    def download_url(self, key: str, *, expires_s: int, file_name: str = "") -> str:
        """Return a URL that serves the object until it expires, as `file_name` if given."""
        ...
