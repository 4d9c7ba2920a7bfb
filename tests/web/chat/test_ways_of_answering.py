"""Choosing how questions are answered, and seeing the steps of an agent, under AppTest."""

from tests.provider.chat import Script, calling
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
