"""Choosing how questions are answered, and seeing the steps of an agent, under AppTest."""

from lectern.api import CollectionSettingsChange, ToolServerRequest, UserSettingsChange
from tests.provider.chat import Script, calling
from tests.provider.web_search import ScriptedSearch
from tests.web.chat.conftest import ANSWER, Stack
from tests.web.chat.test_chat_page import ask, said
from tests.web.chat.test_chat_page import world as world  # noqa: PLC0414 - a fixture
from tests.web.conftest import World, page_of


def test_a_way_of_answering_is_chosen_and_its_steps_are_shown(world: World, stack: Stack) -> None:
    at = page_of(world, "owner")
    at.session_state["reasoning-menu"] = True
    at.run()
    at.radio(key="reasoning").set_value("react").run()
    search = calling("search", '{"query": "borrowed telescope"}')
    stack.model.play(search, Script(text="Done."), Script(text=ANSWER))

    with world.lectern("owner") as lectern:
        try:
            assert lectern.settings.get().settings.reasoning == "react"
            assert "Searching for “borrowed telescope”" in said(ask(at))
        finally:
            lectern.settings.reset()


def test_a_tool_outside_is_allowed_for_one_question_and_what_it_found_is_linked(
    world: World, stack: Stack
) -> None:
    web = ToolServerRequest(name="engine", kind="web", provider="searxng", url="http://127.0.0.1:9")
    with ScriptedSearch().running() as engine, stack.up.client() as owner:
        server = owner.tool_servers.create(web.model_copy(update={"url": engine.url}))
        with world.lectern("owner") as lectern:
            [shelf] = lectern.collections.list()
            lectern.collections.change_settings(
                shelf.collection_id, CollectionSettingsChange(outer_tools=True)
            )
            lectern.settings.change(UserSettingsChange(reasoning="react"))
            try:
                at = page_of(world, "owner")
                at.button_group(key="outer-tools-0").select("web").run()
                assert "leaves Lectern" in said(at)
                stack.model.play(
                    calling("web", '{"query": "rents"}'),
                    Script(text="Done."),
                    Script(text="Rents rose [W1]."),
                )

                shown = said(ask(at))

                address = "https://news.example.org/lisbon?id=7"
                link = rf"\[W1\] [Lisbon office market]({address}) · news\.example\.org"
                assert f"- :material/public: {link}" in shown
                assert "Searching the web for “rents”" in shown
                assert at.button_group(key="outer-tools-1").value == []
                stack.model.play(Script(text="Done."), Script(text=ANSWER))
                ask(at, "And when are books late?")
                assert engine.queries == ["rents"]
                bodies = [each.body for each in stack.model.requests if "tools" in each.body]
                assert "web" not in {tool["function"]["name"] for tool in bodies[-1]["tools"]}
            finally:
                lectern.settings.reset()
                owner.tool_servers.delete(server.server_id)
