"""Spans for an OpenTelemetry collector, one per event and request; nothing without a collector.

The SDK is imported when an address is set, and only then. Its own environment variables hold too:
`OTEL_SERVICE_NAME`, `OTEL_RESOURCE_ATTRIBUTES`, `OTEL_TRACES_SAMPLER`, and those of the exporter.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Span

_SENT_WITHIN_MS = 2_000  # an idle function is soon ended; its spans should not wait for that
_providers: "list[TracerProvider]" = []


@dataclass(frozen=True, slots=True)
class Recording:
    """A span under way."""

    _span: "Span"

    @property
    def traceparent(self) -> str:
        """The W3C `traceparent` that makes others children of this span."""
        context = self._span.get_span_context()
        return f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"

    def describe(self, fields: Mapping[str, Any], *, failed: bool) -> None:
        """Set the fields of the request's log line as attributes, and whether it failed."""
        from opentelemetry.trace import StatusCode

        for name, value in _flat(fields):
            self._span.set_attribute(f"lectern.{name}", value)
        if failed:
            self._span.set_status(StatusCode.ERROR, str(fields.get("code", "")))


def export_spans(endpoint: str, service: str) -> None:
    """Send spans to the collector at `endpoint` from now on; a second call changes nothing.

    Called in the worker, after the server forked: a thread does the sending.

    Args:
        endpoint: Base address of the collector (OTLP over HTTP, `http://collector:4318`).
        service: `service.name` of the spans, unless `OTEL_SERVICE_NAME` says otherwise.
    """
    if _providers:
        return
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    named = {} if "OTEL_SERVICE_NAME" in os.environ else {"service.name": service}
    provider = TracerProvider(resource=Resource.create(named))
    exporter = OTLPSpanExporter(f"{endpoint.rstrip('/')}/v1/traces")
    provider.add_span_processor(BatchSpanProcessor(exporter, schedule_delay_millis=_SENT_WITHIN_MS))
    _providers.append(provider)


def stop_exporting() -> None:
    """Send what is left and stop; at the end of a process this happens by itself."""
    while _providers:
        _providers.pop().shutdown()


@contextmanager
def recording(name: str, traceparent: str | None) -> "Iterator[Recording | None]":
    """Record a span around what happens inside; None when no collector is set.

    Args:
        name: Name of the span, one of few: `parse event`.
        traceparent: W3C context of the caller; a new trace begins when missing or malformed.
    """
    if not _providers:
        yield None
        return
    from opentelemetry.trace import SpanKind
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    parent = TraceContextTextMapPropagator().extract({"traceparent": traceparent or ""})
    tracer = _providers[0].get_tracer("lectern")
    with tracer.start_as_current_span(name, context=parent, kind=SpanKind.SERVER) as span:
        yield Recording(span)


def _flat(fields: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in fields.items():
        if isinstance(value, Mapping):
            yield from ((f"{name}.{inner}", deeper) for inner, deeper in _flat(value))
        elif isinstance(value, str | bool | int | float):
            yield name, value
