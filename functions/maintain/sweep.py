"""The sweeper: the catalog and the store are the truth, and events that were lost come again."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from functions.maintain.dead_letters import LetterBox
from functions.maintain.measuring import measure
from functions.maintain.restarting import due_events
from lectern import telemetry
from lectern.catalog.port import Catalog
from lectern.catalog.records import Reservation
from lectern.documents import DocumentState
from lectern.errors import NotFound, SourceGone
from lectern.events import Publisher
from lectern.objects import ObjectInfo, ObjectStore
from lectern.registration import Registrar

_ABANDONED_S = 24 * 3600.0
_CLAIMS_KEPT = timedelta(days=7)
_ANNOUNCED_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Sweeper:
    """Heals what a lost event or a killed process has left. Safe to repeat, and to race.

    Args:
        catalog: What every document waits for.
        store: What has arrived.
        publisher: Gets the events again.
        registrar: Confirms uploads whose notification was lost.
        announce: Tells intake of files in the inbox whose notification was lost.
        stuck_after_s: Seconds without movement after which the sweeper acts.
    """

    catalog: Catalog
    store: ObjectStore
    publisher: Publisher
    registrar: Registrar
    announce: Callable[[list[ObjectInfo]], None]
    stuck_after_s: float

    def sweep(self, older_than_s: float | None = None) -> None:
        """Look through documents, uploads, claims and the inbox.

        Args:
            older_than_s: Overrides how long a document or an upload must have been at rest; files
                in the inbox rest `stuck_after_s` in any case, for they may still be written.

        Raises:
            TransientError: Something could not be done now; the next sweep tries again.
        """
        age_s = self.stuck_after_s if older_than_s is None else older_than_s
        counts: Counter[str] = Counter()
        counts["trash"] = self._empty_trash()
        counts["documents"] = self._restart_documents(age_s)
        counts.update(self._look_after_uploads(age_s))
        self._drop_old_claims()
        counts["inbox"] = self._announce_inbox()
        measure(self.catalog.documents, LetterBox(self.store), unmoved=counts["documents"])
        telemetry.note(**counts)

    def _empty_trash(self) -> int:
        """Remove for good what has been in the trash for its time.

        What is not announced after this is `deleting`, which `_restart_documents` finds.
        """
        emptied = 0
        while due := self.catalog.documents.empty_trash():
            for document in due:
                for event in due_events(document, ()):
                    self.publisher.publish(event)
            emptied += len(due)
        return emptied

    def _restart_documents(self, older_than_s: float) -> int:
        documents = self.catalog.documents
        seen: set[str] = set()
        while True:
            unmoved = [
                document
                for document in documents.unmoved(older_than_s=older_than_s)
                if document.document_id not in seen
            ]
            if not unmoved:
                return len(seen)
            for document in unmoved:
                seen.add(document.document_id)
                parts = documents.parts(document.document_id, document.revision)
                for event in due_events(document, parts):
                    self.publisher.publish(event)
                if document.state is DocumentState.INDEXED:
                    documents.finish(document.document_id, document.revision)
                documents.touch(document.document_id)

    def _look_after_uploads(self, older_than_s: float) -> Counter[str]:
        """Confirm uploads that have arrived unnoticed; forget those that did not in a day."""
        outcomes: Counter[str] = Counter()
        documents = self.catalog.documents
        abandoned = documents.abandoned_uploads(older_than_s=max(older_than_s, _ABANDONED_S))
        for reservation in documents.abandoned_uploads(older_than_s=older_than_s):
            try:
                outcomes[self.registrar.register(reservation)] += 1
            except SourceGone:
                if reservation in abandoned:
                    self._discard(reservation)
                    outcomes["discarded"] += 1
            except NotFound:  # discarded by its uploader at this very moment
                continue
        return outcomes

    def _discard(self, reservation: Reservation) -> None:
        self.catalog.documents.discard(reservation.document_id, reservation.revision)
        self.store.delete([reservation.object_key])

    def _drop_old_claims(self) -> None:
        before = datetime.now(UTC) - _CLAIMS_KEPT
        self.store.delete(
            [info.key for info in self.store.list("claims/") if info.modified < before]
        )

    def _announce_inbox(self) -> int:
        before = datetime.now(UTC) - timedelta(seconds=self.stuck_after_s)
        waiting = [info for info in self.store.list("inbox/") if info.modified < before]
        for start in range(0, len(waiting), _ANNOUNCED_AT_ONCE):
            self.announce(waiting[start : start + _ANNOUNCED_AT_ONCE])
        return len(waiting)
