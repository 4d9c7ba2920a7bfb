"""Servers of tools over HTTP: what administrators may do, and that no key ever comes back."""

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.component.catalog_world import World, running_world

KEY = "sk-nobody-may-see-this"
SERVER = {"name": "tools", "url": "http://127.0.0.1:9/mcp", "key": KEY}
WEATHER = {"description": "Tells the weather.", "arguments": {"type": "object"}}
OPERATORS = '[{"name": "ops", "url": "http://127.0.0.1:9/mcp", "key": "sk-ops", "allowed": ["a"]}]'


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LECTERN_TOOL_SERVERS", OPERATORS)
        with running_world(tmp_path_factory.mktemp("home")) as running:
            yield running


@pytest.fixture(autouse=True)
def no_servers(world: World) -> Iterator[None]:
    yield
    for server in world.needs.catalog.tool_servers.list():
        world.needs.catalog.tool_servers.delete(server.server_id)


def call(
    world: World,
    method: str,
    path: str = "/v1/tool-servers",
    who: str = "administrator",
    **more: Any,
) -> TestResponse:
    headers = {"Authorization": f"Bearer {world.secrets[who]}"}
    return world.client.open(path, method=method, headers=headers, **more)


def made(world: World, **fields: Any) -> dict[str, Any]:
    response = call(world, "POST", json=SERVER | fields)
    assert response.status_code == 201, response.text
    return dict(response.get_json())


def available(world: World, who: str = "stranger") -> list[str]:
    return [each["name"] for each in call(world, "GET", "/v1/tools", who).get_json()["tools"]]


def test_a_key_is_kept_sealed_and_never_returned_or_logged(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)

    server = made(world)
    listed = call(world, "GET").text
    path = f"/v1/tool-servers/{server['server_id']}"
    changed = call(world, "PATCH", path, json={"timeout_s": 3}).text

    stored = world.needs.catalog.tool_servers.get(server["server_id"])
    assert stored is not None
    assert world.needs.seal().open(stored.sealed_key) == KEY
    for text in (str(server), listed, changed, stored.sealed_key, caplog.text):
        assert KEY not in text
        assert "sk-ops" not in text
    assert KEY not in str(world.needs.catalog.audit.list(limit=5))


def test_a_tool_can_be_named_once_it_is_allowed_as_it_is(world: World) -> None:
    server = made(world)
    path = f"/v1/tool-servers/{server['server_id']}/allowed"
    before = available(world)

    allowed = call(world, "PUT", path, json={"tools": {"weather": WEATHER}}).get_json()

    assert allowed["allowed"] == ["weather"]
    assert (before, available(world)) == (["ops/a"], ["ops/a", "tools/weather"])
    call(world, "PUT", path, json={"tools": {}})
    assert available(world) == ["ops/a"]


def test_nobody_is_told_where_tools_are(world: World) -> None:
    made(world, name="web", kind="web", web_kind="brave", url="http://127.0.0.1:9/search")

    text = call(world, "GET", "/v1/tools", "stranger").text

    assert available(world) == ["ops/a", "web"]
    assert "127.0.0.1" not in text


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        pytest.param({"name": "Tools!"}, "invalid_request", id="name"),
        pytest.param({"name": "ops"}, "name_taken", id="name of the environment"),
        pytest.param({"url": ""}, "invalid_request", id="no address"),
        pytest.param({"kind": "web"}, "invalid_request", id="search of no kind"),
        pytest.param({"url": "ftp://x.example"}, "model_address", id="no http"),
        pytest.param({"url": "http://169.254.169.254/mcp"}, "model_address", id="metadata"),
        pytest.param({"url": "https://u:p@x.example"}, "model_address", id="password"),
        pytest.param({"url": "", "command": ["sh"]}, "no_tool_commands", id="command"),
    ],
)
def test_what_cannot_be_is_refused(world: World, fields: dict[str, Any], code: str) -> None:
    response = call(world, "POST", json=SERVER | fields)

    assert (response.status_code, response.get_json()["code"]) == (400, code)
    assert world.needs.catalog.tool_servers.list() == []


def test_a_stored_key_goes_to_no_other_host(world: World) -> None:
    path = f"/v1/tool-servers/{made(world)['server_id']}"

    refused = call(world, "PATCH", path, json={"url": "http://127.0.0.1:10/mcp"})
    given = call(world, "PATCH", path, json={"url": "http://127.0.0.1:10/mcp", "key": "new"})

    assert refused.get_json()["code"] == "tool_server_key_needed"
    assert given.status_code == 200


def test_what_the_operator_set_up_stays(world: World) -> None:
    path = "/v1/tool-servers/environment-ops"

    for method, body in (("PATCH", {"enabled": False}), ("DELETE", None)):
        refused = call(world, method, path, json=body)
        assert refused.get_json()["code"] == "tool_server_of_environment"
    [shown] = call(world, "GET").get_json()["servers"]
    assert (shown["of_environment"], shown["has_key"]) == (True, None)


def test_keys_are_renewed_with_those_of_models(world: World) -> None:
    made(world)

    renewed = call(world, "POST", "/v1/models/keys/renew").get_json()

    assert renewed == {"renewed": 1}
