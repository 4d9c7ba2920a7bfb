"""Selectors select something, and their own pods."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tests.chart.cluster_rules.pods import is_knative_service, pods

_SELECTOR_FIELDS = {  # kind -> where its selector of pods stands
    "PodDisruptionBudget": "selector",
    "PodMonitor": "selector",
    "NetworkPolicy": "podSelector",
}


def selectors(objects: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Yield selectors of pods and Services that would find nothing, or pods of others."""
    pod_labels = [pod.labels for pod in pods(objects)]
    services = [obj for obj in objects if obj["kind"] == "Service" and not is_knative_service(obj)]
    for obj in objects:
        kind, where = obj["kind"], f"{obj['kind']}/{obj['metadata']['name']}"
        if kind in {"Deployment", "StatefulSet", "DaemonSet"}:
            yield from _owner(where, obj["spec"], pod_labels)
        elif kind in _SELECTOR_FIELDS:
            selector = obj["spec"][_SELECTOR_FIELDS[kind]]
            if not any(matches(selector, labels) for labels in pod_labels):
                yield f"{where}: selects no pod"
        elif kind == "ServiceMonitor":
            found = (each["metadata"].get("labels") or {} for each in services)
            if not any(matches(obj["spec"]["selector"], labels) for labels in found):
                yield f"{where}: selects no Service"
    for service in services:
        yield from _service(service, objects)


def matches(selector: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    """Return whether a label selector selects `labels`; the empty one selects everything."""
    wanted = selector.get("matchLabels") or {}
    return all(labels.get(name) == value for name, value in wanted.items()) and all(
        _holds(expression, labels) for expression in selector.get("matchExpressions") or ()
    )


def _holds(expression: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    value, values = labels.get(expression["key"]), expression.get("values") or []
    return {
        "Exists": value is not None,
        "DoesNotExist": value is None,
        "In": value in values,
        "NotIn": value not in values,
    }[expression["operator"]]


def _owner(
    where: str, spec: Mapping[str, Any], pod_labels: Sequence[Mapping[str, str]]
) -> Iterator[str]:
    if not matches(spec["selector"], spec["template"]["metadata"]["labels"]):
        yield f"{where}: its selector does not match its pods"
    if sum(matches(spec["selector"], labels) for labels in pod_labels) != 1:
        yield f"{where}: its selector also matches other pods"


def _service(service: Mapping[str, Any], objects: Sequence[dict[str, Any]]) -> Iterator[str]:
    where, spec = f"Service/{service['metadata']['name']}", service["spec"]
    if not spec.get("selector"):
        return
    selected = [
        pod for pod in pods(objects) if matches({"matchLabels": spec["selector"]}, pod.labels)
    ]
    if len({pod.owner for pod in selected}) != 1:
        yield f"{where}: selects the pods of {sorted(pod.owner for pod in selected)}"
    containers = [container for pod in selected for container in pod.containers]
    offered = [port for container in containers for port in container.get("ports") or ()]
    identities = {each for port in offered for each in (port["containerPort"], port.get("name"))}
    for port in spec["ports"]:
        if port.get("targetPort", port["port"]) not in identities:
            yield f"{where}: no container has port {port.get('targetPort', port['port'])!r}"
