"""From bytes in the store to a document on its way: measure, confirm, announce."""

import hashlib
from dataclasses import dataclass
from typing import Literal

from lectern.catalog.port import Catalog
from lectern.catalog.records import Document, Reservation
from lectern.documents import DocumentState
from lectern.errors import TooLarge
from lectern.events import DocumentUploaded, Publisher
from lectern.failures import Failures
from lectern.objects import ObjectStore

Outcome = Literal["published", "known", "duplicate", "superseded", "too_large"]

_FRESH = frozenset({DocumentState.AWAITING_UPLOAD, DocumentState.UPLOADED})


@dataclass(frozen=True, slots=True)
class Registrar:
    """Confirms revisions whose bytes have arrived. Safe to repeat, and to race.

    Args:
        catalog: Where the revision is reserved.
        store: Where the bytes are.
        publisher: Told of the upload.
        stage: Name of the calling function, for documents that fail here.
        max_upload_bytes: Largest document.
    """

    catalog: Catalog
    store: ObjectStore
    publisher: Publisher
    stage: str
    max_upload_bytes: int

    def register(self, reservation: Reservation) -> Outcome:
        """Confirm the revision and publish document.uploaded, unless work on it has begun.

        The object is removed when it is not needed: a duplicate, superseded, or too large.

        Raises:
            SourceGone: There is no object at the reserved key.
            NotFound: Nothing was reserved under this id and revision.
        """
        document = self.catalog.documents.get(reservation.document_id)
        if document and document.revision == reservation.revision and document.state not in _FRESH:
            return "known"
        size_bytes = self.store.info(reservation.object_key).size_bytes
        if size_bytes > self.max_upload_bytes:
            self.refuse(reservation, size_bytes)
            self.store.delete([reservation.object_key])
            return "too_large"
        size_bytes, sha256 = measured(self.store, reservation.object_key)
        registration = self.catalog.documents.confirm(
            reservation.document_id, reservation.revision, size_bytes=size_bytes, sha256=sha256
        )
        if registration.duplicate or registration.superseded:
            self.store.delete([reservation.object_key])
        if registration.document.state == DocumentState.UPLOADED:
            self.publisher.publish(uploaded(registration.document))
        if registration.duplicate:
            return "duplicate"
        return "superseded" if registration.superseded else "published"

    def refuse(self, reservation: Reservation, size_bytes: int) -> None:
        """Mark the revision failed, because its object is too large.

        Raises:
            NotFound: Nothing was reserved under this id and revision.
        """
        registration = self.catalog.documents.confirm(
            reservation.document_id, reservation.revision, size_bytes=size_bytes, sha256=""
        )
        if not registration.superseded:
            error = TooLarge(
                f"the file has {size_bytes:,} bytes; the limit is {self.max_upload_bytes:,} "
                "(LECTERN_MAX_UPLOAD_BYTES)"
            )
            failures = Failures(self.stage, self.catalog, self.publisher)
            failures.report(uploaded(registration.document), error)


def measured(store: ObjectStore, key: str) -> tuple[int, str]:
    """Return size in bytes and SHA-256 of an object, read once in constant memory.

    Raises:
        SourceGone: There is no object at `key`.
    """
    digest = hashlib.sha256()
    size_bytes = 0
    for piece in store.stream(key):
        digest.update(piece)
        size_bytes += len(piece)
    return size_bytes, digest.hexdigest()


def uploaded(document: Document) -> DocumentUploaded:
    """Return the event that says that the document's current revision waits to be parsed."""
    return DocumentUploaded(
        collection_id=document.collection_id,
        document_id=document.document_id,
        revision=document.revision,
        object_key=document.object_key,
        size_bytes=document.size_bytes,
        sha256=document.sha256,
        content_type=document.content_type,
        name=document.name,
    )
