"""Logs, metrics and trace context: one JSON line and one sample per event or request."""

import json
import logging
import re
import secrets
import sys
import time
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from prometheus_client import Counter, Gauge, Histogram

from lectern import tracing
from lectern.errors import LecternError, PermanentError, TransientError

_STARTED = time.monotonic()
_TRACEPARENT = re.compile(r"^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$")
FAILURES = frozenset({"permanent", "transient", "error"})
"""Outcomes that count as errors."""
_RESERVED = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime"}

_traceparent: ContextVar[str] = ContextVar("traceparent", default="")
_outcome: ContextVar[MutableMapping[str, Any] | None] = ContextVar("outcome", default=None)

HANDLED = Counter(
    "lectern_handled", "Events and requests handled.", ["function", "kind", "outcome"]
)
DURATION = Histogram(
    "lectern_handled_seconds",
    "Time to handle an event or a request.",
    ["function", "kind"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 600),
)
ERRORS = Counter(
    "lectern_errors",
    "Errors by code, also in the middle of a stream.",
    ["function", "outcome", "code"],
)
PUBLISHED = Counter("lectern_published", "Events published.", ["type", "outcome"])
READY_SECONDS = Gauge("lectern_ready_seconds", "Process start to first readiness.", ["function"])

logger = logging.getLogger("lectern")


class JsonFormatter(logging.Formatter):
    """Renders a record as one JSON object; what stands in `extra` becomes fields."""

    def format(self, record: logging.LogRecord) -> str:
        """See `logging.Formatter.format`."""
        fields: dict[str, Any] = {
            "time": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if trace := trace_id():
            fields["trace_id"] = trace
        fields |= {k: v for k, v in record.__dict__.items() if k not in _RESERVED}
        if record.exc_info:
            fields["traceback"] = self.formatException(record.exc_info)
        return json.dumps(fields, ensure_ascii=False, default=str)


def configure_logging(level: str = "INFO") -> None:
    """Send Lectern's log as JSON lines to stderr; safe to call again."""
    if not logger.handlers:
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(JsonFormatter())
        logger.addHandler(handler)
        logger.propagate = False
    logger.setLevel(level)


def continue_trace(traceparent: str | None) -> None:
    """Continue the W3C trace of `traceparent`, or begin one when it is missing or malformed."""
    match = _TRACEPARENT.match(traceparent or "")
    trace, flags = (match[1], match[3]) if match else (secrets.token_hex(16), "01")
    _traceparent.set(f"00-{trace}-{secrets.token_hex(8)}-{flags}")


def traceparent() -> str:
    """Return the W3C `traceparent` to send on, or "" outside of a request."""
    return _traceparent.get()


def trace_id() -> str:
    """Return the current trace id, 32 hexadecimal digits, or ""."""
    return _traceparent.get()[3:35]


def note(**fields: Any) -> None:
    """Add `fields` (counts, tokens, a model's name) to the log line of the current request.

    Never a question, a passage, a name of a document or a secret.
    """
    current = _outcome.get()
    if current is not None:
        current.update(fields)


@contextmanager
def canonical_line(
    function: str, kind: str, traceparent: str | None, fields: Mapping[str, Any]
) -> Iterator[MutableMapping[str, Any]]:
    """Measure what happens inside and write the one log line and metric sample about it.

    The caller sets `outcome` (and `status`) on the mapping it is given. With a collector set, the
    same fields are a span.
    """
    line: MutableMapping[str, Any] = {"function": function, "kind": kind, **fields}
    with tracing.recording(f"{function} {kind}", traceparent) as span:
        if span is None:
            continue_trace(traceparent)
        else:
            _traceparent.set(span.traceparent)
        token = _outcome.set(line)
        started = time.perf_counter()
        try:
            yield line
        finally:
            seconds = time.perf_counter() - started
            _outcome.reset(token)
            outcome = str(line.setdefault("outcome", "error"))
            HANDLED.labels(function, kind, outcome).inc()
            DURATION.labels(function, kind).observe(seconds)
            if outcome in FAILURES:
                ERRORS.labels(function, outcome, str(line.get("code") or "internal")).inc()
            line["duration_ms"] = round(seconds * 1000, 1)
            level = logging.ERROR if outcome == "error" else logging.INFO
            logger.log(level, "handled", extra=dict(line))
            if span is not None:
                span.describe(line, failed=outcome == "error")


def count_error(function: str, error: LecternError) -> None:
    """Count an error that the status of the request does not show."""
    outcome = "error"
    if isinstance(error, PermanentError | TransientError):
        outcome = "transient" if isinstance(error, TransientError) else "permanent"
    ERRORS.labels(function, outcome, error.code).inc()


def seconds_since_start() -> float:
    """Return the seconds since this module was imported, close to the process's start."""
    return time.monotonic() - _STARTED
