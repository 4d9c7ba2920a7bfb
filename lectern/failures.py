"""What every stage does about a permanent error: mark the document failed and say so."""

from dataclasses import dataclass

from lectern.catalog.port import Catalog
from lectern.catalog.records import Failure
from lectern.errors import PermanentError
from lectern.events import DocumentEvent, DocumentFailed, Event, PartEvent, Publisher

_DETAIL_MAX = 1000
GRAPH_STAGE = "graph-extract"


@dataclass(frozen=True, slots=True)
class Failures:
    """Records that a document failed at one stage. Safe to repeat.

    Args:
        stage: Knative name of the function that failed.
        catalog: Where the document is marked.
        publisher: Told of the failure.
    """

    stage: str
    catalog: Catalog
    publisher: Publisher

    def report(self, event: Event, error: PermanentError) -> None:
        """Mark the event's document failed and publish document.failed, if it was not yet.

        A document without its graph can still be searched: a part that fails there counts as done.
        """
        if not isinstance(event, DocumentEvent):
            return
        if self.stage == GRAPH_STAGE and isinstance(event, PartEvent):
            self.catalog.documents.part_graphed(event.document_id, event.revision, event.part)
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
