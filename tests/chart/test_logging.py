"""Fluent Bit reads every line of the release but its own, and does not wait for ever."""

import fnmatch
from typing import Any

import pytest
import yaml

from tests.chart.helm import Rendering, render
from tests.chart.surroundings import SCENARIOS

pytestmark = pytest.mark.usefixtures("helm")


def configuration(rendering: Rendering) -> Any:
    """Return Fluent Bit's configuration."""
    config_map = rendering.one("ConfigMap", "lectern-fluent-bit")
    return yaml.safe_load(config_map["data"]["fluent-bit.yaml"])


def test_its_own_lines_are_left_out() -> None:
    (tail,) = configuration(render(SCENARIOS / "fluent-bit.yaml"))["pipeline"]["inputs"]
    own, ours = (
        f"/var/log/containers/lectern-{pod}_lectern-system_{container}-{'0' * 64}.log"
        for pod, container in (("fluent-bit-abcde", "fluent-bit"), ("embed-1-xyz", "function"))
    )

    assert fnmatch.fnmatch(own, tail["path"])
    assert fnmatch.fnmatch(own, tail["exclude_path"])
    assert fnmatch.fnmatch(ours, tail["path"])
    assert not fnmatch.fnmatch(ours, tail["exclude_path"])


@pytest.mark.parametrize(
    ("scenario", "limit", "port"),
    [("fluent-bit", 20, 2020), ("fluent-bit-loki", "no_limits", 2021)],
)
def test_attempts_have_an_end_unless_one_wants_none(
    scenario: str, limit: object, port: int
) -> None:
    rendering = render(SCENARIOS / f"{scenario}.yaml")
    found = configuration(rendering)
    (container,) = rendering.one("DaemonSet", "lectern-fluent-bit")["spec"]["template"]["spec"][
        "containers"
    ]

    assert found["pipeline"]["outputs"][0]["retry_limit"] == limit
    assert found["service"]["http_port"] == port
    assert container["ports"] == [{"name": "http", "containerPort": port}]
