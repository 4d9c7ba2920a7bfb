"""What a container needs so that a cluster can run it for years."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tests.chart.cluster_rules.pods import SERVERS, Pod, pods


def running(objects: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Yield containers without requests, a memory limit, probes, or a pinned image."""
    for pod in pods(objects):
        for container in pod.containers:
            where = f"{pod.owner}/{container['name']}"
            yield from _resources(where, container.get("resources") or {})
            yield from _image(where, container.get("image") or "")
            if pod.kind in SERVERS and container in pod.spec["containers"]:
                yield from (
                    f"{where}: no {probe}"
                    for probe in ("readinessProbe", "livenessProbe")
                    if probe not in container
                )
            yield from _environment(where, container)
        yield from _job(pod)


def _resources(where: str, resources: Mapping[str, Any]) -> Iterator[str]:
    requests, limits = resources.get("requests") or {}, resources.get("limits") or {}
    yield from (f"{where}: no request of {name}" for name in {"cpu", "memory"} - requests.keys())
    if "memory" not in limits:
        yield f"{where}: no limit of memory"


def _image(where: str, image: str) -> Iterator[str]:
    name, _, tag = image.rpartition("/")[2].partition(":")
    if not name or ("@" not in image and tag in {"", "latest"}):
        yield f"{where}: image {image!r} is not pinned"


def _environment(where: str, container: Mapping[str, Any]) -> Iterator[str]:
    variables = container.get("env") or ()
    names = [variable["name"] for variable in variables]
    yield from (f"{where}: {name} twice" for name in {n for n in names if names.count(n) > 1})
    for variable in variables:
        if "value" in variable and not isinstance(variable["value"], str):
            yield f"{where}: {variable['name']} is no string"


def _job(pod: Pod) -> Iterator[str]:
    if pod.kind in {"Job", "CronJob"} and pod.spec.get("restartPolicy") not in {
        "Never",
        "OnFailure",
    }:
        yield f"{pod.owner}: restartPolicy"
