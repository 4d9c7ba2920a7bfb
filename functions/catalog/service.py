"""The API that the views register with, who calls it, and how it announces what happened."""

from flask import request

from functions.catalog.wiring import dependencies
from lectern import telemetry
from lectern.access import Access, authenticate
from lectern.catalog.records import Scope
from lectern.errors import TransientError
from lectern.events import Event
from lectern.serving import Api

api = Api("catalog", warm_up=dependencies)


def caller(scope: Scope = "read") -> Access:
    """Return the rights of whoever sent the current request.

    Raises:
        Unauthorized: Nobody known did.
        Forbidden: Their key lacks the scope.
    """
    authorization = request.headers.get("Authorization")
    return authenticate(dependencies().catalog, authorization, scope=scope)


def announce(event: Event) -> None:
    """Publish what the catalog knows already.

    A broker in trouble does not fail the request: the catalog is the truth, and the sweeper
    publishes again for every document that does not move.
    """
    try:
        dependencies().publisher.publish(event)
    except TransientError as error:
        telemetry.logger.warning(
            "not published; the sweeper will",
            extra={"event_id": event.event_id(), "code": error.code},
        )
