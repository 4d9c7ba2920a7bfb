"""Knative function `embed`: part.parsed -> rows in the index, part.embedded, document.indexed."""

import functions_framework

from functions.embed.stage import embed_part
from functions.embed.wiring import dependencies
from lectern.errors import PermanentError
from lectern.events import Event, PartParsed
from lectern.serving import consumes


def report(event: Event, error: PermanentError) -> None:
    """Mark the document failed."""
    dependencies().failures.report(event, error)


def broker() -> None:
    """Return if events can be published."""
    dependencies().publisher.check()


@functions_framework.http  # type: ignore[untyped-decorator]  # the framework has no types
@consumes(
    PartParsed, function="embed", warm_up=dependencies, needs=broker, on_permanent_error=report
)
def embed(event: PartParsed) -> None:
    """Embed one part."""
    have = dependencies()
    embed_part(
        event,
        catalog=have.catalog,
        store=have.store,
        embedders=have.models.embedders(collection_id=event.collection_id),
        index_of=have.index_of,
        publisher=have.publisher,
    )
