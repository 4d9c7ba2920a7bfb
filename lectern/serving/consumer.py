"""A function that consumes events: the delivery rules of a Knative broker, kept in one place.

- Done: 204 with an empty body. A 2xx with any other body that is no CloudEvent counts as failed
  (knative/eventing, `pkg/broker/filter/filter_handler.go`).
- A permanent error: its 4xx, never one of 404, 408, 409, 429, which are delivered again.
- A transient error: its status with Retry-After, delivered again.
- A bug: 500 with the traceback in the log, delivered again.
"""

import json
from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from flask import Request, Response

from lectern import telemetry
from lectern.errors import (
    REDELIVERED_STATUSES,
    InvalidEvent,
    LecternError,
    PermanentError,
    TransientError,
    problem,
)
from lectern.events import Envelope, Event, decode
from lectern.serving.probes import PROBE_PATHS, Probes
from lectern.serving.process import prepare

MAX_BODY_BYTES = 1 << 20
E = TypeVar("E", bound=Event)


class FailureReporter(Protocol):
    """Told of a permanent error before the broker is answered."""

    def __call__(self, event: Event, error: PermanentError) -> None:
        """Record that `event` failed for good; may raise `TransientError` to be asked again."""
        ...


def consumes(
    *models: type[E],
    function: str,
    warm_up: Callable[[], object],
    needs: Callable[[], None] | None = None,
    on_permanent_error: FailureReporter | None = None,
    on_dead_letter: Callable[[Envelope], None] | None = None,
) -> Callable[[Callable[[E], None]], Callable[[Request], Response]]:
    """Return a decorator that serves `handle(event) -> None` to a broker.

    Args:
        models: The events the function understands.
        function: Its name, as in the chart.
        warm_up: See `Probes`.
        needs: See `Probes`: the broker, without which an event's work ends in vain.
        on_permanent_error: See `FailureReporter`; not called for malformed events.
        on_dead_letter: Given every event, of whatever type, that a broker gave up on; without it
            such an event is handled like any other.
    """

    def decorate(handle: Callable[[E], None]) -> Callable[[Request], Response]:
        probes = Probes(function, warm_up, needs=needs)

        def act(envelope: Envelope) -> None:
            if on_dead_letter is not None and envelope.is_dead_letter:
                on_dead_letter(envelope)
            else:
                _handle(envelope.read(*models), handle, on_permanent_error)

        def serve(request: Request) -> Response:
            if request.method in {"GET", "HEAD"} and request.path in PROBE_PATHS:
                return probes.answer(request.path)
            if request.method != "POST":
                return Response("", status=405, headers={"Allow": "POST"})
            return _deliver(request, act, function)

        serve.__name__ = serve.__qualname__ = function
        serve.__doc__ = handle.__doc__
        return serve

    return decorate


def _deliver(request: Request, act: Callable[[Envelope], None], function: str) -> Response:
    prepare(function)
    try:
        envelope = read_envelope(request)
    except PermanentError as error:
        with telemetry.canonical_line(
            function, "event", request.headers.get("traceparent"), {}
        ) as line:
            line.update(outcome="permanent", status=error.status, code=error.code)
        return error_response(error)
    trace = request.headers.get("traceparent") or envelope.extensions.get("traceparent")
    fields = {
        "event_id": envelope.event_id,
        "event_type": envelope.event_type,
        "subject": envelope.subject,
    }
    with telemetry.canonical_line(function, "event", trace, fields) as line:
        try:
            act(envelope)
        except LecternError as error:
            line.update(
                outcome="transient" if isinstance(error, TransientError) else "permanent",
                status=error.status,
                code=error.code,
                detail=error.detail,
            )
            if error.reason:
                line.update(reason=error.reason)
            return error_response(error)
        except Exception:  # noqa: BLE001 - a bug of any kind answers 500
            line.update(outcome="error", status=500)
            telemetry.logger.exception("unexpected error", extra=fields)
            return error_response(LecternError("unexpected error; the log of the function has it"))
        line.setdefault("outcome", "done")
        return Response("", status=204)


def _handle(
    event: E, handle: Callable[[E], None], on_permanent_error: FailureReporter | None
) -> None:
    try:
        handle(event)
    except PermanentError as error:
        if on_permanent_error is not None:
            on_permanent_error(event, error)
        raise


def read_envelope(request: Request) -> Envelope:
    """Return the CloudEvent of `request`.

    Raises:
        InvalidEvent: It is not one, or it is larger than 1 MiB.
    """
    body = request.stream.read(MAX_BODY_BYTES + 1)
    if len(body) > MAX_BODY_BYTES:
        raise InvalidEvent(f"the event is larger than {MAX_BODY_BYTES} bytes")
    return decode({k.lower(): v for k, v in request.headers.items()}, body)


def error_response(error: LecternError) -> Response:
    """Return the answer that makes a broker do what the class of `error` asks for."""
    status = error.status
    if isinstance(error, PermanentError) and status in REDELIVERED_STATUSES:
        status = PermanentError.status
    headers: dict[str, Any] = {}
    if isinstance(error, TransientError):
        headers["Retry-After"] = str(error.retry_after_s)
    body = dict(problem(error)) | {"status": status}
    return Response(
        json.dumps(body, ensure_ascii=False),
        status=status,
        content_type="application/problem+json",
        headers=headers,
    )
