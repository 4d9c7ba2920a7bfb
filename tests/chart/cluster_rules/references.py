"""What an object refers to is there."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from tests.chart.cluster_rules.pods import is_knative_service, pods

_Reference = tuple[str, str]
"""Kind and name."""


def references(objects: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Yield references to accounts, claims, Brokers, Services and their ports that lead nowhere."""
    known = {(obj["kind"], obj["metadata"]["name"]) for obj in objects}
    for pod in pods(objects):
        if ("ServiceAccount", pod.spec.get("serviceAccountName")) not in known:
            yield f"{pod.owner}: there is no account {pod.spec.get('serviceAccountName')!r}"
        for volume in pod.spec.get("volumes") or ():
            claim = (volume.get("persistentVolumeClaim") or {}).get("claimName")
            if claim and ("PersistentVolumeClaim", claim) not in known:
                yield f"{pod.owner}: there is no claim {claim!r}"
    for obj in objects:
        where = f"{obj['kind']}/{obj['metadata']['name']}"
        for kind, name in _REFERENCES.get(obj["kind"], _none)(obj.get("spec") or {}):
            if (kind, name) not in known:
                yield f"{where}: there is no {kind} {name!r}"
        yield from _backend_ports(where, obj, objects)


def _none(spec: Mapping[str, Any]) -> Iterator[_Reference]:
    del spec
    yield from ()


def _destination(given: Mapping[str, Any] | None) -> Iterator[_Reference]:
    if given and "ref" in given:
        yield given["ref"]["kind"], given["ref"]["name"]


def _trigger(spec: Mapping[str, Any]) -> Iterator[_Reference]:
    yield "Broker", spec["broker"]
    yield from _destination(spec["subscriber"])
    yield from _destination((spec.get("delivery") or {}).get("deadLetterSink"))


def _broker(spec: Mapping[str, Any]) -> Iterator[_Reference]:
    yield from _destination((spec.get("delivery") or {}).get("deadLetterSink"))
    config = spec.get("config")
    if config and config["kind"] == "ConfigMap":
        yield "ConfigMap", config["name"]


def _source(spec: Mapping[str, Any]) -> Iterator[_Reference]:
    yield from _destination(spec["sink"])
    subject = spec.get("subject") or {}
    if "name" in subject:
        yield subject["kind"], subject["name"]


def _target(spec: Mapping[str, Any]) -> Iterator[_Reference]:
    target = spec.get("ref") or spec["scaleTargetRef"]
    yield target["kind"], target["name"]


def _ingress(spec: Mapping[str, Any]) -> Iterator[_Reference]:
    yield from (("Service", name) for name, _ in _ingress_backends(spec))


def _route(spec: Mapping[str, Any]) -> Iterator[_Reference]:
    yield from (("Service", name) for name, _ in _route_backends(spec))


_REFERENCES: Mapping[str, Callable[[Mapping[str, Any]], Iterator[_Reference]]] = {
    "Trigger": _trigger,
    "Broker": _broker,
    "PingSource": _source,
    "SinkBinding": _source,
    "DomainMapping": _target,
    "HorizontalPodAutoscaler": _target,
    "StatefulSet": lambda spec: iter([("Service", spec["serviceName"])]),
    "Ingress": _ingress,
    "HTTPRoute": _route,
}


def _ingress_backends(spec: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for rule in spec.get("rules") or ():
        for path in rule["http"]["paths"]:
            backend = path["backend"]["service"]
            yield backend["name"], next(iter(backend["port"].values()))


def _route_backends(spec: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for rule in spec.get("rules") or ():
        for backend in rule.get("backendRefs") or ():
            if "namespace" not in backend:
                yield backend["name"], backend["port"]


def _backend_ports(
    where: str, obj: Mapping[str, Any], objects: Sequence[dict[str, Any]]
) -> Iterator[str]:
    reader = {"Ingress": _ingress_backends, "HTTPRoute": _route_backends}.get(obj["kind"])
    if reader is None:
        return
    ports = {
        each["metadata"]["name"]: {
            identity
            for port in each["spec"].get("ports") or ()
            for identity in (port["port"], port.get("name"))
        }
        for each in objects
        if each["kind"] == "Service" and not is_knative_service(each)
    }
    for name, port in reader(obj["spec"]):
        if name in ports and port not in ports[name]:
            yield f"{where}: Service {name!r} has no port {port!r}"
