"""The API that the views register with, who calls it, and how it announces what happened."""

from flask import request

from functions.catalog.wiring import dependencies
from lectern import telemetry
from lectern.access import Access, authenticate
from lectern.catalog.records import Scope
from lectern.errors import TransientError
from lectern.events import Event
from lectern.serving import Api


def broker() -> None:
    """Return if events can be published; without, people can still read."""
    dependencies().publisher.check()


api = Api("catalog", warm_up=dependencies, wants=broker)


def caller(scope: Scope | None = None, *, with_temporary_password: bool = False) -> Access:
    """Return the rights of whoever sent the current request.

    Args:
        scope: What their token must be usable for; by default "read" for GET, else "write".
        with_temporary_password: See `authenticate`.

    Raises:
        Unauthorized: Nobody known did.
        Forbidden: Their key lacks the scope, or they have to change their password first.
    """
    return authenticate(
        dependencies().catalog,
        request.headers.get("Authorization"),
        scope=scope or ("read" if request.method in {"GET", "HEAD"} else "write"),
        with_temporary_password=with_temporary_password,
    )


def administrator() -> Access:
    """Return the rights of the administrator who sent the current request.

    Raises:
        Unauthorized: Nobody known did.
        Forbidden: They are no administrator, or their key is not for that.
    """
    access = caller("admin")
    access.require_administrator()
    return access


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
