"""Servers of tools over HTTP: what administrators may do, and what everybody sees."""

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.component.catalog_world import World, running_world

KEY = "key-nobody-may-see-this"
DIGEST = "a" * 64
LOOKUP = {"name": "lookup", "description": "Looks something up.", "digest": DIGEST}
WIKI = {
    "name": "wiki",
    "kind": "mcp",
    "url": "http://127.0.0.1:9/mcp",
    "key": KEY,
    "allowed": [LOOKUP],
}
ENGINE = {"name": "engine", "kind": "web", "provider": "searxng", "url": "http://127.0.0.1:9"}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    servers = [{"name": "tickets", "url": "http://127.0.0.1:9/mcp", "tools": ["find"]}]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LECTERN_MCP_SERVERS", json.dumps(servers))
        patch.setenv("LECTERN_MCP_KEYS", '{"tickets": "key-of-the-environment"}')
        with running_world(tmp_path_factory.mktemp("home")) as running:
            yield running


@pytest.fixture(autouse=True)
def empty_registry(world: World) -> Iterator[None]:
    yield
    for server in world.needs.catalog.tool_servers.list():
        world.needs.catalog.tool_servers.delete(server.server_id)


def call(world: World, method: str, path: str = "", **options: Any) -> TestResponse:
    headers = {"Authorization": f"Bearer {world.secrets['administrator']}"}
    return world.client.open(f"/v1/tool-servers{path}", method=method, headers=headers, **options)


def made(world: World, **fields: Any) -> dict[str, Any]:
    response = call(world, "POST", json=WIKI | fields)
    assert response.status_code == 201, response.text
    return dict(response.get_json())


def tools(world: World, who: str = "stranger") -> Any:
    headers = {"Authorization": f"Bearer {world.secrets[who]}"}
    return world.client.get("/v1/tools", headers=headers).get_json()["tools"]


def test_a_key_is_kept_sealed_and_never_returned_or_logged(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)

    server = made(world)
    listed = call(world, "GET").text
    changed = call(world, "PATCH", f"/{server['server_id']}", json={"timeout_s": 5}).text
    stored = world.needs.catalog.tool_servers.get(server["server_id"])

    assert server["has_key"]
    assert stored is not None
    assert world.needs.seal().open(stored.sealed_key) == KEY
    audit = str(world.needs.catalog.audit.list(limit=5))
    for text in (str(server), listed, changed, stored.sealed_key, caplog.text, audit):
        assert KEY not in text
    assert "tool_server.created" in audit
    assert "lookup" in audit, "the log says what was allowed"


def test_everybody_sees_what_may_be_allowed_and_no_addresses(world: World) -> None:
    server = made(world)
    call(world, "POST", json=ENGINE)
    made(world, name="off", enabled=False)
    world.needs.catalog.tool_servers.note_changed(server["server_id"], [])

    seen = tools(world)

    assert [each["name"] for each in seen] == ["web", "mcp:tickets/find", "mcp:wiki/lookup"]
    assert seen[2] == {
        "name": "mcp:wiki/lookup", "server": "wiki", "description": "Looks something up.",
    }  # fmt: skip
    assert "127.0.0.1" not in str(seen)


def test_a_tool_that_changed_is_shown_to_administrators_and_offered_to_nobody(
    world: World,
) -> None:
    server = made(world)
    world.needs.catalog.tool_servers.note_changed(server["server_id"], ["lookup"])

    [_, shown] = call(world, "GET").get_json()["servers"]

    assert shown["changed"] == ["lookup"]
    assert "mcp:wiki/lookup" not in str(tools(world))
    again = {"allowed": [LOOKUP | {"digest": "b" * 64}]}
    assert call(world, "PATCH", f"/{server['server_id']}", json=again).get_json()["changed"] == []
    assert "mcp:wiki/lookup" in str(tools(world))


def test_another_host_needs_the_key_anew_and_what_was_allowed_as_well(world: World) -> None:
    path = f"/{made(world)['server_id']}"

    elsewhere = call(world, "PATCH", path, json={"url": "http://127.0.0.1:10/mcp"})
    with_key = call(world, "PATCH", path, json={"url": "http://127.0.0.1:10/mcp", "key": "new"})

    assert elsewhere.get_json()["code"] == "model_key_needed"
    assert with_key.status_code == 200
    assert with_key.get_json()["allowed"] == []


def test_servers_of_the_environment_are_shown_and_not_edited(world: World) -> None:
    [server] = call(world, "GET").get_json()["servers"]
    path = f"/{server['server_id']}"

    refused = [
        call(world, "PATCH", path, json={"timeout_s": 1}),
        call(world, "DELETE", path),
        call(world, "POST", json=WIKI | {"name": "tickets"}),
    ]

    assert (server["name"], server["has_key"], server["of_environment"]) == ("tickets", None, True)
    assert "key-of-the-environment" not in str(server)
    assert [each.get_json()["code"] for each in refused] == [
        "tool_server_of_environment", "tool_server_of_environment", "name_taken",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("body", "said"),
    [
        pytest.param({"url": "file:///etc/passwd"}, "tool_address", id="no http"),
        pytest.param({"url": "http://169.254.169.254/mcp"}, "tool_address", id="metadata"),
        pytest.param({"url": "https://me:secret@127.0.0.1/"}, "tool_address", id="a password"),
        pytest.param({"url": ""}, "", id="neither url nor command"),
        pytest.param({"command": ["sh"]}, "", id="both"),
        pytest.param({"url": "", "command": ["sh"], "key": ""}, "tool_command", id="a command"),
        pytest.param({"name": "Wiki space"}, "", id="a name that is none"),
        pytest.param({"name": "wiki"}, "name_taken", id="a name that is taken"),
        pytest.param({"provider": "brave"}, "", id="a provider of MCP"),
        pytest.param({"kind": "web"}, "", id="an engine without provider"),
        pytest.param({"allowed": [{"name": "x", "digest": "1"}]}, "", id="no digest"),
    ],
)
def test_what_makes_no_sense_is_refused(world: World, body: dict[str, Any], said: str) -> None:
    made(world)

    response = call(world, "POST", json=WIKI | {"name": "other"} | body)

    assert response.status_code == 400
    assert said in response.get_json()["code"]
    assert KEY not in response.text
    assert "secret" not in response.get_json()["detail"]


def test_a_change_that_makes_no_sense_is_refused(world: World) -> None:
    path = f"/{made(world)['server_id']}"

    refused = [
        call(world, "PATCH", path, json={"url": ""}),
        call(world, "PATCH", path, json={"command": ["sh"]}),
        call(world, "PATCH", path, json={"url": "", "command": ["sh"], "key": ""}),
        call(world, "PATCH", path, json={"provider": "tavily"}),
    ]

    assert {each.status_code for each in refused} == {400}
    assert refused[2].get_json()["code"] == "tool_command"


def test_renewing_keys_seals_those_of_tool_servers_too(world: World) -> None:
    server = made(world)
    headers = {"Authorization": f"Bearer {world.secrets['administrator']}"}

    renewed = world.client.post("/v1/models/keys/renew", headers=headers).get_json()

    stored = world.needs.catalog.tool_servers.get(server["server_id"])
    assert renewed == {"renewed": 1}
    assert stored is not None
    assert world.needs.seal().open(stored.sealed_key) == KEY
