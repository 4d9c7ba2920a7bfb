"""Spans of real requests, as they arrive at a collector on loopback."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from flask import Flask, Request
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from lectern import telemetry, tracing
from lectern.errors import LecternError
from lectern.serving import Api

TRACE = "0af7651916cd43dd8448eb211c80319c"
CALLER = "b7ad6b7169203331"


class Collector(ThreadingHTTPServer):
    """Keeps the spans it is sent."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.spans: list[Any] = []
        self.services: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    @contextmanager
    def running(self) -> Iterator["Collector"]:
        thread = Thread(target=self.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield self
        finally:
            self.shutdown()
            thread.join()
            self.server_close()


class _Handler(BaseHTTPRequestHandler):
    server: Collector

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            self.server.services += [
                attribute.value.string_value
                for attribute in resource.resource.attributes
                if attribute.key == "service.name"
            ]
            for scope in resource.scope_spans:
                self.server.spans += scope.spans
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing: tests read `spans`."""


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    monkeypatch.delenv("OTEL_SERVICE_NAME", raising=False)
    with Collector().running() as collector:
        tracing.export_spans(collector.url, "lectern-greeter")
        yield collector
        tracing.stop_exporting()


def call(path: str, headers: dict[str, str] | None = None) -> str:
    """Make a request of a small function; return the trace context that it would send on."""
    api = Api("greeter", warm_up=lambda: None)
    sent_on = []

    @api.route("GET", "/v1/greeting")
    def greet() -> None:
        telemetry.note(greetings=1)
        sent_on.append(telemetry.traceparent())

    @api.route("GET", "/v1/trouble")
    def trouble() -> None:
        raise LecternError("no", code="broken")

    with Flask(__name__).test_request_context(path, headers=headers) as context:
        request: Request = context.request
        api(request).close()
    tracing.stop_exporting()
    return "".join(sent_on)


def attributes(span: Any) -> dict[str, Any]:
    return {
        attribute.key: getattr(attribute.value, attribute.value.WhichOneof("value"))
        for attribute in span.attributes
    }


def test_a_request_is_a_span_of_its_callers_trace(collector: Collector) -> None:
    sent_on = call("/v1/greeting", {"traceparent": f"00-{TRACE}-{CALLER}-01"})

    (span,) = collector.spans
    assert (span.name, span.trace_id.hex(), span.parent_span_id.hex()) == (
        "greeter request",
        TRACE,
        CALLER,
    )
    assert sent_on == f"00-{TRACE}-{span.span_id.hex()}-01"
    assert collector.services == ["lectern-greeter"]
    assert attributes(span)["lectern.greetings"] == 1
    assert attributes(span)["lectern.outcome"] == "done"


def test_a_failed_request_is_a_failed_span(collector: Collector) -> None:
    call("/v1/trouble")

    (span,) = collector.spans
    assert span.status.code == span.status.STATUS_CODE_ERROR
    assert attributes(span)["lectern.code"] == "broken"


def test_a_malformed_context_begins_a_new_trace(collector: Collector) -> None:
    call("/v1/greeting", {"traceparent": "00-nonsense"})

    (span,) = collector.spans
    assert not span.parent_span_id
    assert span.trace_id.hex() != "0" * 32


def test_without_a_collector_the_context_is_kept_all_the_same() -> None:
    sent_on = call("/v1/greeting", {"traceparent": f"00-{TRACE}-{CALLER}-01"})

    assert sent_on.startswith(f"00-{TRACE}-")
    assert CALLER not in sent_on
