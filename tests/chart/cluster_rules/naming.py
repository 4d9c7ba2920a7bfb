"""Names, namespaces and labels."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from tests.chart.helm import NAMESPACE, RELEASE

ELSEWHERE = frozenset({"ClusterDomainClaim", "ReferenceGrant"})
"""Kinds without a namespace, or that belong into the namespace of somebody else."""

_LABELS = {
    "app.kubernetes.io/instance": RELEASE,
    "app.kubernetes.io/managed-by": "Helm",
    "app.kubernetes.io/name": "lectern",
}
_LABEL_VALUE = re.compile(r"([A-Za-z0-9]([-\w.]{0,61}[A-Za-z0-9])?)?")
_DNS_NAME = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")


def naming(objects: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Yield objects with a repeated or invalid name, without namespace or labels."""
    names = Counter(
        (obj["apiVersion"].partition("/")[0], obj["kind"], obj["metadata"]["name"])
        for obj in objects
    )
    yield from (
        f"{kind}/{name}: {count} times" for (_, kind, name), count in names.items() if count > 1
    )
    for obj in objects:
        metadata = obj["metadata"]
        where = f"{obj['kind']}/{metadata['name']}"
        if not _DNS_NAME.fullmatch(metadata["name"]) or len(metadata["name"]) > 63:
            yield f"{where}: no DNS name of at most 63 characters"
        if obj["kind"] not in ELSEWHERE and metadata.get("namespace") != NAMESPACE:
            yield f"{where}: not in the release's namespace"
        labels = metadata.get("labels") or {}
        for name, value in _LABELS.items():
            if labels.get(name) != value:
                yield f"{where}: label {name} is {labels.get(name)!r}"
        for name, value in labels.items():
            if not isinstance(value, str) or not _LABEL_VALUE.fullmatch(value):
                yield f"{where}: label {name} has the value {value!r}"
