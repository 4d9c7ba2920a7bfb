"""Secrets that the chart makes are random once, kept across upgrades, and nowhere else."""

import base64
import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.chart.helm import CHART, load_all, render
from tests.chart.surroundings import SCENARIOS, effective_values

pytestmark = pytest.mark.usefixtures("helm")
_RANDOM = re.compile(r"\b(rand[A-Z]\w+|gen[A-Z]\w+|uuidv4)\b")


def secret_data(text: str) -> dict[tuple[str, str], str]:
    """Return name and key of every Secret's entries, with their values."""
    return {
        (obj["metadata"]["name"], key): value
        for obj in load_all(text)
        if obj["kind"] == "Secret"
        for key, value in {**(obj.get("data") or {}), **(obj.get("stringData") or {})}.items()
    }


def test_two_renderings_without_a_cluster_differ_in_values_but_not_in_names() -> None:
    first = secret_data(render().text)
    second = secret_data(render(values={"settings": {"logLevel": "DEBUG"}}).text)

    assert first.keys() == second.keys()
    assert first
    assert first["lectern-secrets", "signing-key"] != second["lectern-secrets", "signing-key"]


def test_what_is_random_is_read_back_from_the_cluster_first() -> None:
    for path in CHART.glob("templates/**/*"):
        for line in path.read_text(encoding="utf-8").splitlines() if path.is_file() else ():
            if _RANDOM.search(line):
                assert "lectern.kept" in line, f"{path.name}: {line.strip()}"
    kept = (CHART / "templates" / "secrets" / "_secrets.tpl").read_text(encoding="utf-8")
    assert re.search(r'lookup "v1" "Secret" \.root\.Release\.Namespace', kept)


def test_random_secrets_are_long_enough() -> None:
    for (name, key), value in secret_data(render().text).items():
        assert len(base64.b64decode(value)) >= 8, f"{name}.{key}"
    for key in ("signing-key", "secrets-key", "intake-token", "web-secret"):
        assert len(base64.b64decode(secret_data(render().text)["lectern-secrets", key])) >= 32


def test_own_secrets_outlive_an_uninstall() -> None:
    secret = render().one("Secret", "lectern-secrets")

    assert secret["metadata"]["annotations"]["helm.sh/resource-policy"] == "keep"


@pytest.mark.parametrize("scenario", ["external-secrets", "external-state"])
def test_no_secret_is_made_that_is_named_or_fetched(scenario: str) -> None:
    made = {name for name, _ in secret_data(render(SCENARIOS / f"{scenario}.yaml").text)}

    assert made <= {"lectern-secrets"}
    assert bool(made) == (scenario == "external-state")


def test_no_secret_value_stands_anywhere_else() -> None:
    values = {base64.b64decode(value).decode() for value in secret_data(render().text).values()}
    rest = "\n".join(str(obj) for obj in render().objects if obj["kind"] != "Secret")

    for value in values:
        assert len(value) < 16 or value not in rest


def test_every_secret_that_is_named_can_be_fetched() -> None:
    beside = {"logging": {"fluentBit": {"namespace": "logs"}}}
    rendering = render(SCENARIOS / "external-secrets.yaml", values=beside)
    fetched = {
        (obj["metadata"]["namespace"], obj["spec"]["target"]["name"]): obj["spec"]
        for obj in rendering.of_kind("ExternalSecret")
    }
    named = {
        (obj["metadata"]["namespace"], name)
        for obj in rendering.objects
        if obj["kind"] != "ExternalSecret"
        for name in re.findall(r"'([a-z-]+-from-vault|from-vault)'", str(obj))
    }

    assert named <= fetched.keys()
    assert len(fetched) == 12
    (copy,) = (spec for (_, name), spec in fetched.items() if name == "copies-from-vault")
    assert [each["secretKey"] for each in copy["data"]] == ["access-key", "secret-key"]
    assert ("logs", "logs-from-vault") in fetched, "beside its pods"


def test_every_value_that_names_a_secret_has_a_remote_key() -> None:
    others = {"ingress.tls.secretName", "domainMapping.tlsSecret"}  # made by who signs them
    named = {
        path
        for path, value in leaves(effective_values())
        if value == "" and re.search(r"[sS]ecret(Name)?$", path)
    }
    fills = (CHART / "templates" / "secrets" / "_secrets.tpl").read_text(encoding="utf-8")
    covered = set(re.findall(r'^  "\w+" "([\w.]+)"$', fills, re.MULTILINE))

    assert named - covered == others
    assert covered <= named


def leaves(values: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every value with its path."""
    if isinstance(values, dict):
        for key, inside in values.items():
            yield from leaves(inside, f"{path}.{key}".lstrip("."))
    else:
        yield path, values
