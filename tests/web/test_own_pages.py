"""The pages of the shell under AppTest, on real functions."""

import pytest

from lectern.api import UserRequest
from lectern.client import Lectern
from tests.web.conftest import PASSWORD, World, page_of


def texts(at: object) -> str:
    return "\n".join(
        str(element.value)
        for kind in ("title", "subheader", "markdown", "caption", "text", "metric", "code")
        for element in getattr(at, kind)
    )


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("page", ["settings", "models", "admin", "help"])
def test_every_page_of_the_shell_is_drawn_without_an_error(
    world: World, page: str, language: str
) -> None:
    at = page_of(world, "admin", page, language=language)

    assert not at.exception
    assert not at.error
    assert at.title[0].value


def test_whoever_is_not_signed_in_is_told_so(world: World) -> None:
    at = page_of(world, "")

    assert not at.exception
    assert "You are signed out" in texts(at)


@pytest.mark.parametrize("page", ["admin", "models"])
def test_pages_for_administrators_are_not_there_for_others(world: World, page: str) -> None:
    with pytest.raises(ValueError, match=page):
        page_of(world, "reader", page)


def test_a_language_that_was_chosen_is_kept_and_used(world: World) -> None:
    at = page_of(world, "reader", "settings")

    at.selectbox(key="settings-language").select("ko").run()

    assert at.title[0].value == "설정"
    assert world.lectern("reader").settings.get().settings.language == "ko"
    world.lectern("reader").settings.reset()


def test_answer_defaults_are_kept_and_can_be_reset(world: World) -> None:
    at = page_of(world, "reader", "settings")
    at.session_state["settings-tab"] = "Answers"
    at.run()

    at.slider(key="settings-top_k").set_value(20).run()
    kept = world.lectern("reader").settings.get()
    at.button(key="settings-reset").click().run()

    assert kept.settings.top_k == 20
    assert world.lectern("reader").settings.get().changed == []
    assert at.slider(key="settings-top_k").value == 8


def test_a_new_key_is_shown_once_and_works(world: World) -> None:
    at = page_of(world, "reader", "settings")
    at.session_state["settings-tab"] = "API keys"
    at.run()

    form = at.form("settings-key")
    form.text_input[0].set_value("nightly import")
    form.button[0].click().run()
    secret = at.code[0].value
    at.button(key="settings-key-noted").click().run()

    assert Lectern(world.function_url, secret).me().name == "reader"
    assert not at.code
    assert "nightly import" in texts(at)


def test_passwords_that_differ_change_nothing(world: World) -> None:
    at = page_of(world, "reader", "settings")
    at.session_state["settings-tab"] = "Sign-in"
    at.run()

    form = at.form("settings-password")
    for field, value in zip(form.text_input, (PASSWORD, "a new one here", "not it"), strict=True):
        field.set_value(value)
    form.button[0].click().run()

    assert "not the same" in at.error[0].value


def test_somebody_with_a_given_password_has_to_choose_their_own_first(world: World) -> None:
    user = world.lectern("admin").users.create(UserRequest(name="given-a-password"))
    given = user.temporary_password or ""
    world.tokens["given-a-password"] = (
        world.lectern().account.login("given-a-password", given).token
    )
    at = page_of(world, "given-a-password")

    form = at.form("settings-password")
    for field, value in zip(form.text_input, (given, PASSWORD, PASSWORD), strict=True):
        field.set_value(value)
    form.button[0].click().run()

    assert not world.lectern("given-a-password").me().must_change_password


def test_an_administrator_adds_somebody_and_sees_the_password_once(world: World) -> None:
    at = page_of(world, "admin", "admin")

    form = at.form("admin-new-user")
    form.text_input[0].set_value("added-by-admin")
    form.button[0].click().run()
    given = at.code[0].value

    assert world.lectern().account.login("added-by-admin", given).user.must_change_password
    at.text_input(key="admin-user-query").set_value("added-by-admin").run()
    assert "added-by-admin" in [each.value for each in at.text]


def test_the_test_button_says_that_the_embedder_answers(world: World) -> None:
    at = page_of(world, "admin", "models")

    at.button(key="test-offline").click().run(timeout=120)

    assert "384 dimensions" in at.success[0].value


def test_answers_are_written_as_a_person_says_until_they_go_back(world: World) -> None:
    at = page_of(world, "reader", "settings")
    at.session_state["settings-tab"] = "Answers"
    at.run()

    at.text_area(key="settings-answer_style").set_value("In verse.").run()
    kept = world.lectern("reader").settings.get().settings.answer_style
    at.button(key="settings-style-reset").click().run()

    assert kept == "In verse."
    assert world.lectern("reader").settings.get().settings.answer_style == ""
    assert at.text_area(key="settings-answer_style").value == ""
