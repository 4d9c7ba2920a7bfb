"""The Tools page, on a real catalog, a scripted search engine and a scripted MCP server."""

from collections.abc import Iterator

import pytest
from pydantic import SecretStr
from streamlit.testing.v1 import AppTest

from lectern.api import AllowedTool, ToolServerRequest
from lectern.client.tool_servers import ToolServers
from tests.provider.mcp_tools import ScriptedMcp, ScriptedTool
from tests.provider.web_search import ScriptedSearch
from tests.web.conftest import World, page_of

KEY = "key-of-the-tools-page"


@pytest.fixture
def servers(world: World) -> Iterator[ToolServers]:
    """What the page edits; nothing of it is left behind."""
    client = world.lectern("admin")
    yield client.tool_servers
    for server in client.tool_servers.list().servers:
        client.tool_servers.delete(server.server_id)
    client.close()


@pytest.fixture
def wiki() -> Iterator[ScriptedMcp]:
    with ScriptedMcp().running() as running:
        running.tools["delete"] = ScriptedTool(description="Deletes <b>a page</b> [now](x).")
        yield running


def texts(at: AppTest) -> str:
    shown = [*at.markdown, *at.subheader, *at.caption, *at.success, *at.error, *at.warning]
    return "\n".join(str(each.value) for each in [*shown, *at.text])


def press_in_form(at: AppTest, label: str, form: str) -> None:
    [button] = [b for b in at.button if b.label == label and b.form_id == form]
    button.click().run()


def test_a_search_engine_is_added_and_tried(world: World, servers: ToolServers) -> None:
    with ScriptedSearch().running() as engine:
        at = page_of(world, "admin", "tools")
        assert "There are none yet" in texts(at)
        at.button(key="tool-add").click().run()
        at.selectbox(key="tool-way").set_value("brave").run()
        fields = {each.label: each for each in at.text_input}
        fields["Address"].input(engine.url)
        fields["Key"].input(KEY)
        press_in_form(at, "Save", "tool-form")
        [server] = servers.list().servers

        at = page_of(world, "admin", "tools")
        at.button(key=f"tool-test-{server.server_id}").click().run()

        assert (server.name, server.provider, server.has_key) == ("web", "brave", True)
        assert engine.keys == [KEY]
        assert "1 result" in texts(at)
        assert KEY not in texts(at)
        assert [tool.name for tool in servers.allowed()] == ["web"]


def test_tools_of_an_mcp_server_are_allowed_one_by_one_as_they_are(
    world: World, servers: ToolServers, wiki: ScriptedMcp
) -> None:
    request = ToolServerRequest(name="wiki", kind="mcp", url=wiki.url, key=SecretStr(KEY))
    server_id = servers.create(request).server_id
    at = page_of(world, "admin", "tools")
    assert "Nothing is allowed" in texts(at)
    assert wiki.requests == 0, "looking at the page asks no server"
    at.button(key=f"tool-test-{server_id}").click().run()
    labels = "".join(each.label for each in at.checkbox)
    assert r"\<b\>a page\</b\> \[now\]\(x\)" in labels, "shown as text"
    assert '"query"' in str([each.value for each in at.json])

    at.checkbox(key=f"tool-allow-{server_id}-lookup").check()
    press_in_form(at, "Allow the chosen ones", f"tool-allow-{server_id}")

    [server] = servers.list().servers
    assert [tool.name for tool in server.allowed] == ["lookup"]
    assert [tool.name for tool in servers.allowed()] == ["mcp:wiki/lookup"]
    assert wiki.calls == []


def test_a_tool_that_changed_has_to_be_allowed_again(
    world: World, servers: ToolServers, wiki: ScriptedMcp
) -> None:
    old = AllowedTool(name="lookup", description="Harmless.", digest="0" * 64)
    request = ToolServerRequest(name="wiki", kind="mcp", url=wiki.url, allowed=[old])
    server_id = servers.create(request).server_id
    at = page_of(world, "admin", "tools")

    at.button(key=f"tool-test-{server_id}").click().run()

    box = at.checkbox(key=f"tool-allow-{server_id}-lookup")
    assert "changed since it was allowed" in box.label
    assert not box.value
    box.check()
    press_in_form(at, "Allow the chosen ones", f"tool-allow-{server_id}")
    assert servers.list().servers[0].allowed[0].digest != "0" * 64


def test_a_server_that_does_not_answer_is_told_in_words_and_in_korean(
    world: World, servers: ToolServers
) -> None:
    request = ToolServerRequest(name="down", kind="mcp", url="http://127.0.0.1:9/mcp")
    server_id = servers.create(request).server_id
    at = page_of(world, "admin", "tools", language="ko")

    at.button(key=f"tool-test-{server_id}").click().run()

    assert not at.exception
    assert "서버가 응답하지 않습니다." in texts(at)
    assert "'down' cannot be reached" in texts(at)


def test_commands_are_not_offered_where_the_operator_allows_none(world: World) -> None:
    at = page_of(world, "admin", "tools")

    at.button(key="tool-add").click().run()

    assert "command" not in at.selectbox(key="tool-way").options
    assert len(at.selectbox(key="tool-way").options) == 4


def test_a_stored_key_stays_when_its_server_is_edited(
    world: World, servers: ToolServers, wiki: ScriptedMcp
) -> None:
    request = ToolServerRequest(name="wiki", kind="mcp", url=wiki.url, key=SecretStr(KEY))
    server_id = servers.create(request).server_id
    at = page_of(world, "admin", "tools")
    at.button(key=f"tool-edit-{server_id}").click().run()
    fields = {each.label: each for each in at.text_input}
    assert fields["Key"].value == ""
    fields["What it is for"].input("The wiki")

    press_in_form(at, "Save", "tool-form")

    [server] = servers.list().servers
    assert (server.description, server.has_key) == ("The wiki", True)
