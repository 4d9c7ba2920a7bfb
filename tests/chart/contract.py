"""What Kubernetes and Knative never change about an object, and what programs hold on to.

An upgrade that renders it otherwise fails half-way, or leaves data behind. `contract.yaml` keeps it
as it was installed first; after a change that is meant and documented, write it anew:

    python -m tests.chart.contract
"""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from tests.chart.helm import Manifest, Rendering, render
from tests.chart.surroundings import SCENARIOS

KEPT = Path(__file__).resolve().parent / "contract.yaml"
RENDERED = {
    "trial": None,
    "kafka": "kafka",
    "rabbitmq": "rabbitmq",
    "cloudnative-pg": "cloudnative-pg",
    "web-knative": "web-knative",
    "fluent-bit": "fluent-bit",
}


def held() -> dict[str, dict[str, Any]]:
    """Return the contract of this chart: scenario -> `Kind/name` -> what is never changed."""
    return {
        name: dict(sorted(_held(render(*([SCENARIOS / f"{file}.yaml"] if file else [])))))
        for name, file in RENDERED.items()
    }


def _held(rendering: Rendering) -> Iterator[tuple[str, Any]]:
    for obj in rendering.objects:
        kind, name = obj["kind"], obj["metadata"]["name"]
        if kind not in {"Job", "NetworkPolicy", "Pod", "ConfigMap", "PrometheusRule"}:
            yield f"{kind}/{name}", _fixed(obj)


def _fixed(obj: Manifest) -> Any:
    return _FIXED.get(obj["kind"], lambda _obj, _spec: {})(obj, obj.get("spec") or {})


def _of_stateful_set(_obj: Manifest, spec: Any) -> Any:
    claims = spec.get("volumeClaimTemplates", [])
    return {
        "selector": spec["selector"],
        "serviceName": spec["serviceName"],
        "volumeClaimTemplates": claims,
        "mounts": _mounts(spec, {claim["metadata"]["name"] for claim in claims}),
    }


def _of_broker(obj: Manifest, spec: Any) -> Any:
    broker_class = obj["metadata"]["annotations"]["eventing.knative.dev/broker.class"]
    return {"class": broker_class, "config": spec.get("config")}


def _mounts(spec: Any, names: set[str]) -> list[str]:
    """Return where volumes that last are in the container, and where data lie in them."""
    (container,) = spec["template"]["spec"]["containers"]
    places = [each["mountPath"] for each in container["volumeMounts"] if each["name"] in names]
    folders = [each["value"] for each in container["env"] if each["name"] == "PGDATA"]
    return [*places, *folders, *(each for each in container["args"] if "-dir=" in each)]


_FIXED: Mapping[str, Callable[[Manifest, Any], Any]] = {
    "Broker": _of_broker,
    "Cluster": lambda _, spec: {"bootstrap": spec["bootstrap"]},
    "DaemonSet": lambda _, spec: {"selector": spec["selector"]},
    "Deployment": lambda _, spec: {"selector": spec["selector"]},
    "Secret": lambda obj, _: {"type": obj["type"], "keys": sorted(obj["data"])},
    "Service": lambda obj, spec: {"api": obj["apiVersion"], "ports": spec.get("ports", [])},
    "StatefulSet": _of_stateful_set,
    "Trigger": lambda _, spec: {
        "broker": spec["broker"],
        "type": spec["filter"]["attributes"]["type"],
    },
}

if __name__ == "__main__":
    KEPT.write_text(yaml.safe_dump(held(), sort_keys=True), encoding="utf-8")
