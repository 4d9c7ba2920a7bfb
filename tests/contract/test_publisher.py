"""Publishing over HTTP against a real sink."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from lectern import telemetry
from lectern.errors import TransientError
from lectern.events import Envelope, MaintenanceDue, decode
from lectern.publishing import HttpPublisher

EVENT = MaintenanceDue(task="sweep", tick="7")


class Sink(ThreadingHTTPServer):
    """A broker's ingress that answers what it is told to and remembers what came."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Ingress)
        self.status = 202
        self.received: list[Envelope] = []
        self.headers: list[dict[str, str]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/"


class _Ingress(BaseHTTPRequestHandler):
    server: Sink

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.headers.append(headers)
        self.server.received.append(decode(headers, body))
        self.send_response(self.server.status)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


@pytest.fixture
def sink() -> Iterator[Sink]:
    with Sink() as sink:
        thread = Thread(target=sink.serve_forever, args=(0.01,))
        thread.start()
        yield sink
        sink.shutdown()
        thread.join()


def test_an_event_arrives_in_binary_mode_with_our_source_and_trace(sink: Sink) -> None:
    telemetry.continue_trace("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")

    HttpPublisher(sink.url, source="/lectern/timer").publish(EVENT)

    envelope = sink.received[0]
    assert envelope.read(MaintenanceDue) == EVENT
    assert (envelope.source, envelope.event_id) == ("/lectern/timer", EVENT.event_id())
    assert "0af7651916cd43dd8448eb211c80319c" in envelope.extensions["traceparent"]
    assert sink.headers[0]["traceparent"] == envelope.extensions["traceparent"]


@pytest.mark.parametrize("status", [400, 404, 429, 500, 503])
def test_a_broker_that_does_not_accept_makes_the_stage_come_again(sink: Sink, status: int) -> None:
    sink.status = status

    with pytest.raises(TransientError, match=str(status)):
        HttpPublisher(sink.url, source="/lectern/timer").publish(EVENT)


def test_a_broker_that_is_not_there_is_transient() -> None:
    with pytest.raises(TransientError, match="cannot be reached"):
        HttpPublisher("http://127.0.0.1:9/", source="/lectern/timer").publish(EVENT)


def test_a_function_starts_without_a_broker_and_says_so_when_it_needs_one() -> None:
    publisher = HttpPublisher("", source="/lectern/timer")

    with pytest.raises(TransientError, match="K_SINK"):
        publisher.publish(EVENT)
