"""The schema refuses typos, and what Knative's webhooks would refuse."""

import copy
import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from jsonschema.validators import validator_for

from tests.chart.helm import CHART, HelmRefused, render
from tests.chart.surroundings import effective_values

USERS_OWN = {  # mappings whose keys are the user's
    "commonAnnotations",
    "commonLabels",
    "functions",
}
LIMITS = [
    ("functions.parse.timeoutSeconds", 600, 601),
    ("functions.parse.timeoutSeconds", 1, 0),
    ("functions.parse.responseStartTimeoutSeconds", 600, 601),
    ("functions.parse.idleTimeoutSeconds", 0, -1),
    ("functions.parse.concurrency", 1000, 1001),
    ("functions.parse.concurrency", 1, 0),
    ("functions.parse.concurrency", 4, "4"),
    ("functions.parse.minScale", 0, -1),
    ("functions.parse.maxScale", 100, 1.5),
    ("functions.parse.window", "6s", "5s"),
    ("functions.parse.window", "1h", "61m"),
    ("functions.parse.window", "90s", "1.5m"),
    ("functions.parse.window", "2m", "2"),
    ("functions.parse.window", "3600s", "3601s"),
    ("functions.parse.retention", "0s", "-1s"),
    ("functions.parse.retention", "1h", "2h"),
    ("functions.parse.scaleDownDelay", "15m", "soon"),
    ("functions.parse.scaleDownDelay", "60m", "90m"),
    ("functions.parse.targetUtilizationPercentage", 100, 101),
    ("functions.parse.targetUtilizationPercentage", 1, 0),
    ("functions.parse.targetBurstCapacity", -1, -2),
    ("functions.parse.progressDeadline", "600s", "10m30.5s"),
    ("functions.parse.visibility", "public", "private"),
    ("functions.parse.events", ["dev.lectern.part.parsed.v1"], "dev.lectern.part.parsed.v1"),
    (
        "functions.parse.annotations",
        {"autoscaling.knative.dev/initial-scale": "1"},
        {"autoscaling.knative.dev/initial-scale": "0"},
    ),
    ("web.annotations", {}, {"autoscaling.knative.dev/initialScale": "0"}),
    ("functionDefaults.serviceAnnotations", {}, {"autoscaling.knative.dev/min-scale": "1"}),
    ("commonAnnotations", {"team": "a"}, {"autoscaling.knative.dev/window": "60s"}),
    ("logging.fluentBit.retryLimit", 0, -1),
    ("functions.Parse", ..., {}),
    ("functions.parse_more", ..., {}),
    ("delivery.backoffDelay", "PT0.5S", "5s"),
    ("delivery.backoffDelay", "PT1M30S", "PT"),
    ("delivery.backoffPolicy", "linear", "quadratic"),
    ("delivery.retry", 0, -1),
    ("delivery.timeout", "PT10M", "10m"),
    ("broker.class", "Kafka", "kafka"),
    ("schedules.sweep.cron", "*/5 * * * *", "*/5 * * *"),
    ("image.pullPolicy", "Never", "Sometimes"),
    ("image.functions.digest", f"sha256:{'0' * 64}", "sha256:0"),
    ("objectStore.url", "s3://bucket/prefix", "https://bucket"),
    ("settings.embedder", "endpoint", "online"),
    ("settings.chunkTokens", 32, 31),
    ("settings.logLevel", "DEBUG", "debug"),
    ("fullnameOverride", "x" * 34, "x" * 35),
    ("web.kind", "KnativeService", "StatefulSet"),
    ("ingress.controller", "traefik", "apache"),
    ("logging.fluentBit.output", "loki", "kafka"),
]
SCHEMA = json.loads((CHART / "values.schema.json").read_text(encoding="utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA)


def closed_mappings(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield where the defaults have a mapping whose keys are the chart's: not empty by default."""
    if isinstance(value, dict) and value and not _is_the_users(path):
        yield path
        for key, inside in value.items():
            yield from closed_mappings(inside, (*path, key))


def _is_the_users(path: tuple[str, ...]) -> bool:
    return ".".join(path) in USERS_OWN or path[-1:] in {
        ("labels",),
        ("matchLabels",),
        ("requests",),
        ("limits",),
    }


def with_value(path: str, value: Any) -> dict[str, Any]:
    """Return the default values with one of them changed; ... changes nothing."""
    values = copy.deepcopy(effective_values())
    if value is not ...:
        *parents, last = path.split(".")
        place: Any = values
        for part in parents:
            place = place[part]
        place[last] = value
    return values


def test_the_schema_is_a_schema() -> None:
    validator_for(SCHEMA).check_schema(SCHEMA)


@pytest.mark.parametrize(
    "path", list(closed_mappings(effective_values())), ids=lambda path: ".".join(path) or "values"
)
def test_a_typo_is_refused(path: tuple[str, ...]) -> None:
    values = with_value(".".join((*path, "noSuchValue")), {})

    assert [error.validator for error in VALIDATOR.iter_errors(values)]


@pytest.mark.parametrize(("path", "right", "wrong"), LIMITS)
def test_limits_are_refused_and_their_brink_is_not(path: str, right: Any, wrong: Any) -> None:
    assert list(VALIDATOR.iter_errors(with_value(path, right))) == []
    assert list(VALIDATOR.iter_errors(with_value(path, wrong))) != []


@pytest.mark.usefixtures("helm")
@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"brokr": {}}, "brokr"),
        ({"functions": {"parse": {"timeoutSeconds": 601}}}, "timeoutSeconds"),
        ({"functions": {"parse": {"window": "5s"}}}, "window"),
        ({"delivery": {"backoffDelay": "5s"}}, "backoffDelay"),
    ],
)
def test_helm_refuses_it_too_and_names_the_place(values: Mapping[str, Any], named: str) -> None:
    with pytest.raises(HelmRefused, match=named):
        render(values=values)
