"""Jobs that wait, retry, and keep their logs."""

import pytest

from tests.chart.helm import Manifest, render
from tests.chart.surroundings import SCENARIOS

pytestmark = pytest.mark.usefixtures("helm")


def job(component: str) -> Manifest:
    """Return the Job of a component while a backup is being restored."""
    (found,) = (
        each
        for each in render(SCENARIOS / "backup.yaml").of_kind("Job")
        if each["metadata"]["labels"]["app.kubernetes.io/component"] == component
    )
    return found


def test_a_restore_is_tried_once_waits_for_the_database_and_keeps_its_log() -> None:
    spec = job("restore")["spec"]
    pod = spec["template"]["spec"]
    arguments = pod["containers"][0]["args"]

    assert (spec["backoffLimit"], pod["restartPolicy"]) == (0, "Never")
    assert arguments[:3] == ["restore", "--wait", "1800"]
    assert spec["activeDeadlineSeconds"] > 1800, "waiting leaves time to restore"


def test_a_migration_is_tried_again() -> None:
    spec = job("migration")["spec"]

    assert spec["backoffLimit"] > 0
    assert spec["template"]["spec"]["restartPolicy"] == "OnFailure"
