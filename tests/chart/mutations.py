"""Worlds in which every value of the chart means something, and values changed one at a time."""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path as FilePath
from typing import Any

from jsonschema import Draft202012Validator

from tests.chart.helm import CHART, rendered_text
from tests.chart.surroundings import effective_values, merged

Path = tuple[str, ...]
_SCHEMA = json.loads((CHART / "values.schema.json").read_text(encoding="utf-8"))

_EVERYWHERE: Mapping[str, Any] = {  # what stands in no other's way
    "functions": {"bare": {}},
    "monitoring": {
        "serviceMonitor": {"enabled": True},
        "podMonitor": {"enabled": True},
        "prometheusRule": {"enabled": True, "runbookUrl": "https://example.org/alerts"},
        "grafanaDashboard": {"enabled": True},
    },
    "networkPolicy": {
        "enabled": True,
        "monitoring": {"namespace": "monitoring"},
        "identity": {"to": [{"ipBlock": {"cidr": "169.254.169.254/32"}}]},
        "tools": {"enabled": True},
    },
    "tracing": {"endpoint": "http://collector:4318", "headers": {"existingSecret": "collector"}},
    "backup": {"copy": {"url": "s3://copies/lectern", "existingSecret": "copies"}},
    "restore": {"enabled": True, "name": "20261122T024300.000Z"},
    "administrator": {"name": "ada", "existingSecret": "first-password"},
    "migration": {"to": "0005"},
    "tests": {"existingSecret": "test-key"},
    "logging": {
        "fluentBit": {
            "enabled": True,
            "host": "opensearch.logs",
            "auth": {"existingSecret": "account"},
            "tls": {"caSecret": "authority"},
        }
    },
    "settings": {
        "doclingUrl": "http://docling:5001",
        "doclingTimeoutS": 100,
        "embeddingUrl": "https://models.example.org",
        "embeddingModel": "embedder",
        "chatModel": "writer",
        "rerankModel": "ranker",
        "oidcClientId": "lectern",
    },
    "objectStore": {"existingSecret": "objects"},
    "web": {"autoscaling": {"enabled": True}},
}
FLAGS = (
    "affinity",
    "nodeSelector",
    "priorityClassName",
    "runtimeClassName",
    "tolerations",
    "topologySpreadConstraints",
)
_WORLDS: tuple[Mapping[str, Any], ...] = (
    {
        "ingress": {"enabled": True, "host": "lectern.example.org"},
        "broker": {"config": {"channel": {"apiVersion": "v1", "kind": "Channel"}}},
    },
    {
        "objectStore": {"url": "s3://documents", "bundled": {"enabled": False}},
        "database": {"existingSecret": "postgres", "bundled": {"enabled": False}},
        "broker": {
            "class": "Kafka",
            "config": {"kafka": {"bootstrapServers": "kafka:9092", "authSecret": "kafka"}},
        },
        "httpRoute": {
            "enabled": True,
            "host": "lectern.example.org",
            "parentRefs": [{"name": "public"}],
            "api": {"enabled": True},
        },
        "secrets": {"existingSecret": "own", "providerSecret": "provider"},
        "web": {"autoscaling": {"enabled": False}, "replicas": 3},
        "tests": {"existingSecret": ""},
        "logging": {"fluentBit": {"output": "loki"}},
    },
    {
        "web": {"kind": "KnativeService"},
        "broker": {"class": "RabbitMQBroker", "config": {"rabbitmq": {"cluster": "rabbits"}}},
        "database": {"cloudNativePG": {"enabled": True}, "bundled": {"enabled": False}},
        "domainMapping": {
            "enabled": True,
            "host": "{function}.example.org",
            "webHost": "lectern.example.org",
        },
        "objectStore": {"existingSecret": ""},
    },
    {
        "externalSecrets": {
            "enabled": True,
            "storeRef": {"name": "vault"},
            "remoteKeys": {"own": "lectern/own"},
        },
        "secrets": {"existingSecret": "own", "providerSecret": "provider"},
        "objectStore": {"url": "s3://documents", "bundled": {"enabled": False}},
        "database": {"existingSecret": "postgres", "bundled": {"enabled": False}},
        "trust": {"caSecret": "trusted"},
        "broker": {
            "class": "Kafka",
            "config": {
                "kafka": {"authSecret": "kafka"},
                "rabbitmq": {"connectionSecret": "rabbits"},
                "existing": {"apiVersion": "v1", "kind": "ConfigMap", "name": "theirs"},
            },
        },
        "featureFlags": dict.fromkeys(FLAGS, True),
        "scheduling": {
            "nodeSelector": {"pool": "documents"},
            "tolerations": [{"operator": "Exists"}],
            "affinity": {"nodeAffinity": {}},
            "priorityClassName": "documents",
            "topologySpreadConstraints": [{"maxSkew": 1}],
            "runtimeClassName": "gvisor",
        },
    },
)
_CANDIDATES: tuple[Any, ...] = (
    "changed",
    "catalog",
    "700s",
    "7s",
    "PT700S",
    "1 2 3 4 5",
    "7Gi",
    "7",
    "s3://changed",
    "https://changed.example.org",
    "{function}.changed.example.org",
    f"sha256:{'1' * 64}",
    "linear",
    7,
    700,
    {"changed": "value"},
    {"requests": {"cpu": "7m"}},
    {"to": "changed"},
    {"apiVersion": "v1", "kind": "ConfigMap", "name": "changed"},
    [{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "changed"}}],
    ["changed"],
    ["catalog"],
    ["chatKey"],
    ["dev.lectern.part.parsed.v1"],
    [{"name": "changed"}],
    [{"ipBlock": {"cidr": "10.9.0.0/16"}}],
    [{"changed": "value"}],
    ["10.9.0.0/16"],
    [7777],
)


@cache
def worlds() -> tuple[dict[str, Any], ...]:
    """Return values under which, one or the other, everything in the chart is on."""
    return tuple(merged(_EVERYWHERE, own) for own in _WORLDS)


def changed(path: Path, world: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield a world's values with another value at `path`, each one that the schema takes."""
    now = at(merged(effective_values(), world), path)
    validator = _validator(path)
    for candidate in _others(now, validator):
        if candidate != now and validator.is_valid(candidate):
            yield _with(world, path, candidate)


def at(values: Any, path: Path) -> Any:
    """Return the value at `path`."""
    for key in path:
        values = values[key]
    return values


def _others(now: Any, validator: Draft202012Validator) -> Iterator[Any]:
    if isinstance(now, bool):
        yield not now
    elif isinstance(now, int | float):
        yield from (now + 1, now - 1, now / 2)
    elif isinstance(now, dict) and now:
        yield from ({**now, "changed": other} for other in ("value", {}))
        for key in now:
            yield from ({**now, key: other} for other in _others(now[key], validator))
    else:
        for error in validator.iter_errors("no such value anywhere"):
            yield from error.validator_value if error.validator == "enum" else ()
        yield from _CANDIDATES


def _validator(path: Path) -> Draft202012Validator:
    """Return what the schema says of the value at `path` alone."""
    node = _SCHEMA
    for key in path:
        properties = node.get("properties", {})
        node = properties[key] if key in properties else node["additionalProperties"]
        while "$ref" in node:
            node = _SCHEMA["$defs"][node["$ref"].rpartition("/")[2]]
    return Draft202012Validator({**node, "$defs": _SCHEMA["$defs"]})


def _with(values: Mapping[str, Any], path: Path, value: Any) -> dict[str, Any]:
    """Return the values with another one at `path`; what does not lie on it is shared."""
    key, *rest = path
    inside = _with(values.get(key, {}), tuple(rest), value) if rest else value
    return {**values, key: inside}


def shown(values: Mapping[str, Any], chart: FilePath = CHART) -> str:
    """Return what is rendered, without Secrets, which are random where there is no cluster.

    Raises:
        HelmRefused: See `render`.
    """
    documents = rendered_text(values, chart).split("\n---\n")
    return "\n---\n".join(each for each in documents if "\nkind: Secret\n" not in f"\n{each}")


@cache
def before(number: int) -> str:
    """Return what a world looks like with nothing changed."""
    return shown(worlds()[number])
