"""Knative function `graph-extract`: part.parsed -> subjects and mentions in the index."""

import functions_framework

from functions.graph_extract.stage import extract_part
from functions.graph_extract.wiring import dependencies
from lectern.errors import PermanentError
from lectern.events import Event, PartParsed
from lectern.serving import consumes


def report(event: Event, error: PermanentError) -> None:
    """Count the part as done: its document can be searched without a graph."""
    dependencies().failures.report(event, error)


def broker() -> None:
    """Return if events can be published."""
    dependencies().failures.publisher.check()


@functions_framework.http  # type: ignore[untyped-decorator]  # the framework has no types
@consumes(
    PartParsed,
    function="graph-extract",
    warm_up=dependencies,
    needs=broker,
    on_permanent_error=report,
)
def graph_extract(event: PartParsed) -> None:
    """Extract the subjects of one part."""
    have = dependencies()
    extract_part(event, catalog=have.catalog, store=have.store, index_of=have.index_of)
