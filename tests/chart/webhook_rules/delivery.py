"""Destinations and delivery.

eventing:pkg/apis/duck/v1/delivery_types.go, pkg:apis/duck/v1/destination.go.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from tests.chart.webhook_rules.durations import iso_seconds
from tests.chart.webhook_rules.fields import only

_DELIVERY = "deadLetterSink retry timeout backoffPolicy backoffDelay retryAfterMax format"


def destination(given: Mapping[str, Any] | None, where: str) -> Iterator[str]:
    """Yield the refusals of a sink or a subscriber: a reference, an address, or both."""
    if not given or not given.keys() & {"ref", "uri"}:
        yield f"{where}: expected ref, uri or both"
        return
    yield from only(given, "ref uri CACerts audience", where)
    reference, uri = given.get("ref"), given.get("uri") or ""
    if reference is None:
        if "://" not in uri:
            yield f"{where}.uri: {uri!r} is not absolute and there is no ref"
        return
    yield from only(reference, "apiVersion kind name namespace address group", f"{where}.ref")
    yield from (
        f"{where}.ref.{name}: missing"
        for name in ("apiVersion", "kind", "name")
        if not reference.get(name)
    )
    if "://" in uri:
        yield f"{where}.uri: {uri!r} is absolute though there is a ref"


def delivery(given: Mapping[str, Any], features: frozenset[str], where: str) -> Iterator[str]:
    """Yield the refusals of a `delivery`."""
    yield from only(given, _DELIVERY, where)
    if "deadLetterSink" in given:
        yield from destination(given["deadLetterSink"], f"{where}.deadLetterSink")
    retry = given.get("retry", 0)
    if not isinstance(retry, int) or retry < 0:
        yield f"{where}.retry: {retry!r} is no count"
    if given.get("backoffPolicy", "linear") not in {"linear", "exponential"}:
        yield f"{where}.backoffPolicy: {given['backoffPolicy']!r} is not known"
    if given.get("format", "json") not in {"json", "binary"}:
        yield f"{where}.format: {given['format']!r} is not known"
    for name in ("backoffDelay", "timeout", "retryAfterMax"):
        if name in given and iso_seconds(str(given[name])) is None:
            yield f"{where}.{name}: {given[name]!r} is no ISO 8601 duration"
    if "timeout" in given and iso_seconds(str(given["timeout"])) == 0:
        yield f"{where}.timeout: has to be more than 0"
    if "retryAfterMax" in given and "delivery-retryafter" not in features:
        yield f"{where}.retryAfterMax: its feature is off by default"
