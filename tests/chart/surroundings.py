"""What the values of a scenario say is in the cluster already, as objects for the rules to find."""

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from tests.chart.helm import CHART, NAMESPACE, Manifest

SCENARIOS = Path(__file__).resolve().parent / "scenarios"


def values_files() -> list[tuple[Path, ...]]:
    """Return the sets of values to render: none, each file, and the clouds' over production's."""
    chart_files = sorted(CHART.glob("values-*.yaml"))
    others = (CHART.parent / "knative" / "values.yaml", *sorted(SCENARIOS.glob("*.yaml")))
    production = CHART / "values-production.yaml"
    clouds = [(production, CHART / f"values-{cloud}.yaml") for cloud in ("eks", "gke")]
    return [(), *((path,) for path in (*chart_files, *others)), *clouds]


@cache
def effective_values(*files: Path) -> dict[str, Any]:
    """Return the chart's values with files merged over them, as Helm does; do not change them."""
    values: dict[str, Any] = {}
    for path in (CHART / "values.yaml", *files):
        text = path.read_text(encoding="utf-8")
        values = merged(values, yaml.load(text, Loader=yaml.CSafeLoader))
    return values


def merged(below: Any, above: Any) -> Any:
    """Return values with others merged over them, as Helm does."""
    if not (isinstance(below, dict) and isinstance(above, dict)):
        return above
    return {
        name: merged(below[name], above[name])
        if name in below and name in above
        else above.get(name, below.get(name))
        for name in {**below, **above}
    }


def surroundings(values: Mapping[str, Any]) -> Iterator[Manifest]:
    """Yield stand-ins for Secrets, account and Broker that the chart is told not to make."""
    secrets, store, database = values["secrets"], values["objectStore"], values["database"]
    if not values["externalSecrets"]["enabled"]:
        yield from _secret(secrets["existingSecret"], secrets["keys"].values())
        yield from _secret(store["existingSecret"], (store["accessKeyKey"], store["secretKeyKey"]))
        yield from _secret(database["existingSecret"], (database["key"],))
    yield from _secret(
        values["tracing"]["headers"]["existingSecret"], (values["tracing"]["headers"]["key"],)
    )
    for part in ("tests", "administrator"):
        yield from _secret(values[part]["existingSecret"], (values[part]["key"],))
    fluent_bit = values["logging"]["fluentBit"]
    account = fluent_bit["auth"]
    yield from _secret(account["existingSecret"], (account["userKey"], account["passwordKey"]))
    yield from _secret(fluent_bit["tls"]["caSecret"], ("ca.crt",))
    yield from _secret(values["trust"]["caSecret"], ("ca.crt",))
    if name := values["trust"]["caConfigMap"]:
        yield {**_stub("v1", "ConfigMap", name), "data": {"ca.crt": ""}}
    administrator = values["administrator"]
    yield from _secret(administrator["existingSecret"], (administrator["key"],))
    tests = values["tests"]
    yield from _secret(tests["existingSecret"], (tests["key"],))
    copy = values["backup"]["copy"]
    yield from _secret(copy["existingSecret"], (copy["accessKeyKey"], copy["secretKeyKey"]))
    if not values["serviceAccount"]["create"]:
        yield _stub("v1", "ServiceAccount", values["serviceAccount"]["name"] or "default")
    if not values["broker"]["create"]:
        yield _stub("eventing.knative.dev/v1", "Broker", values["broker"]["name"])


def _secret(name: str, keys: Any) -> Iterator[Manifest]:
    if name:
        yield {**_stub("v1", "Secret", name), "data": dict.fromkeys(keys, "")}


def _stub(api: str, kind: str, name: str) -> Manifest:
    return {"apiVersion": api, "kind": kind, "metadata": {"name": name, "namespace": NAMESPACE}}
