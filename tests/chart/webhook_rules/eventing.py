"""Brokers, Triggers and policies. eventing:pkg/apis/eventing/v1/{broker,trigger}_validation.go.

Eventing's webhook refuses unknown fields (eventing:cmd/webhook/main.go, disallowUnknownFields).
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from tests.chart.webhook_rules.cesql import is_cesql
from tests.chart.webhook_rules.delivery import delivery, destination
from tests.chart.webhook_rules.fields import only

_ATTRIBUTE = re.compile(r"[a-z][a-z0-9]*")
_DIALECTS = "exact prefix suffix all any not cesql"
BROKER_CLASS = "eventing.knative.dev/broker.class"


def broker(obj: dict[str, Any], features: frozenset[str]) -> Iterator[str]:
    """Yield the refusals of a Broker."""
    spec = obj.get("spec") or {}
    if not (obj["metadata"].get("annotations") or {}).get(BROKER_CLASS):
        yield f"metadata.annotations: {BROKER_CLASS} is missing"
    yield from only(spec, "config delivery", "spec")
    if "config" in spec:
        yield from destination({"ref": spec["config"]}, "spec.config")
    yield from delivery(spec.get("delivery") or {}, features, "spec.delivery")


def trigger(obj: dict[str, Any], features: frozenset[str]) -> Iterator[str]:
    """Yield the refusals of a Trigger."""
    spec = obj["spec"]
    yield from only(spec, "broker brokerRef filter filters subscriber delivery", "spec")
    if not spec.get("broker"):
        yield "spec.broker: missing"
    legacy = spec.get("filter") or {}
    yield from only(legacy, "attributes", "spec.filter")
    yield from _attributes(legacy.get("attributes") or {}, "spec.filter.attributes")
    for each in spec.get("filters") or ():
        yield from _filter(each, "spec.filters")
    yield from destination(spec.get("subscriber"), "spec.subscriber")
    yield from delivery(spec.get("delivery") or {}, features, "spec.delivery")


def event_policy(obj: dict[str, Any], features: frozenset[str]) -> Iterator[str]:
    """Yield the refusals of an EventPolicy (v1alpha1)."""
    if "authentication-oidc" not in features:
        yield "EventPolicy: refused while authentication-oidc is off, its default"
    for each in obj["spec"].get("from") or ():
        if ("ref" in each) == bool(each.get("sub")):
            yield "spec.from: expected exactly one of ref, sub"
        if "*" in each.get("sub", "")[:-1]:
            yield f"spec.from.sub: {each['sub']!r} has a '*' that is not its end"
    for each in obj["spec"].get("to") or ():
        if ("ref" in each) == ("selector" in each):
            yield "spec.to: expected exactly one of ref, selector"


def _filter(given: Mapping[str, Any], where: str) -> Iterator[str]:
    yield from only(given, _DIALECTS, where)
    if len(given) > 1:
        yield f"{where}: multiple dialects found: {sorted(given)}"
    for dialect, value in given.items():
        inside = f"{where}.{dialect}"
        if dialect in {"exact", "prefix", "suffix"}:
            yield from _attributes(value, inside)
        elif dialect in {"all", "any"}:
            if not value:
                yield f"{inside}: must contain at least one filter"
            for each in value:
                yield from _filter(each, inside)
        elif dialect == "not":
            yield from _filter(value, inside)
        elif dialect == "cesql" and not is_cesql(value):
            yield f"{inside}: {value!r} is no CESQL expression"


def _attributes(given: Mapping[str, str], where: str) -> Iterator[str]:
    for name, value in given.items():
        if not _ATTRIBUTE.fullmatch(name):
            yield f"{where}: {name!r} is no name of an attribute"
        if not value:
            yield f"{where}.{name}: empty"
