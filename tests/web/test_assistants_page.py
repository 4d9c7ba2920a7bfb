"""Assistants in the settings and above a question."""

from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest

from lectern.api import AssistantManner, AssistantReply, AssistantRequest
from tests.web.conftest import World, page_of


@pytest.fixture
def tidy(world: World) -> Iterator[None]:
    yield
    for who in ("admin", "reader"):
        mine = world.lectern(who).assistants
        for each in mine.list():
            if each.own:
                mine.delete(each.assistant_id)


def opened(world: World, who: str = "admin", *, language: str = "en") -> AppTest:
    at = page_of(world, who, language=language).switch_page("app_pages/settings.py")
    at.session_state["settings-tab"] = "Assistants" if language == "en" else "도우미"
    at.run()
    assert not at.exception
    return at


def save(at: AppTest) -> None:
    next(button for button in at.button if button.label == "Save").click().run()
    assert not at.exception


def made(world: World, name: str, **fields: object) -> AssistantReply:
    request = AssistantRequest.model_validate({"name": name} | fields)
    return world.lectern("admin").assistants.create(request)


@pytest.mark.usefixtures("tidy")
def test_an_assistant_is_saved_changed_and_deleted(world: World) -> None:
    mine = world.lectern("admin").assistants
    at = opened(world)

    at.button(key="assistant-new").click().run()
    next(each for each in at.text_input if each.label == "Name").set_value("Travel desk")
    next(each for each in at.text_area).set_value("In one sentence.")
    next(each for each in at.toggle).set_value(True)
    save(at)
    [saved] = mine.list()
    assert (saved.name, saved.shared, saved.manner.answer_style) == (
        "Travel desk",
        True,
        "In one sentence.",
    )

    at.button(key=f"assistant-edit-{saved.assistant_id}").click().run()
    next(each for each in at.text_input if each.label == "Name").set_value("Desk")
    save(at)
    assert [(each.name, each.shared) for each in mine.list()] == [("Desk", True)]

    at.button(key=f"assistant-delete-{saved.assistant_id}").click().run()
    assert not mine.list()


@pytest.mark.usefixtures("tidy")
def test_what_has_no_field_stays_when_something_else_is_changed(world: World) -> None:
    manner = AssistantManner(top_k=3, tools=["search"], reasoning="react")
    saved = made(world, "Desk", manner=manner)
    at = opened(world)

    at.button(key=f"assistant-edit-{saved.assistant_id}").click().run()
    save(at)

    assert world.lectern("admin").assistants.get(saved.slug).manner == manner


@pytest.mark.usefixtures("tidy")
def test_an_assistant_without_a_name_is_not_saved(world: World) -> None:
    at = opened(world)

    at.button(key="assistant-new").click().run()
    save(at)

    assert [each.value for each in at.error] == ["Give the assistant a name."]
    assert not world.lectern("admin").assistants.list()


@pytest.mark.usefixtures("tidy")
def test_a_shared_assistant_of_somebody_else_is_seen_and_not_changed(world: World) -> None:
    saved = made(world, "Desk", shared=True)

    at = opened(world, "reader")

    assert any("Desk" in each.value for each in at.markdown)
    keys = [str(button.key) for button in at.button]
    assert f"assistant-edit-{saved.assistant_id}" not in keys


@pytest.mark.usefixtures("tidy")
@pytest.mark.parametrize("language", ["en", "ko"])
def test_a_name_is_text_and_never_markdown(world: World, language: str) -> None:
    made(world, "![x](https://evil.example/x.png)")

    at = opened(world, language=language)

    shown = next(each.value for each in at.markdown if "evil" in each.value)
    assert "![x](" not in shown
