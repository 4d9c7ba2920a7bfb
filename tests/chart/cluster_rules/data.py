"""Secrets and ConfigMaps that pods need: they are there, and have the keys.

A Secret that the user names in values is not rendered; a scenario says which are there already
(`tests.chart.scenarios`), and they are put among the objects before the rules see them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.chart.cluster_rules.pods import Pod, pods

_CLOUD_NATIVE_PG_KEYS = frozenset(  # of the Secret `<cluster>-app` that its operator makes
    {"dbname", "fqdn-jdbc-uri", "fqdn-uri", "host", "jdbc-uri", "password", "pgpass", "port"}
    | {"uri", "user", "username"}
)


@dataclass(frozen=True, slots=True)
class Needed:
    """What a pod reads: `key` of the Secret or ConfigMap `name`; "" for the whole of it."""

    kind: str
    name: str
    key: str


def data(objects: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Yield what pods need and would not find."""
    held = dict(_held(objects))
    for pod in pods(objects):
        for need in _needed(pod):
            if (need.kind, need.name) not in held:
                yield f"{pod.owner}: there is no {need.kind} {need.name!r}"
            elif need.key and need.key not in held[need.kind, need.name]:
                yield f"{pod.owner}: {need.kind} {need.name!r} has no key {need.key!r}"


def _held(objects: Sequence[dict[str, Any]]) -> Iterator[tuple[tuple[str, str], frozenset[str]]]:
    for obj in objects:
        kind, name, spec = obj["kind"], obj["metadata"]["name"], obj.get("spec") or {}
        if kind in {"Secret", "ConfigMap"}:
            content = {**(obj.get("data") or {}), **(obj.get("stringData") or {})}
            yield (kind, name), frozenset(content)
        elif kind == "ExternalSecret":
            keys = frozenset(each["secretKey"] for each in spec.get("data") or ())
            yield ("Secret", (spec.get("target") or {}).get("name", name)), keys
        elif kind == "Cluster":
            yield ("Secret", f"{name}-app"), _CLOUD_NATIVE_PG_KEYS


def _needed(pod: Pod) -> Iterator[Needed]:
    for container in pod.containers:
        for variable in container.get("env") or ():
            source = variable.get("valueFrom") or {}
            yield from _by_key("Secret", source.get("secretKeyRef"))
            yield from _by_key("ConfigMap", source.get("configMapKeyRef"))
        for source in container.get("envFrom") or ():
            yield from _by_key("Secret", source.get("secretRef"))
            yield from _by_key("ConfigMap", source.get("configMapRef"))
    for volume in pod.spec.get("volumes") or ():
        for source in (volume, *((volume.get("projected") or {}).get("sources") or ())):
            yield from _by_items("Secret", source.get("secret"))
            yield from _by_items("ConfigMap", source.get("configMap"))


def _by_key(kind: str, source: Mapping[str, Any] | None) -> Iterator[Needed]:
    if source and not source.get("optional"):
        yield Needed(kind, source["name"], source.get("key", ""))


def _by_items(kind: str, source: Mapping[str, Any] | None) -> Iterator[Needed]:
    if source and not source.get("optional"):
        name = source.get("secretName") or source["name"]
        for item in source.get("items") or [{"key": ""}]:
            yield Needed(kind, name, item["key"])
