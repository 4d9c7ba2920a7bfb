"""Knative function `intake`: an object-store notification, in any dialect -> document.uploaded."""

import functions_framework
from flask import Request, Response, request

from functions.intake.admission import require_token
from functions.intake.notifications import parse_notification
from functions.intake.stage import take_in
from functions.intake.wiring import dependencies
from lectern.errors import InvalidEvent
from lectern.serving import Api
from lectern.serving.consumer import MAX_BODY_BYTES


def broker() -> None:
    """Return if events can be published; without, what arrives is found by the sweeper."""
    dependencies().registrar.publisher.check()


api = Api("intake", warm_up=dependencies, wants=broker)


@api.route("POST", "/", status=204)
def notify() -> None:
    """Take in the objects of a notification: a CloudEvent, or a store's own webhook.

    Answers 204 also when there was nothing to do, so that nobody sends it again.
    """
    needs = dependencies()
    headers = {name.lower(): value for name, value in request.headers.items()}
    require_token(
        headers,
        request.args.get("token", ""),
        token=needs.token,
        trusts_broker=needs.trusts_broker,
    )
    body = request.stream.read(MAX_BODY_BYTES + 1)
    if len(body) > MAX_BODY_BYTES:
        raise InvalidEvent(f"the notification is larger than {MAX_BODY_BYTES} bytes")
    take_in(
        parse_notification(headers, body),
        registrar=needs.registrar,
        inbox=needs.inbox,
        key_prefix=needs.key_prefix,
    )


@functions_framework.http  # type: ignore[untyped-decorator]  # the framework has no types
def intake(outer: Request) -> Response:
    """Serve a notification, a probe or the OpenAPI document."""
    return api(outer)
