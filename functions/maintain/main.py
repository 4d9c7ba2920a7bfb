"""Knative function `maintain`: deletion, upkeep and the sweeper; the dead letter sink."""

import functions_framework
from flask import Request, Response

from functions.maintain.stage import tend
from functions.maintain.undelivered import mark_failed
from functions.maintain.views import api
from functions.maintain.wiring import dependencies, letters, settings
from lectern.events import DocumentDeleted, DocumentIndexed, Envelope, Event, MaintenanceDue
from lectern.serving import consumes


def bury(envelope: Envelope) -> None:
    """Keep a dead letter before anything else is tried; then mark its document failed."""
    letters().keep(envelope)
    have = dependencies()
    mark_failed(
        envelope,
        function_url=settings().function_url,
        catalog=have.catalog,
        publisher=have.publisher,
    )


@consumes(
    DocumentIndexed,
    DocumentDeleted,
    MaintenanceDue,
    function="maintain",
    warm_up=dependencies,
    on_dead_letter=bury,
)
def events(event: Event) -> None:
    """Do what the event asks for."""
    tend(event, dependencies())


@functions_framework.http  # type: ignore[untyped-decorator]  # the framework has no types
def maintain(request: Request) -> Response:
    """Serve an event, the dead letters or a probe."""
    if request.method == "POST" and request.path == "/":
        return events(request)
    return api(request)
