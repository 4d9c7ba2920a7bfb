"""The code, the chart and knative/ agree: functions, event types, addresses, environment."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from pydantic.alias_generators import to_snake

from lectern import events
from lectern.events import Event, MaintenanceDue
from lectern.settings import Settings
from tests.chart.cluster_rules.pods import is_knative_service, pods
from tests.chart.helm import NAMESPACE, Manifest, render
from tests.chart.surroundings import SCENARIOS, effective_values, values_files
from tests.chart.webhook_rules.durations import iso_seconds
from web.configuration import WebSettings

pytestmark = pytest.mark.usefixtures("helm")

ROOT = Path(__file__).resolve().parents[2]
FUNCTIONS = ROOT / "functions"
FIELDS = {**Settings.model_fields, **WebSettings.model_fields}
VARIABLES = {  # name in the environment -> field
    str(variable): name
    for name, field in FIELDS.items()
    for variable in getattr(field.validation_alias, "choices", [f"LECTERN_{name.upper()}"])
}
ONE_MACHINE_ONLY = {  # fields that mean nothing on a cluster
    "allow_remote",
    "host",
    "inbox",
    "port",
    "public_url",  # for links into a folder; a bucket signs its own
    "web",
    "web_owner_token_file",
    "worker_idle_s",
}
OTHERWISE_ON_A_CLUSTER = {  # settings whose default in the chart is not that of one machine
    "web_trusted_proxies",
}

ASKED_FOR = {  # secret -> how a function's code asks for it
    "LECTERN_CHAT_KEY": r"\.(chat|for_pictures)\(",
    "LECTERN_RERANK_KEY": r"\.reranker(?:_for_trial)?\b",
    "LECTERN_DOCLING_KEY": r"\.docling_key\b",
    "LECTERN_AZURE_DOCUMENT_KEY": r"\.azure_document_key\b",
    "LECTERN_TOOL_SERVERS": r"\benvironment_servers\(",
    "LECTERN_WEB_SECRET": r"\.web_secret\b",
    "LECTERN_SECRETS_KEY": r"\b(?:models_of|seal_of)\b",
    "LECTERN_EMBEDDING_KEY": r"\bembedders?\(",
    "LECTERN_INTAKE_TOKEN": r"\.intake_token\b",
    "LECTERN_OIDC_CLIENT_SECRET": r"\.oidc_client_secret\b",
}


def consumed_by(function: str) -> list[type[Event]]:
    """Return the models that a function's `main.py` hands to `consumes`."""
    source = (FUNCTIONS / function.replace("-", "_") / "main.py").read_text(encoding="utf-8")
    calls = (
        node
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "consumes"
    )
    return [getattr(events, ast.unparse(argument)) for call in calls for argument in call.args]


def environment(obj: Manifest) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every variable that an object gives to containers, with its definition."""
    if obj["kind"] == "ConfigMap":
        yield from ((name, {"value": value}) for name, value in (obj.get("data") or {}).items())
    for pod in pods([obj]):
        for container in pod.containers:
            yield from ((each["name"], each) for each in container.get("env") or ())


@cache
def lecterns_environment() -> dict[str, list[dict[str, Any]]]:
    """Return the variables of settings in every rendering, with all their definitions."""
    found: dict[str, list[dict[str, Any]]] = {}
    for files in values_files():
        for obj in render(*files).objects:
            for name, definition in environment(obj):
                if name.startswith("LECTERN_") or name in VARIABLES:
                    found.setdefault(name, []).append(definition)
    return found


def test_every_function_has_a_service_and_every_service_a_function() -> None:
    folders = {path.parent.name.replace("_", "-") for path in FUNCTIONS.glob("*/main.py")}

    assert effective_values()["functions"].keys() == folders
    for name in folders:
        service = render().one("Service", f"lectern-{name}")
        (container,) = service["spec"]["template"]["spec"]["containers"]
        given = {each["name"]: each.get("value") for each in container["env"]}
        assert given["FUNCTION_TARGET"] == name.replace("-", "_")
        assert (ROOT / given["FUNCTION_SOURCE"]).is_file()
        assert container["ports"] == [{"name": "http1", "containerPort": 8080}]


@pytest.mark.parametrize("function", effective_values()["functions"])
def test_a_function_gets_the_events_that_its_code_consumes(function: str) -> None:
    triggers = [
        trigger["spec"]["filter"]["attributes"]["type"]
        for trigger in render().of_kind("Trigger")
        if trigger["spec"]["subscriber"]["ref"]["name"] == f"lectern-{function}"
    ]
    models = consumed_by(function)

    assert len(triggers) == len(set(triggers))
    assert set(triggers) <= {t for model in models for t in (model.event_type, *model.other_types)}
    for model in models:
        assert {model.event_type, *model.other_types} & set(triggers), model


@pytest.mark.parametrize("function", effective_values()["functions"])
def test_a_function_has_what_its_code_asks_for_and_no_more(function: str) -> None:
    folder = FUNCTIONS / function.replace("-", "_")
    code = "\n".join(path.read_text(encoding="utf-8") for path in folder.rglob("*.py"))
    with_providers = render(SCENARIOS / "existing-broker.yaml")
    given = dict(environment(with_providers.one("Service", f"lectern-{function}")))

    assert ("LECTERN_BROKER_URL" in given) == ("HttpPublisher(" in code)
    for variable, pattern in ASKED_FOR.items():
        assert (variable in given) == bool(re.search(pattern, code)), variable


def test_what_timers_send_is_routed_and_understood() -> None:
    routed = {
        trigger["spec"]["filter"]["attributes"]["type"] for trigger in render().of_kind("Trigger")
    }
    timers = render(SCENARIOS / "network-policies.yaml").of_kind("PingSource")

    assert "dev.knative.sources.ping" in routed & MaintenanceDue.other_types
    tasks = {MaintenanceDue.model_validate_json(timer["spec"]["data"]).task for timer in timers}
    assert tasks == {"sweep", "optimize", "backup"}


def test_undeliverable_events_go_to_the_function_that_keeps_them() -> None:
    sink = effective_values()["deadLetterSink"]
    source = (FUNCTIONS / sink / "main.py").read_text(encoding="utf-8")

    assert "on_dead_letter=" in source
    # Knative resolves the sink before a Broker is ready: it must not wait for the Broker itself.
    assert "needs=" not in source
    for obj in render().of_kind("Trigger", "Broker"):
        assert obj["spec"]["delivery"]["deadLetterSink"]["ref"]["name"] == f"lectern-{sink}"


def test_a_delivery_waits_longer_than_any_function_may_work() -> None:
    values = effective_values()
    longest = max(
        function.get("timeoutSeconds", values["functionDefaults"]["timeoutSeconds"])
        for function in values["functions"].values()
        if function["events"]
    )

    assert iso_seconds(values["delivery"]["timeout"]) > longest


def test_the_copies_of_indexes_fit_beside_everything_else_in_a_searchers_disk() -> None:
    values = effective_values()
    size = values["functions"]["retrieve"]["temporarySize"]

    assert int(size.removesuffix("Gi")) << 30 >= values["settings"]["indexMirrorBytes"] + (1 << 30)


@pytest.mark.parametrize("scenario", [None, "names"])
def test_functions_find_each_other(scenario: str | None) -> None:
    files = (SCENARIOS / f"{scenario}.yaml",) if scenario else ()
    rendering, values = render(*files), effective_values(*files)
    (settings,) = (
        obj for obj in rendering.of_kind("ConfigMap") if "LECTERN_FUNCTION_URL" in obj["data"]
    )
    services = {obj["metadata"]["name"] for obj in rendering.objects if is_knative_service(obj)}

    for function in values["functions"]:
        url = settings["data"]["LECTERN_FUNCTION_URL"].format(function=function)
        host, _, domain = url.removeprefix("http://").partition(".")
        assert host in services
        assert domain == f"{NAMESPACE}.svc.{values['clusterDomain']}"


def test_every_variable_is_a_setting() -> None:
    command_line = "".join(path.read_text() for path in (ROOT / "lectern" / "cli").glob("*.py"))
    options = set(re.findall(r'envvar="(LECTERN_\w+)"', command_line))

    assert lecterns_environment().keys() - VARIABLES.keys() - options == set()


def test_every_setting_can_be_reached() -> None:
    values = effective_values()["settings"]
    reached = {VARIABLES[name] for name in lecterns_environment() if name in VARIABLES}
    named = {to_snake(key) for key in values}

    assert named <= FIELDS.keys(), "a value of `settings` that is no setting"
    assert FIELDS.keys() - reached - named == ONE_MACHINE_ONLY


@pytest.mark.parametrize("key", sorted(effective_values()["settings"]))
def test_a_setting_has_the_same_default_everywhere(key: str) -> None:
    field = FIELDS[to_snake(key)]
    default, given = field.get_default(), effective_values()["settings"][key]

    if to_snake(key) in OTHERWISE_ON_A_CLUSTER:
        assert given != default
    else:
        assert given == default


def test_secrets_come_from_secrets_alone() -> None:
    secret = {
        variable
        for variable, name in VARIABLES.items()
        if FIELDS[name].annotation is SecretStr or name.endswith("_access_key")
    }

    for name in secret & lecterns_environment().keys():
        for definition in lecterns_environment()[name]:
            assert definition.keys() == {"name", "valueFrom"}, name
            assert definition["valueFrom"].keys() == {"secretKeyRef"}, name


@pytest.mark.parametrize("files", values_files(), ids=lambda files: files and files[0].stem)
def test_the_web_ui_holds_no_key_but_its_own(files: tuple[Path, ...]) -> None:
    (web,) = (
        obj
        for obj in render(*files).objects
        if obj["metadata"]["name"].endswith(("-web", "-web-knative")) and list(pods([obj]))
    )

    held = {name for name, definition in environment(web) if "valueFrom" in definition}

    assert held - {"POD_NAME", "OTEL_EXPORTER_OTLP_HEADERS"} == {"LECTERN_WEB_SECRET"}
