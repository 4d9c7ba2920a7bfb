"""Publishing to the broker over HTTP."""

import socket
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from lectern import telemetry
from lectern.errors import TransientError
from lectern.events import Envelope, Event, encode
from lectern.trust import tls_context

if TYPE_CHECKING:
    import httpx

_TIMEOUT_S = 30.0
_CHECK_TIMEOUT_S = 1.0
_PORTS = {"http": 80, "https": 443}


class HttpPublisher:
    """See `Publisher`. Sends each event to `broker_url` in binary mode.

    Args:
        broker_url: The broker's ingress. May be empty at start (a SinkBinding comes later);
            publishing then fails with a `TransientError`, so that the event is delivered again.
        source: The CloudEvents source, `/lectern/<function>`.
    """

    def __init__(self, broker_url: str, *, source: str) -> None:
        self._broker_url = broker_url
        self._source = source

    @cached_property
    def _client(self) -> "httpx.Client":
        import httpx

        # the broker is a neighbour: a proxy for the outside world must not get its events
        return httpx.Client(timeout=_TIMEOUT_S, verify=tls_context(), trust_env=False)

    def publish(self, event: Event) -> None:
        """See `Publisher.publish`."""
        trace = telemetry.traceparent()
        extensions = {"traceparent": trace} if trace else {}
        self.send(Envelope.of(event, source=self._source, extensions=extensions))

    def check(self) -> None:
        """See `Publisher.check`; opens a connection and closes it again."""
        self._require_broker()
        address = urlsplit(self._broker_url)
        port = address.port or _PORTS.get(address.scheme, 80)
        try:
            socket.create_connection((address.hostname or "", port), _CHECK_TIMEOUT_S).close()
        except OSError as error:
            raise TransientError(
                f"the broker at {address.hostname}:{port} cannot be reached ({error})",
                code="no_broker",
            ) from error

    def _require_broker(self) -> None:
        if not self._broker_url:
            raise TransientError(
                "no broker is configured: neither K_SINK nor LECTERN_BROKER_URL is set",
                code="no_broker",
            )

    def send(self, envelope: Envelope) -> None:
        """Hand on an event as it is, for one that came from elsewhere.

        Raises:
            TransientError: See `Publisher.publish`.
        """
        import httpx

        self._require_broker()
        headers, body = encode(envelope)
        if trace := envelope.extensions.get("traceparent"):
            headers["traceparent"] = trace
        try:
            response = self._client.post(self._broker_url, headers=headers, content=body)
        except httpx.HTTPError as error:
            telemetry.PUBLISHED.labels(envelope.event_type, "unreachable").inc()
            raise TransientError("the broker cannot be reached", code="no_broker") from error
        accepted = response.is_success
        telemetry.PUBLISHED.labels(envelope.event_type, "accepted" if accepted else "refused").inc()
        if not accepted:
            raise TransientError(
                f"the broker answered {response.status_code}", code="broker_refused"
            )
