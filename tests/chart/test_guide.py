"""Objects and labels that the operations guide tells people to look at are those of the chart."""

import re

import pytest

from tests.chart.helm import CHART, RELEASE, Rendering, render

pytestmark = pytest.mark.usefixtures("helm")
GUIDE = "\n".join(
    path.read_text(encoding="utf-8")
    for path in sorted((CHART.parent / "docs" / "operations").glob("*.md"))
)
_KINDS = {
    "broker": "Broker",
    "configmap": "ConfigMap",
    "cronjob": "CronJob",
    "deployment": "Deployment",
    "ksvc": "Service",
    "pingsource": "PingSource",
    "service": "Service",
    "statefulset": "StatefulSet",
}
_NAMED = re.compile(rf"\b({'|'.join(_KINDS)})[/\s]({RELEASE}(?:-[a-z]+)*)\b(?!-)")
_COMPONENT = re.compile(r"app\.kubernetes\.io/component=([a-z-]+)")
_SERVICE = re.compile(r"serving\.knative\.dev/service=([a-z-]+)")
_RESTORING = {"restore": {"enabled": True, "from": "s3://elsewhere/lectern"}}


def renderings() -> list[Rendering]:
    """Return the chart as a trial, in production, and while it restores."""
    production = CHART / "values-production.yaml"
    return [render(), render(production), render(production, values=_RESTORING)]


def test_objects_that_are_named_exist() -> None:
    there = {
        (obj["kind"], obj["metadata"]["name"]) for each in renderings() for obj in each.objects
    }
    named = {(_KINDS[kind], name) for kind, name in _NAMED.findall(GUIDE)}

    assert len(named) >= 5
    assert named - there == set()


def test_every_function_and_always_running_object_is_on_the_map() -> None:
    page = (CHART.parent / "docs" / "operations" / "README.md").read_text(encoding="utf-8")

    for obj in render().of_kind("Service", "StatefulSet", "Deployment", "Broker"):
        assert f"`{obj['metadata']['name']}`" in page, obj["metadata"]["name"]


def test_labels_that_are_selected_by_exist() -> None:
    objects = [obj for each in renderings() for obj in each.objects]
    components = {obj["metadata"]["labels"]["app.kubernetes.io/component"] for obj in objects}
    names = {obj["metadata"]["name"] for obj in objects if obj["kind"] == "Service"}

    assert set(_COMPONENT.findall(GUIDE)) <= components
    assert set(_SERVICE.findall(GUIDE)) <= names


@pytest.mark.parametrize("kind", ["Trigger", "PingSource", "DomainMapping"])
def test_what_is_stopped_by_its_label_has_that_label(kind: str) -> None:
    found = render(CHART / "values-production.yaml").of_kind(kind)

    assert found
    for obj in found:
        assert obj["metadata"]["labels"]["app.kubernetes.io/instance"] == RELEASE


@pytest.mark.parametrize("cloud", [None, "eks", "gke"])
def test_the_values_that_the_guide_shows_for_production_render(
    cloud: str | None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    block = re.search(r"```yaml\n(# mine\.yaml\n.*?)```", GUIDE, re.DOTALL)
    assert block is not None
    mine = tmp_path_factory.mktemp("guide") / "mine.yaml"
    mine.write_text(block[1], encoding="utf-8")
    clouds = [CHART / f"values-{cloud}.yaml"] if cloud else []

    rendering = render(CHART / "values-production.yaml", *clouds, mine)

    assert rendering.of_kind("Ingress")
