"""What people read: the notes after an installation, and no left-over of a template anywhere."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from tests.chart.helm import CHART, NAMESPACE, RELEASE, helm_binary, render
from tests.chart.surroundings import values_files

pytestmark = pytest.mark.usefixtures("helm")
_LEFT_OVER = re.compile(r"<no value>|<nil>|%!\w|\bmap\[|\{\{|e\+\d\d")


def notes(*files: Path) -> str:
    """Return what Helm prints after an installation with these values."""
    helm = helm_binary()
    assert helm is not None
    command: list[str | Path] = [helm, "install", RELEASE, CHART, "--namespace", NAMESPACE]
    command += ["--dry-run=client", "--set", "knative.checkCapabilities=false"]
    for path in files:
        command += ["--values", path]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    return done.stdout.partition("\nNOTES:\n")[2]


@pytest.mark.parametrize("files", values_files(), ids=lambda files: files and files[0].stem)
def test_nothing_is_left_over_of_a_template(files: tuple[Path, ...]) -> None:
    for obj in render(*files).objects:
        if obj["kind"] == "PrometheusRule" or obj["metadata"]["name"].endswith("-dashboard"):
            continue  # Prometheus and Grafana have templates of their own
        if found := _LEFT_OVER.search(json.dumps(obj)):
            pytest.fail(f"{obj['kind']}/{obj['metadata']['name']}: {found[0]!r}")


def test_the_notes_of_a_trial_say_what_to_do_first_and_what_will_not_last() -> None:
    text = notes()

    assert not _LEFT_OVER.search(text)
    assert "port-forward service/lectern-web" in text
    assert "first administrator" in text
    assert "helm --namespace lectern-system test lectern" in text
    assert "bundled database" in text


def test_the_notes_of_production_name_the_address_and_nothing_bundled() -> None:
    text = notes(CHART / "values-production.yaml")

    assert not _LEFT_OVER.search(text)
    assert "https://lectern.example.org" in text
    assert "bundled" not in text
