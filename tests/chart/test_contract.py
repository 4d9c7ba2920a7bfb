"""An upgrade goes through: nothing that never changes is rendered otherwise."""

import copy
from typing import Any

import pytest
import yaml

from tests.chart.contract import KEPT, held

pytestmark = pytest.mark.usefixtures("helm")
_HOW = (
    "An upgrade of an installation would fail there, or lose what it holds. Render it as it was. "
    "If the change is meant: say in docs/operations/upgrade.md how people get over it, then run "
    "`python -m tests.chart.contract`."
)


def broken(before: Any, now: Any) -> list[str]:
    """Return a line for each object that is gone or has other fixed fields; new ones are free."""
    found = []
    for scenario, objects in before.items():
        there = now[scenario]
        for name, fixed in objects.items():
            if name not in there:
                found.append(f"{scenario}: {name} is gone")
            elif there[name] != fixed:
                found.append(f"{scenario}: {name} was {fixed}, is {there[name]}")
    return found


def test_what_never_changes_is_rendered_as_it_was_installed() -> None:
    found = broken(yaml.safe_load(KEPT.read_text(encoding="utf-8")), held())

    assert not found, "\n".join([*found, _HOW])


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("StatefulSet/lectern-database", "selector", "matchLabels"), {"app": "other"}),
        (("StatefulSet/lectern-database", "volumeClaimTemplates", 0, "spec"), {}),
        (("Deployment/lectern-web", "selector", "matchLabels"), {}),
        (("Trigger/lectern-embed-part-parsed-v1", "broker"), "another"),
        (("Service/lectern-embed", "api"), "v1"),
        (("Secret/lectern-secrets", "keys"), []),
    ],
    ids=lambda value: "/".join(map(str, value)) if isinstance(value, tuple) else "",
)
def test_a_change_is_found_and_named(path: tuple[Any, ...], value: Any) -> None:
    before = held()
    now = copy.deepcopy(before)
    place = now["trial"]
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value

    (line,) = broken(before, now)

    assert line.startswith(f"trial: {path[0]} was ")


def test_an_object_that_is_gone_is_found_and_a_new_one_is_free() -> None:
    before = held()
    now = copy.deepcopy(before)
    del now["trial"]["Service/lectern-web"]
    now["trial"]["Service/lectern-new"] = {}

    assert broken(before, now) == ["trial: Service/lectern-web is gone"]
