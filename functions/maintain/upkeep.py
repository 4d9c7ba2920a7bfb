"""When an index is put in order: after bursts of documents, and when a timer says so."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from lectern import telemetry
from lectern.catalog.port import Catalog
from lectern.documents import DocumentState
from lectern.errors import TransientError
from lectern.index.port import CollectionIndex

_UNDER_WAY = (DocumentState.UPLOADED, DocumentState.PARSING, DocumentState.EMBEDDING)
_AT_LEAST_EVERY_S = 60.0


@dataclass(slots=True)
class Upkeep:
    """Puts indexes in order, once for many documents.

    Args:
        catalog: Knows the collections and what is under way in them.
        index_of: Opens a collection's index.
        clock: Seconds, growing.
    """

    catalog: Catalog
    index_of: Callable[[str], CollectionIndex]
    clock: Callable[[], float] = time.monotonic
    _last: dict[str, float] = field(default_factory=dict)

    def after_document(self, collection_id: str) -> None:
        """Run upkeep if this document was the last of a burst, or the burst is a long one.

        While other documents of the collection are under way, their rows will need it too: then
        once a minute is enough for searches to stay fast.
        """
        waiting, _ = self.catalog.documents.list(collection_id, limit=1, states=_UNDER_WAY)
        since = self.clock() - self._last.get(collection_id, self.clock())
        if not waiting or since >= _AT_LEAST_EVERY_S:
            self.run(collection_id)
        else:
            self._last.setdefault(collection_id, self.clock())

    def run(self, collection_id: str) -> None:
        """Run upkeep of one collection."""
        report = self.index_of(collection_id).upkeep()
        self._last[collection_id] = self.clock()
        telemetry.note(
            rows=report.rows,
            unindexed_rows_before=report.unindexed_rows_before,
            unindexed_rows_after=report.unindexed_rows_after,
        )

    def run_all(self) -> None:
        """Run upkeep of every collection; one in trouble does not stop the others.

        Raises:
            TransientError: Some failed; the log says which and why.
        """
        administrator = next((u for u in self.catalog.people.users() if u.is_admin), None)
        if administrator is None:
            return
        collections = self.catalog.collections.visible_to(administrator)
        failed = 0
        for collection in collections:
            try:
                self.run(collection.collection_id)
            except Exception:  # noqa: BLE001 - reported below, when the others are done
                failed += 1
                telemetry.logger.exception(
                    "upkeep failed", extra={"collection_id": collection.collection_id}
                )
        telemetry.note(collections=len(collections), failed=failed)
        if failed:
            raise TransientError(
                f"upkeep failed in {failed} of {len(collections)} collections; see the log",
                code="upkeep_failed",
                retry_after_s=60,
            )
