"""The pods that a set of objects would start."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

SERVERS = frozenset({"Deployment", "StatefulSet", "DaemonSet", "Service"})
"""Kinds whose pods serve until told to stop; "Service" is Knative's."""


@dataclass(frozen=True, slots=True)
class Pod:
    """A pod as its owner describes it; `labels` with those that the cluster adds by itself."""

    owner: str
    kind: str
    labels: Mapping[str, str]
    spec: Mapping[str, Any]

    @property
    def containers(self) -> list[dict[str, Any]]:
        """Every container, those that come first included."""
        return [*(self.spec.get("initContainers") or ()), *self.spec["containers"]]


def pods(objects: Sequence[dict[str, Any]]) -> Iterator[Pod]:
    """Yield the pods that `objects` start."""
    for obj in objects:
        kind, name, spec = obj["kind"], obj["metadata"]["name"], obj.get("spec") or {}
        if kind == "Pod":
            template = {"metadata": obj["metadata"], "spec": spec}
        elif kind in {"Deployment", "StatefulSet", "DaemonSet", "Job"} or is_knative_service(obj):
            template = spec["template"]
        elif kind == "CronJob":
            template = spec["jobTemplate"]["spec"]["template"]
        else:
            continue
        labels = dict((template.get("metadata") or {}).get("labels") or {})
        if is_knative_service(obj):
            labels["serving.knative.dev/service"] = name
        yield Pod(f"{kind}/{name}", kind, labels, template["spec"])


def is_knative_service(obj: Mapping[str, Any]) -> bool:
    """Return whether `obj` is a Service of Knative, not one of Kubernetes."""
    return obj["kind"] == "Service" and "serving.knative.dev/" in obj["apiVersion"]
