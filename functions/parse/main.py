"""Knative function `parse`: document.uploaded and part.assigned -> chunks, part.parsed."""

import functions_framework

from functions.parse.wiring import dependencies
from lectern.errors import PermanentError
from lectern.events import DocumentEvent, DocumentUploaded, Event, PartAssigned
from lectern.serving import consumes


def report(event: Event, error: PermanentError) -> None:
    """Mark the document failed."""
    dependencies().failures.report(event, error)


def broker() -> None:
    """Return if events can be published."""
    dependencies().failures.publisher.check()


@functions_framework.http  # type: ignore[untyped-decorator]  # the framework has no types
@consumes(
    DocumentUploaded,
    PartAssigned,
    function="parse",
    warm_up=dependencies,
    needs=broker,
    on_permanent_error=report,
)
def parse(event: DocumentEvent) -> None:
    """Parse a document, or one part of a large one."""
    stage = dependencies().stage
    if isinstance(event, DocumentUploaded):
        stage.parse_document(event)
    elif isinstance(event, PartAssigned):
        stage.parse_part(event)
