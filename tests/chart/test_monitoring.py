"""Alerts and dashboards ask for metrics and labels that the code has."""

import ast
import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from tests.chart.helm import CHART, render
from tests.chart.surroundings import SCENARIOS

pytestmark = pytest.mark.usefixtures("helm")
ROOT = CHART.parent
_SUFFIXES = {
    "Counter": ("_total",),
    "Gauge": ("",),
    "Histogram": ("_bucket", "_count", "_sum"),
}
_OF_KUBE_STATE_METRICS = {"cronjob"}
_SCRAPED = {"namespace", "pod", "job", "container", "instance", "le", "service"}
_SELECTOR = re.compile(r"\b(lectern_\w+)\s*(?:\{([^}]*)\})?")
_LABEL = re.compile(r"(\w+)\s*(?:=~|!~|!=|=)")


@cache
def metrics() -> dict[str, set[str]]:
    """Return the time series of the code: name -> labels."""
    found: dict[str, set[str]] = {}
    for folder in ("lectern", "functions", "web"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and (suffixes := _SUFFIXES.get(_name(node))):
                    name, *_ = _texts(node)
                    labels = {text for each in node.args[2:3] for text in _texts(each)}
                    found |= {f"{name}{suffix}": labels for suffix in suffixes}
                elif isinstance(node, ast.Assign) and (name := _own_collectors(node)):
                    found[name] = set()
    return found


def _name(node: ast.Call) -> str:
    is_metric = node.args and isinstance(node.args[0], ast.Constant)
    return ast.unparse(node.func) if is_metric else ""


def _own_collectors(node: ast.Assign) -> str:
    """Return the metric of a collector of our own, which names it by a constant, or ""."""
    value = node.value.value if isinstance(node.value, ast.Constant) else None
    is_metric = isinstance(value, str) and re.fullmatch(r"lectern_\w+_(seconds|bytes)", value)
    return str(value) if is_metric else ""


def _texts(node: ast.AST) -> list[str]:
    return [each.value for each in ast.walk(node) if isinstance(each, ast.Constant)]  # type: ignore[misc]


def expressions() -> Iterator[str]:
    """Yield every PromQL expression of alerts and dashboard."""
    rendering = render(SCENARIOS / "monitoring.yaml")
    for rule in rendering.of_kind("PrometheusRule"):
        for group in rule["spec"]["groups"]:
            yield from (each["expr"] for each in group["rules"])
    for board in (json.loads(path.read_text()) for path in CHART.glob("dashboards/*.json")):
        yield from _queries(board)


def _queries(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        yield from (
            value for key, value in node.items() if key in {"expr", "query"} and _asks(value)
        )
        for value in node.values():
            yield from _queries(value)
    elif isinstance(node, list):
        for value in node:
            yield from _queries(value)


def _asks(value: Any) -> bool:
    return isinstance(value, str) and "lectern_" in value


def test_the_code_has_metrics() -> None:
    assert metrics()["lectern_handled_total"] == {"function", "kind", "outcome"}


@pytest.mark.parametrize("kind", ["alerts", "dashboard"])
def test_there_are_alerts_and_a_dashboard(kind: str) -> None:
    rendering = render(SCENARIOS / "monitoring.yaml")
    kinds = {
        "alerts": rendering.of_kind("PrometheusRule"),
        "dashboard": rendering.of_kind("ConfigMap"),
    }

    assert any("LecternDeadLetters" in str(obj) or "panels" in str(obj) for obj in kinds[kind])


def test_what_is_asked_for_is_measured() -> None:
    asked = [match for text in expressions() for match in _SELECTOR.finditer(text)]

    assert len(asked) > 20
    for match in asked:
        name, matchers = match[1], match[2] or ""
        assert name in metrics(), f"no code measures {name}"
        unknown = set(_LABEL.findall(matchers)) - metrics()[name] - _SCRAPED
        assert not unknown, f"{name} has no label {unknown}"


def alert(name: str, **values: Any) -> str:
    """Return the expression of an alert."""
    (rule,) = render(SCENARIOS / "monitoring.yaml", values=values).of_kind("PrometheusRule")
    rules = [each for group in rule["spec"]["groups"] for each in group["rules"]]
    return next((each["expr"] for each in rules if each["alert"] == name), "")


def test_a_new_installation_has_time_for_its_first_backup() -> None:
    made = "last_over_time(lectern_backup_last_success_timestamp_seconds"
    one_is_there, none = alert("LecternBackupTooOld").split("or (")

    assert f"({'max(' + made}" in one_is_there
    assert "> 0) > 93600" in one_is_there, "an age only of what is there"
    assert none.count("== 0") == 2
    assert "[6h] offset 26h" in none, "there was none that long ago either"


def test_a_copy_that_fails_is_an_alert_where_there_is_a_copy() -> None:
    copy = {"copy": {"url": "s3://elsewhere/lectern"}}

    assert 'cronjob="lectern-backup"' in alert("LecternBackupCopyFailing", backup=copy)
    assert alert("LecternBackupCopyFailing", backup={"copy": {"url": ""}}) == ""


def test_what_is_grouped_by_is_a_label() -> None:
    labels = (_SCRAPED | _OF_KUBE_STATE_METRICS).union(*metrics().values())

    for text in expressions():
        for group in re.findall(r"\b(?:by|on|without|ignoring)\s*\(([^)]*)\)", text):
            assert {label.strip() for label in group.split(",")} <= labels, text


def test_every_alert_says_what_to_do() -> None:
    (rule,) = render(SCENARIOS / "monitoring.yaml").of_kind("PrometheusRule")

    for group in rule["spec"]["groups"]:
        for alert in group["rules"]:
            assert alert["labels"]["severity"] in {"warning", "critical"}
            assert alert["annotations"].keys() >= {"summary", "description", "runbook_url"}
            assert alert["annotations"]["runbook_url"].endswith(f"#{alert['alert'].lower()}")


def test_the_guide_has_a_section_for_every_alert() -> None:
    guide = ROOT / "docs" / "operations" / "monitoring.md"
    if not guide.is_file():
        pytest.skip("docs/operations/monitoring.md is not written yet")
    text = guide.read_text(encoding="utf-8")
    (rule,) = render(SCENARIOS / "monitoring.yaml").of_kind("PrometheusRule")

    for group in rule["spec"]["groups"]:
        for alert in group["rules"]:
            assert re.search(rf"^#+ {alert['alert']}$", text, re.MULTILINE), alert["alert"]
