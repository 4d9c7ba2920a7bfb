"""Rows as compressed objects and back, in constant memory, counted and digested on the way."""

import hashlib
import io
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO, cast

import zstandard

from lectern.backup.manifest import StoredFile, damaged
from lectern.errors import SourceGone
from lectern.objects import ObjectStore

_LEVEL = 6
_ROW_MAX_BYTES = 64 << 20  # a message with its reply is the longest row; far below this


class Pieces(io.RawIOBase):
    """What an iterator yields, as a file to read from; counts and digests it."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        super().__init__()
        self._pieces = iter(pieces)
        self._rest = memoryview(b"")
        self._digest = hashlib.sha256()
        self.size_bytes = 0
        self.count = 0

    @property
    def sha256(self) -> str:
        """Digest of what was read so far."""
        return self._digest.hexdigest()

    def readable(self) -> bool:
        """See `io.IOBase.readable`."""
        return True

    def readinto(self, buffer: Any) -> int:
        """See `io.RawIOBase.readinto`."""
        target = memoryview(buffer)
        while not self._rest:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._rest = memoryview(piece)
            self.count += 1
        taken = min(len(target), len(self._rest))
        target[:taken] = self._rest[:taken]
        self._digest.update(self._rest[:taken])
        self.size_bytes += taken
        self._rest = self._rest[taken:]
        return taken


def write_rows(store: ObjectStore, key: str, rows: Iterable[bytes]) -> StoredFile:
    r"""Store `rows`, each ending in "\n", compressed; return what to expect when reading them."""
    source = Pieces(rows)
    compressor = zstandard.ZstdCompressor(level=_LEVEL)
    with compressor.stream_reader(cast("BinaryIO", source)) as compressed:
        stored = Pieces(iter(lambda: compressed.read(1 << 20), b""))
        store.write_stream(key, cast("BinaryIO", stored))
    return StoredFile(
        key=key, rows=source.count, size_bytes=stored.size_bytes, sha256=stored.sha256
    )


def read_rows(store: ObjectStore, file: StoredFile, backup: str) -> Iterator[bytes]:
    r"""Yield the rows of `write_rows`; what was yielded is to be believed once this ends.

    Raises:
        PermanentError: The file is missing, or not what was written (code `damaged_backup`).
    """
    stored = Pieces(_pieces(store, file, backup))
    decompressor = zstandard.ZstdDecompressor()
    count = 0
    try:
        with (
            decompressor.stream_reader(cast("BinaryIO", stored)) as text,
            io.BufferedReader(cast("io.RawIOBase", text), 1 << 20) as lines,
        ):
            while row := lines.readline(_ROW_MAX_BYTES):
                count += 1
                yield row
    except zstandard.ZstdError as error:
        raise damaged(backup, f"{file.key!r} cannot be decompressed") from error
    for _ in iter(lambda: stored.read(1 << 20), b""):  # behind the compressed frame: part of it
        continue
    if (count, stored.size_bytes, stored.sha256) != (file.rows, file.size_bytes, file.sha256):
        raise damaged(backup, f"{file.key!r} is not as it was written")


def _pieces(store: ObjectStore, file: StoredFile, backup: str) -> Iterator[bytes]:
    try:
        yield from store.stream(file.key)
    except SourceGone as error:
        raise damaged(backup, f"{file.key!r} is missing") from error
