"""Files inside a file (a zip's, an e-mail's): each becomes a document of its own.

The archive itself is parsed like any other document, into the list of its files or the text of
the mail; it is found by them and ends as any other. Its members carry its id as `parent_id`.
"""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from functions.parse.parsing import UnpackedMember, trusted_file
from lectern.catalog.port import Catalog
from lectern.catalog.records import Document, Failure, Reservation
from lectern.documents import DocumentState
from lectern.events import Publisher
from lectern.objects import ObjectStore
from lectern.registration import uploaded

MAX_DEPTH = 3  # a file in a zip in a zip; some archives contain themselves
_ALPHABET = bytes.maketrans(
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", b"0123456789abcdefghjkmnpqrstvwxyz"
)
_NAME_MAX = 500


def depth(document: Document, catalog: Catalog) -> int:
    """Return how many archives the document lies in, at most `MAX_DEPTH`."""
    levels, parent_id = 0, document.parent_id
    while parent_id and levels < MAX_DEPTH:
        parent = catalog.documents.get(parent_id)
        parent_id = parent.parent_id if parent else ""
        levels += 1
    return levels


def member_id(archive_id: str, path: str) -> str:
    """Return the id of an archive's member, the same at every delivery."""
    digest = hashlib.sha256(f"{archive_id}\0{path}".encode()).digest()
    return base64.b32encode(digest)[:20].translate(_ALPHABET).decode()


@dataclass(frozen=True, slots=True)
class MemberIntake:
    """Stores and announces the members of archives."""

    catalog: Catalog
    store: ObjectStore
    publisher: Publisher

    def take_in(self, members: Sequence[UnpackedMember], folder: Path, archive: Document) -> None:
        """Store and announce each member; one that is already there is left alone.

        Safe to run twice: ids are derived, and bytes that are there bring no new revision.
        """
        for member in members:
            if member.problem:
                self._show_problem(member, archive)
            else:
                self._store(member, trusted_file(folder, member.file), archive)

    def _store(self, member: UnpackedMember, path: Path, archive: Document) -> None:
        with path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        known = self.catalog.documents.find(archive.collection_id, _name(member, archive))
        if known is not None and known.sha256 == sha256:
            if known.state is DocumentState.UPLOADED:
                self.publisher.publish(uploaded(known))
            return
        reservation = self._reserve(member, archive)
        with path.open("rb") as file:
            size_bytes = self.store.write_stream(reservation.object_key, file)
        registration = self.catalog.documents.confirm(
            reservation.document_id, reservation.revision, size_bytes=size_bytes, sha256=sha256
        )
        if registration.duplicate or registration.superseded:
            self.store.delete([reservation.object_key])
        else:
            self.publisher.publish(uploaded(registration.document))

    def _show_problem(self, member: UnpackedMember, archive: Document) -> None:
        """Make a member that could not be unpacked a failed document that says why."""
        documents = self.catalog.documents
        if documents.find(archive.collection_id, _name(member, archive)) is not None:
            return
        reservation = self._reserve(member, archive)
        documents.confirm(reservation.document_id, reservation.revision, size_bytes=0, sha256="")
        failure = Failure(stage="parse", code="member_unreadable", detail=member.problem)
        documents.fail(reservation.document_id, reservation.revision, failure)

    def _reserve(self, member: UnpackedMember, archive: Document) -> Reservation:
        return self.catalog.documents.reserve(
            archive.collection_id,
            archive.owner_id,
            _name(member, archive),
            tags=archive.tags,
            metadata=archive.metadata,
            parent_id=archive.document_id,
            document_id=member_id(archive.document_id, member.path),
        )


def _name(member: UnpackedMember, archive: Document) -> str:
    """Return `archive.zip/folder/file.pdf`; of a name that is too long, the end counts."""
    return f"{archive.name}/{member.path}"[-_NAME_MAX:]
