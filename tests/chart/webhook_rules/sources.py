"""Sources and sinks. eventing:pkg/apis/sources/v1/*_validation.go, pkg/apis/sinks/v1alpha1."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from tests.chart.webhook_rules.delivery import destination
from tests.chart.webhook_rules.durations import is_schedule, is_timezone
from tests.chart.webhook_rules.fields import exactly_one, only

_PING = "schedule timezone contentType data dataBase64 sink ceOverrides"


def ping_source(obj: dict[str, Any], features: frozenset[str]) -> Iterator[str]:
    """Yield the refusals of a PingSource."""
    del features
    spec = obj["spec"]
    yield from only(spec, _PING, "spec")
    schedule = spec.get("schedule", "* * * * *")
    if not is_schedule(schedule):
        yield f"spec.schedule: {schedule!r} is no cron expression"
    if not is_timezone(spec.get("timezone") or "UTC"):
        yield f"spec.timezone: {spec['timezone']!r} is not known"
    if "data" in spec and "dataBase64" in spec:
        yield "spec: expected at most one of data, dataBase64"
    if "data" in spec and spec.get("contentType") == "application/json":
        try:
            is_object = isinstance(json.loads(spec["data"]), dict)
        except ValueError:
            is_object = False
        if not is_object:
            yield "spec.data: no JSON object"
    yield from _overrides(spec.get("ceOverrides"))
    yield from destination(spec.get("sink"), "spec.sink")


def sink_binding(obj: dict[str, Any], features: frozenset[str]) -> Iterator[str]:
    """Yield the refusals of a SinkBinding."""
    del features
    spec = obj["spec"]
    yield from only(spec, "subject sink ceOverrides", "spec")
    subject = spec.get("subject") or {}
    yield from only(subject, "apiVersion kind name namespace selector", "spec.subject")
    yield from exactly_one(subject, "name selector", "spec.subject")
    yield from (
        f"spec.subject.{name}: missing" for name in ("apiVersion", "kind") if name not in subject
    )
    # The defaulting webhook fills the subject's namespace from the binding's own.
    namespace = obj["metadata"].get("namespace")
    if not (namespace or subject.get("namespace")):
        yield "spec.subject.namespace: missing, and the binding has none"
    elif subject.get("namespace", namespace) != namespace:
        yield f"spec.subject.namespace: {subject['namespace']!r} is not the binding's"
    yield from _overrides(spec.get("ceOverrides"))
    yield from destination(spec.get("sink"), "spec.sink")


def integration_source(obj: dict[str, Any], features: frozenset[str]) -> Iterator[str]:
    """Yield the refusals of an IntegrationSource (v1alpha1)."""
    del features
    spec = obj["spec"]
    yield from only(spec, "sink ceOverrides template timer aws", "spec")
    yield from exactly_one(spec, "timer aws", "spec")
    aws = spec.get("aws")
    if aws is not None:
        yield from only(aws, "s3 sqs ddbStreams auth", "spec.aws")
        yield from exactly_one(aws, "s3 sqs ddbStreams", "spec.aws")
        queue = aws.get("sqs")
        if queue is not None:
            yield from (
                f"spec.aws.sqs.{name}: missing" for name in ("arn", "region") if not queue.get(name)
            )
        auth = aws.get("auth") or {}
        if not auth.keys() & {"secret", "serviceAccountName"}:
            yield "spec.aws.auth: expected a secret or a serviceAccountName"
    yield from destination(spec.get("sink"), "spec.sink")


def job_sink(obj: dict[str, Any], features: frozenset[str]) -> Iterator[str]:
    """Yield the refusals of a JobSink (v1alpha1)."""
    del features
    if not obj["spec"].get("job"):
        yield "spec.job: missing"


def _overrides(given: Mapping[str, Any] | None) -> Iterator[str]:
    yield from only(given, "extensions", "spec.ceOverrides")
    for name in (given or {}).get("extensions") or {}:
        if not name.isalnum() or not name.islower() or not name.isascii():
            yield f"spec.ceOverrides.extensions: {name!r} is no name of an extension"
