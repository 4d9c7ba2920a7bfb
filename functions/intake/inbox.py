"""A file in the inbox becomes a document, once, whatever happens on the way.

Everything is tied to a claim: one small object, named after the file and its etag, that holds the
reserved revision. Two deliveries find the same claim and so work on the same revision, in which
every step can be repeated; a crash leaves the file in the inbox, and the next delivery goes on
where the claim says. The file is removed last, and only if it is still the one that was copied.
"""

import hashlib
import json
import mimetypes
from dataclasses import asdict, dataclass

from functions.intake.keys import InboxKey
from lectern.catalog.port import Catalog
from lectern.catalog.records import Collection, Reservation
from lectern.errors import Busy, NotFound, SourceGone
from lectern.objects import ObjectInfo, ObjectStore
from lectern.registration import Outcome, Registrar

CLAIMS = "claims/inbox/"
_OWNER = "owner"
_COLLECTION_NAME_MAX = 100  # as in `lectern.api.CollectionRequest`
_TRIES = 3


@dataclass(frozen=True, slots=True)
class Inbox:
    """Takes files out of the inbox."""

    catalog: Catalog
    store: ObjectStore
    registrar: Registrar

    def take(self, found: InboxKey) -> Outcome:
        """Make the file the next revision of the document of its name. Safe to repeat and to race.

        A file that is too large stays where it is; its document says why.

        Raises:
            SourceGone: The file is no longer there: another delivery was faster.
        """
        for _ in range(_TRIES):
            info = self.store.info(found.key)
            claim_key = _claim_key(info)
            try:
                reservation = self._reservation(found, claim_key)
                outcome = self._register(info, reservation)
            except NotFound:  # the claimed document was deleted meanwhile: begin anew
                self.store.delete([claim_key])
                continue
            except SourceGone:
                self.store.delete([claim_key])
                raise
            if outcome != "too_large":
                self.store.delete_unchanged(info.key, info.etag)
                self.store.delete([claim_key])
            return outcome
        raise Busy("the document of a file in the inbox is being deleted again and again")

    def _reservation(self, found: InboxKey, claim_key: str) -> Reservation:
        """Return the claimed revision, or claim one."""
        try:
            return Reservation(**json.loads(self.store.read(claim_key)))
        except SourceGone:
            collection = self._collection(found.folder)
        reservation = self.catalog.documents.reserve(
            collection.collection_id,
            collection.owner_id,
            found.name,
            content_type=mimetypes.guess_type(found.name)[0] or "",
        )
        if self.store.claim(claim_key, json.dumps(asdict(reservation)).encode()):
            return reservation
        self.catalog.documents.discard(reservation.document_id, reservation.revision)
        return Reservation(**json.loads(self.store.read(claim_key)))

    def _register(self, info: ObjectInfo, reservation: Reservation) -> Outcome:
        if info.size_bytes > self.registrar.max_upload_bytes:
            self.registrar.refuse(reservation, info.size_bytes)
            return "too_large"
        if not self._is_there(reservation.object_key):
            try:
                self.store.copy(info.key, reservation.object_key)
            except SourceGone:
                self.catalog.documents.discard(reservation.document_id, reservation.revision)
                raise
        try:
            return self.registrar.register(reservation)
        except NotFound:
            self.store.delete([reservation.object_key])
            raise

    def _is_there(self, key: str) -> bool:
        try:
            self.store.info(key)
        except SourceGone:
            return False
        return True

    def _collection(self, folder: str) -> Collection:
        """Return the collection of a folder; a new one belongs to the first administrator."""
        collections = self.catalog.collections
        known = collections.of_folder(folder)
        return known or collections.ensure(folder, self.catalog.people.ensure_owner(_OWNER).user_id)


def _claim_key(info: ObjectInfo) -> str:
    identity = hashlib.sha256(f"{info.key}\0{info.etag}".encode()).hexdigest()
    return f"{CLAIMS}{identity}.json"
