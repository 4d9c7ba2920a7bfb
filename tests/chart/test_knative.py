"""knative/: the plain manifests are the chart's, and what stands around it fits the chart."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from functions.intake.keys import read_key
from tests.chart.custom_shapes import CRDS, has_schema, schema_errors
from tests.chart.helm import CHART, load_all, render
from tests.chart.webhook_rules import refusals

KNATIVE = CHART.parent / "knative"
OPERATOR = sorted([*KNATIVE.glob("operator/*.yaml"), KNATIVE / "local" / "knative.yaml"])
STORES = sorted(KNATIVE.glob("object-stores/*.yaml"))
NOTIFICATIONS = sorted(KNATIVE.glob("object-stores/*-notifications.json"))
CONFIG_MAPS = {  # of Knative Serving and Eventing, without the prefix `config-`
    "KnativeServing": {
        "autoscaler", "defaults", "deployment", "domain", "features", "gc", "network",
        "observability",
    },
    "KnativeEventing": {"br-defaults", "features", "observability"},
}  # fmt: skip


@pytest.mark.usefixtures("helm")
def test_the_plain_manifests_are_those_of_the_chart() -> None:
    from knative.render import main

    assert main(["--check"]) == 0, "run `python -m knative.render`"


def test_the_plain_manifests_hold_no_secret_and_nothing_of_helm() -> None:
    for path in sorted(KNATIVE.glob("rendered/*.yaml")):
        text = path.read_text(encoding="utf-8")

        assert all(obj["kind"] != "Secret" for obj in load_all(text)), path.name
        assert "helm.sh/" not in text, path.name


def test_the_plain_manifests_are_complete() -> None:
    (listing,) = load_all((KNATIVE / "rendered" / "kustomization.yaml").read_text())
    files = {path.name for path in KNATIVE.glob("rendered/*.yaml")} - {"kustomization.yaml"}

    assert set(listing["resources"]) == files


@pytest.mark.parametrize("path", OPERATOR, ids=lambda path: path.stem)
def test_operator_resources_set_what_there_is(path: Path) -> None:
    resources = [obj for obj in load_all(path.read_text()) if obj["kind"] != "Namespace"]

    for resource in resources:
        config = resource["spec"].get("config", {})
        assert resource["apiVersion"] == "operator.knative.dev/v1beta1"
        assert resource["spec"]["version"] == "1.23.0"
        assert config.keys() <= CONFIG_MAPS[resource["kind"]]
        for settings in config.values():
            assert all(isinstance(value, str) for value in settings.values())


@pytest.mark.parametrize("path", OPERATOR, ids=lambda path: path.stem)
def test_no_feature_flag_is_turned_on_for_lectern(path: Path) -> None:
    for resource in load_all(path.read_text()):
        assert "features" not in resource.get("spec", {}).get("config", {})


@pytest.mark.usefixtures("helm")
@pytest.mark.parametrize("path", STORES, ids=lambda path: path.stem)
def test_sources_send_to_intake_and_are_taken(path: Path) -> None:
    (source,) = load_all(path.read_text())
    sink = source["spec"]["sink"]["ref"]

    assert refusals(source) == []
    assert render().one(sink["kind"], sink["name"])["apiVersion"] == sink["apiVersion"]
    assert sink["name"] == "lectern-intake"


@pytest.mark.shared_data
@pytest.mark.skipif(not CRDS.is_dir(), reason="Knative's CRDs are not beside the project")
@pytest.mark.parametrize("path", STORES, ids=lambda path: path.stem)
def test_sources_fit_their_definitions(path: Path) -> None:
    (source,) = load_all(path.read_text())

    assert has_schema(source)
    assert schema_errors(source) == []


@pytest.mark.parametrize("path", NOTIFICATIONS, ids=lambda path: path.stem)
def test_buckets_announce_what_intake_takes_and_nothing_else(path: Path) -> None:
    (configurations,) = json.loads(path.read_text(encoding="utf-8")).values()
    prefixes = [_prefix(configuration) for configuration in configurations]

    assert sorted(prefixes) == ["inbox/", "uploads/"]
    assert read_key("inbox/house/note.txt", "") is not None
    assert read_key("uploads/c1/d1/1/note.txt", "") is not None
    assert read_key("index/c1/chunks.lance/data/1.lance", "") is None


def _prefix(configuration: dict[str, Any]) -> str:
    assert configuration["Events"] == ["s3:ObjectCreated:*"]
    (rule,) = configuration["Filter"]["Key"]["FilterRules"]
    assert rule["Name"] == "prefix"
    return str(rule["Value"])


@pytest.mark.usefixtures("helm")
def test_a_message_is_not_given_out_again_while_intake_works_on_it() -> None:
    source = yaml.safe_load((KNATIVE / "object-stores" / "aws-sqs-source.yaml").read_text())
    queue = json.loads((KNATIVE / "object-stores" / "aws-queue.json").read_text())
    intake = render().one("Service", "lectern-intake")
    longest = intake["spec"]["template"]["spec"]["timeoutSeconds"]

    assert source["spec"]["aws"]["sqs"]["visibilityTimeout"] > longest
    assert int(queue["VisibilityTimeout"]) > longest
