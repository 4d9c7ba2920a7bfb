"""Every pod of Lectern's own images is given the authorities that are to be trusted."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.chart.helm import Manifest, Rendering, render
from tests.chart.surroundings import SCENARIOS

pytestmark = pytest.mark.usefixtures("helm")
_VARIABLE = {"name": "LECTERN_CA_FILE", "value": "/run/trust/ca.crt"}
_ITEMS = [{"key": "ca.crt", "path": "ca.crt"}]


def pods(rendering: Rendering) -> Iterator[tuple[str, Manifest]]:
    """Yield name and spec of each pod that runs an image of Lectern's own."""
    for obj in rendering.of_kind("Service", "Deployment", "Job", "CronJob", "Pod"):
        spec: Any = obj["spec"]
        spec = spec.get("jobTemplate", {}).get("spec", spec)
        spec = spec.get("template", {}).get("spec", spec)
        if any("lectern/" in container["image"] for container in spec.get("containers", ())):
            yield obj["metadata"]["name"], spec


@pytest.mark.parametrize("kind", ["Deployment", "KnativeService"])
@pytest.mark.parametrize(
    ("trust", "volume"),
    [
        pytest.param(
            {"caSecret": "own"}, {"secret": {"secretName": "own", "items": _ITEMS}}, id="secret"
        ),
        pytest.param(
            {"caSecret": "", "caConfigMap": "own"},
            {"configMap": {"name": "own", "items": _ITEMS}},
            id="config map",
        ),
    ],
)
def test_it_is_mounted_and_named_everywhere(
    kind: str, trust: dict[str, str], volume: dict[str, Any]
) -> None:
    values = {"trust": trust, "web": {"kind": kind}}
    found = dict(pods(render(SCENARIOS / "trust.yaml", values=values)))

    assert {"lectern-embed", "lectern-backup", "lectern-test"} <= found.keys()
    assert {"lectern-web", "lectern-web-knative"} & found.keys()
    assert any(name.startswith("lectern-migrate-") for name in found)
    for name, spec in found.items():
        (container,) = spec["containers"]
        mounts = {mount["mountPath"]: mount["name"] for mount in container["volumeMounts"]}
        assert _VARIABLE in container["env"], name
        assert {"name": mounts["/run/trust"], **volume} in spec["volumes"], name


def test_without_one_nothing_is_mounted() -> None:
    for name, spec in pods(render()):
        assert "LECTERN_CA_FILE" not in str(spec), name
        assert "/run/trust" not in str(spec), name
