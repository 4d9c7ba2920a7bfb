"""Whatever the values, what is rendered would be admitted, run, and find what it refers to."""

from pathlib import Path

import pytest

from tests.chart import custom_shapes, kubernetes_shapes
from tests.chart.cluster_rules import RULES
from tests.chart.foreign_shapes import foreign_errors
from tests.chart.helm import Manifest, render
from tests.chart.surroundings import effective_values, surroundings, values_files
from tests.chart.webhook_rules import refusals
from tests.chart.webhook_rules.revision import POD_FLAGS

pytestmark = [
    pytest.mark.usefixtures("helm"),
    pytest.mark.parametrize(
        "files",
        values_files(),
        ids=lambda files: "+".join(path.stem for path in files) or "defaults",
    ),
]
Files = tuple[Path, ...]
LOG_READER = {  # may stand in a namespace of its own, reads files of the node, has no rights
    "DaemonSet/lectern-fluent-bit: runs as the namespace's default service account",
    "DaemonSet/lectern-fluent-bit: there is no account None",
    "DaemonSet/lectern-fluent-bit: volume of kind hostPath",
}


def is_knatives(obj: Manifest) -> bool:
    """Return whether `obj` is of a kind whose CRD is among Knative's own."""
    return "knative.dev/" in obj["apiVersion"] and obj["kind"] != "RabbitmqBrokerConfig"


def feature_flags(files: Files) -> frozenset[str]:
    """Return the flags of `config-features` that the values say are on."""
    flags = effective_values(*files)["featureFlags"]
    return frozenset(POD_FLAGS[field] for field, is_on in flags.items() if is_on)


@pytest.mark.parametrize("rule", RULES)
def test_a_cluster_could_run_it(files: Files, rule: str) -> None:
    there = list(surroundings(effective_values(*files))) if rule in {"data", "references"} else []
    objects: list[Manifest] = [*render(*files).objects, *there]

    assert [broken for broken in RULES[rule](objects) if broken not in LOG_READER] == []


def test_knatives_webhooks_would_take_it(files: Files) -> None:
    flags = feature_flags(files)

    refused = {
        f"{obj['kind']}/{obj['metadata']['name']}": refusals(obj, flags)
        for obj in render(*files).objects
    }

    assert {name: why for name, why in refused.items() if why} == {}


@pytest.mark.shared_data
@pytest.mark.skipif(
    not custom_shapes.CRDS.is_dir(), reason="Knative's CRDs are not beside the project"
)
def test_custom_objects_fit_their_definitions(files: Files) -> None:
    errors = {
        f"{obj['kind']}/{obj['metadata']['name']}": custom_shapes.schema_errors(obj)
        for obj in render(*files).objects
        if custom_shapes.has_schema(obj)
    }

    assert {name: why for name, why in errors.items() if why} == {}


@pytest.mark.skipif(not kubernetes_shapes.have_shapes(), reason="lightkube-models is not installed")
def test_kubernetes_own_objects_have_only_fields_that_exist(files: Files) -> None:
    errors = {
        f"{obj['kind']}/{obj['metadata']['name']}": kubernetes_shapes.shape_errors(obj)
        for obj in render(*files).objects
        if kubernetes_shapes.is_kubernetes_kind(obj)
    }

    assert {name: why for name, why in errors.items() if why} == {}


def test_kinds_of_other_operators_have_only_fields_that_exist(files: Files) -> None:
    foreign = (
        obj
        for obj in render(*files).objects
        if not kubernetes_shapes.is_kubernetes_kind(obj) and not is_knatives(obj)
    )

    assert [error for obj in foreign for error in foreign_errors(obj)] == []
