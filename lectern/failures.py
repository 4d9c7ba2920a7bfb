"""What every stage does about a permanent error: mark the document failed and say so."""

from dataclasses import dataclass

from lectern.catalog.port import Catalog
from lectern.catalog.records import Failure
from lectern.errors import PermanentError
from lectern.events import DocumentEvent, DocumentFailed, Event, Publisher

_DETAIL_MAX = 1000


@dataclass(frozen=True, slots=True)
class Failures:
    """Records that a document failed at one stage. Safe to repeat."""

    stage: str
    catalog: Catalog
    publisher: Publisher

    def report(self, event: Event, error: PermanentError) -> None:
        """Mark the event's document failed and publish document.failed, if it was not yet."""
        if not isinstance(event, DocumentEvent):
            return
        detail = error.detail[:_DETAIL_MAX]
        failure = Failure(stage=self.stage, code=error.code, detail=detail)
        if self.catalog.documents.fail(event.document_id, event.revision, failure):
            self.publisher.publish(
                DocumentFailed(
                    collection_id=event.collection_id,
                    document_id=event.document_id,
                    revision=event.revision,
                    stage=self.stage,
                    code=error.code,
                    detail=detail,
                )
            )
