"""Knative Services.

serving:pkg/apis/serving/v1/{service,revision}_validation.go, ../metadata_validation.go.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from tests.chart.webhook_rules.durations import go_seconds
from tests.chart.webhook_rules.fields import only
from tests.chart.webhook_rules.revision import pod
from tests.chart.webhook_rules.scaling import PREFIX, scaling_annotations

MAX_TIMEOUT_S = 600  # config-defaults: max-revision-timeout-seconds
MAX_CONCURRENCY = 1000  # config-defaults: container-concurrency-max-limit
_NAME = re.compile(r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?")  # DNS 1035 label: Services become hosts
_SERVICE_ANNOTATIONS = {
    "serving.knative.dev/rollout-duration": re.compile(r"\d+[smh]"),
    "networking.knative.dev/http-protocol": re.compile(r"(?i)enabled|redirected"),
    "networking.knative.dev/ingress.class": re.compile(r".+"),
    "networking.knative.dev/disable-external-domain-tls": re.compile(r"true|false"),
}
_QUEUE_RESOURCE = re.compile(
    r"queue\.sidecar\.serving\.knative\.dev/(cpu|memory|ephemeral-storage)-resource-(request|limit)"
)


def service(obj: dict[str, Any], features: frozenset[str]) -> Iterator[str]:
    """Yield the refusals of a Service."""
    metadata = obj["metadata"]
    if not _NAME.fullmatch(metadata["name"]):
        yield f"metadata.name: {metadata['name']!r} is no DNS 1035 label"
    yield from _metadata(metadata.get("annotations") or {})
    visibility = (metadata.get("labels") or {}).get("networking.knative.dev/visibility")
    if visibility not in {None, "cluster-local"}:
        yield f"networking.knative.dev/visibility: {visibility!r} is not allowed"
    template = obj["spec"]["template"]
    yield from only(obj["spec"], "template traffic", "spec")
    yield from _template_metadata(template.get("metadata") or {})
    yield from _limits(template["spec"])
    yield from pod(template["spec"], features)


def domain_mapping(obj: dict[str, Any], features: frozenset[str]) -> Iterator[str]:
    """Yield the refusals of a DomainMapping (serving:pkg/apis/serving/v1beta1)."""
    del features
    if "." not in obj["metadata"]["name"]:
        yield f"metadata.name: {obj['metadata']['name']!r} is no domain name"
    yield from only(obj["spec"], "ref tls", "spec")
    yield from (
        f"spec.ref.{name}: missing"
        for name in ("apiVersion", "kind", "name")
        if not (obj["spec"].get("ref") or {}).get(name)
    )


def _metadata(annotations: Mapping[str, str]) -> Iterator[str]:
    for name, value in annotations.items():
        if name.startswith(PREFIX):
            yield f"{name}: belongs under spec.template.metadata.annotations"
        elif name in _SERVICE_ANNOTATIONS:
            if not _SERVICE_ANNOTATIONS[name].fullmatch(value):
                yield f"{name}: {value!r} is not allowed"
        elif re.match(r"(serving|networking)\.knative\.dev/", name):
            yield f"{name}: no annotation of a Service"


def _template_metadata(metadata: Mapping[str, Any]) -> Iterator[str]:
    yield from only(metadata, "annotations labels", "spec.template.metadata")
    annotations = metadata.get("annotations") or {}
    if not all(isinstance(value, str) for value in annotations.values()):
        yield "spec.template.metadata.annotations: every value has to be a string"
        return
    yield from scaling_annotations(annotations)
    for name, value in annotations.items():
        if name == "serving.knative.dev/progress-deadline":
            seconds = go_seconds(value)
            if not seconds or seconds != int(seconds):
                yield f"{name}: {value!r} is no positive number of whole seconds"
        elif name.startswith("queue.sidecar.") and not _QUEUE_RESOURCE.fullmatch(name):
            yield f"{name}: no annotation of the queue proxy"
        elif name.startswith("features.knative.dev/") and name != (
            "features.knative.dev/http-full-duplex"
        ):
            yield f"{name}: no feature of a revision"


def _limits(spec: Mapping[str, Any]) -> Iterator[str]:
    concurrency = spec.get("containerConcurrency", 0)
    if not 0 <= concurrency <= MAX_CONCURRENCY:
        yield f"containerConcurrency: {concurrency} is not within 0 and {MAX_CONCURRENCY}"
    total = spec.get("timeoutSeconds", 300)
    for name in ("timeoutSeconds", "responseStartTimeoutSeconds", "idleTimeoutSeconds"):
        if not 0 <= spec.get(name, 0) <= MAX_TIMEOUT_S:
            yield f"{name}: {spec[name]} is not within 0 and {MAX_TIMEOUT_S}"
        elif spec.get(name, 0) > total:
            yield f"{name}: {spec[name]} is more than timeoutSeconds, {total}"
