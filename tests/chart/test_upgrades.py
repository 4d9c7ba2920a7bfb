"""What the chart does where it is installed already: it looks, keeps, and refuses."""

import copy
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.chart.cluster import cluster
from tests.chart.helm import HelmRefused, Manifest, Rendering, render
from tests.chart.surroundings import SCENARIOS
from tests.chart.webhook_rules.eventing import BROKER_CLASS

pytestmark = pytest.mark.usefixtures("helm")


def upgrade(
    holding: Sequence[Manifest],
    folder: Path,
    *files: Path,
    values: Mapping[str, Any] | None = None,
) -> Rendering:
    """Return the chart rendered for a cluster in which some objects are already."""
    kinds = [*render().objects, *render(*files).objects]
    with cluster(kinds, holding, folder) as kubeconfig:
        return render(*files, values=values, kubeconfig=kubeconfig)


def secrets(rendering: Rendering) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield name and data of each Secret."""
    for secret in rendering.of_kind("Secret"):
        yield secret["metadata"]["name"], secret["data"]


def test_an_upgrade_keeps_every_secret_that_was_made(tmp_path: Path) -> None:
    installed = render()

    upgraded = upgrade(installed.of_kind("Secret"), tmp_path)

    assert dict(secrets(upgraded)) == dict(secrets(installed))
    assert len(dict(secrets(upgraded))) == 3


def test_other_settings_change_no_name_but_that_of_the_migration() -> None:
    def names(rendering: Rendering) -> set[tuple[str, str]]:
        return {(obj["kind"], obj["metadata"]["name"]) for obj in rendering.objects}

    other = render(values={"settings": {"logLevel": "DEBUG"}, "image": {"functions": {"tag": "2"}}})

    changed = names(render()) ^ names(other)
    assert {kind for kind, _ in changed} == {"Job"}, "a Job cannot be changed, only made anew"
    assert all(name.startswith("lectern-migrate-") for _, name in changed)


def test_a_secret_that_lacks_a_newer_key_gets_it_and_keeps_the_others(tmp_path: Path) -> None:
    old = copy.deepcopy(render().one("Secret", "lectern-secrets"))
    del old["data"]["web-secret"]

    upgraded = upgrade([old], tmp_path).one("Secret", "lectern-secrets")

    assert upgraded["data"].keys() == old["data"].keys() | {"web-secret"}
    assert upgraded["data"].items() >= old["data"].items()


def test_a_brokers_class_cannot_change_under_its_name(tmp_path: Path) -> None:
    there = render().one("Broker", "lectern")
    kafka = SCENARIOS / "kafka.yaml"

    with pytest.raises(HelmRefused, match="never changes a Broker's class"):
        upgrade([there], tmp_path, kafka, values={"broker": {"name": ""}})
    renamed = upgrade([there], tmp_path, kafka).one("Broker", "lectern-kafka")

    assert renamed["metadata"]["annotations"][BROKER_CLASS] == "Kafka"
    assert upgrade([there], tmp_path).one("Broker", "lectern")["spec"] == there["spec"]


def test_a_restore_that_is_done_has_to_be_turned_off(tmp_path: Path) -> None:
    restoring = SCENARIOS / "backup.yaml"
    (job,) = (
        job
        for job in render(restoring).of_kind("Job")
        if job["metadata"]["labels"]["app.kubernetes.io/component"] == "restore"
    )

    assert upgrade([job], tmp_path, restoring).one("Job", job["metadata"]["name"]) == job
    with pytest.raises(HelmRefused, match=r"restore\.enabled=false"):
        upgrade([{**job, "status": {"succeeded": 1}}], tmp_path, restoring)
