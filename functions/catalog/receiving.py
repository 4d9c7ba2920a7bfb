"""Bytes on their way into the store: hashed and counted as they pass, then confirmed."""

import hashlib
import io
from typing import IO

from functions.catalog.service import announce
from functions.catalog.wiring import Dependencies
from lectern.catalog.records import Document, Registration, Reservation
from lectern.documents import DocumentState
from lectern.errors import SourceGone, TooLarge
from lectern.registration import measured, uploaded

_PIECE_BYTES = 1 << 20


class CountedSource(io.RawIOBase):
    """A stream that knows the size and SHA-256 of what was read from it.

    Args:
        source: Where the bytes come from.
        max_bytes: Reading more raises `TooLarge`.
    """

    def __init__(self, source: IO[bytes], max_bytes: int) -> None:
        super().__init__()
        self._source = source
        self._max_bytes = max_bytes
        self._digest = hashlib.sha256()
        self.size_bytes = 0

    @property
    def sha256(self) -> str:
        """The digest of what was read so far, in hexadecimal."""
        return self._digest.hexdigest()

    def readable(self) -> bool:
        """See `io.RawIOBase.readable`."""
        return True

    def readinto(self, buffer: "bytearray | memoryview", /) -> int:  # type: ignore[override]
        """See `io.RawIOBase.readinto`."""
        data = self._source.read(len(buffer))
        self.size_bytes += len(data)
        if self.size_bytes > self._max_bytes:
            raise too_large(self._max_bytes)
        self._digest.update(data)
        buffer[: len(data)] = data
        return len(data)


def too_large(max_bytes: int) -> TooLarge:
    """Return the error of a file that exceeds the limit."""
    return TooLarge(
        f"the file is larger than {max_bytes} bytes; split it or raise LECTERN_MAX_UPLOAD_BYTES"
    )


def receive(
    needs: Dependencies, reserved: Reservation, source: IO[bytes], *, content_type: str
) -> Registration:
    """Store the bytes of a reserved revision, confirm it and announce it."""
    counted = CountedSource(source, needs.max_upload_bytes)
    needs.store.write_stream(
        reserved.object_key, io.BufferedReader(counted, _PIECE_BYTES), content_type=content_type
    )
    return confirm(needs, reserved, size_bytes=counted.size_bytes, sha256=counted.sha256)


def confirm_stored(needs: Dependencies, reserved: Reservation) -> Registration:
    """Confirm a revision whose bytes are in the store already; they are read once for the digest.

    Raises:
        SourceGone: They are not.
        TooLarge: They exceed the limit, and are removed.
    """
    if needs.store.info(reserved.object_key).size_bytes > needs.max_upload_bytes:
        needs.store.delete([reserved.object_key])
        needs.catalog.documents.discard(reserved.document_id, reserved.revision)
        raise too_large(needs.max_upload_bytes)
    size_bytes, sha256 = measured(needs.store, reserved.object_key)
    return confirm(needs, reserved, size_bytes=size_bytes, sha256=sha256)


def copy_again(needs: Dependencies, document: Document, reserved: Reservation) -> Registration:
    """Give a reserved revision the bytes of the current one, confirm and announce it."""
    try:
        needs.store.copy(document.object_key, reserved.object_key)
    except SourceGone:
        needs.catalog.documents.discard(reserved.document_id, reserved.revision)
        raise
    return confirm(needs, reserved, size_bytes=document.size_bytes, sha256=document.sha256)


def confirm(
    needs: Dependencies, reserved: Reservation, *, size_bytes: int, sha256: str
) -> Registration:
    """Confirm stored bytes; announce them, or remove them when they are not needed."""
    registration = needs.catalog.documents.confirm(
        reserved.document_id, reserved.revision, size_bytes=size_bytes, sha256=sha256
    )
    if registration.duplicate or registration.superseded:
        needs.store.delete([reserved.object_key])
    elif registration.document.state is DocumentState.UPLOADED:
        announce(uploaded(registration.document))
    return registration
