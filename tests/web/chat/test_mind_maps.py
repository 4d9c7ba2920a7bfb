"""The mind map under an answer and on a document's page, with the real functions behind."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from streamlit.testing.v1 import AppTest

from tests.provider.chat import Script
from tests.web.browser import sign_in
from tests.web.chat.conftest import ANSWER, QUESTION, Stack
from tests.web.chat.test_chat_page import answered, ask, eventually, key_of, said
from tests.web.chat.test_chat_page import page as page  # noqa: PLC0414 - a fixture
from tests.web.chat.test_chat_page import world as world  # noqa: PLC0414 - a fixture
from tests.web.component_events import component, data_of, fire
from tests.web.conftest import World, page_of
from tests.web.stack import PASSWORD

HOSTILE = "<img src=x onerror=alert(1)> @library.pdf"
DRAWN = Script(
    text=json.dumps(
        {
            "title": "Lending",
            "branches": [
                {
                    "title": "Telescopes",
                    "passages": [1],
                    "children": [
                        {"title": "Nineteen days", "passages": [1]},
                        {"title": HOSTILE, "passages": [1]},
                    ],
                }
            ],
        }
    )
)
PHONE = {"width": 390, "height": 844}


def mapped(at: AppTest, stack: Stack) -> str:
    """Ask, open the map of the answer, and return the key of its component."""
    ask(at)
    stack.model.play(DRAWN)
    button = key_of(at, "icon-map-")
    at.button(key=button).click().run()
    assert not at.exception
    return button.removeprefix("icon-")


def document_map(world: World, document_id: str, language: str = "en") -> AppTest:
    at = page_of(world, "owner", language=language)
    at = at.switch_page("app_pages/library.py")
    at.query_params["d"] = document_id
    at.session_state[f"document-view-{document_id}-3"] = "map"
    at.run()
    assert not at.exception
    return at


def titles(nodes: list[dict[str, Any]]) -> list[Any]:
    return [(node["title"], titles(node["children"])) for node in nodes]


def test_an_answer_becomes_a_map_whose_branches_know_their_pages(
    page: AppTest, stack: Stack
) -> None:
    data = data_of(page, mapped(page, stack))

    assert titles(data["nodes"]) == [("Telescopes", [("Nineteen days", []), (HOSTILE, [])])]
    assert data["nodes"][0]["pages"] == "p. 2"
    assert "Drawn by the chat model" in said(page)

    page.button(key=key_of(page, "icon-map-")).click().run()

    assert "Drawn by the chat model" not in said(page)


def test_a_branch_opens_the_passage_it_rests_on(page: AppTest, stack: Stack) -> None:
    key = mapped(page, stack)

    fire(page, key, "open", {"id": "0.0", "width": 1360})

    assert not page.exception
    shown = data_of(page, "source-viewer")
    assert shown["highlights"][shown["active"]]["page"] == 2


def test_a_branch_is_explained_and_its_title_names_no_document(page: AppTest, stack: Stack) -> None:
    key = mapped(page, stack)
    stack.model.play(Script(ANSWER))

    fire(page, key, "ask", {"id": "0.1"})
    eventually(page, answered)

    questions = [str(each.value) for each in page.markdown if "Explain" in str(each.value)]
    assert questions
    assert "@" not in questions[-1]


@pytest.mark.parametrize("way", ["7", "0.9", "0.x", "", "0." * 500, "-1"])
def test_a_branch_that_is_not_there_does_nothing(page: AppTest, stack: Stack, way: str) -> None:
    key = mapped(page, stack)

    fire(page, key, "open", {"id": way, "width": 1360})

    assert not page.exception


def test_a_document_has_a_map_too_and_a_branch_leads_to_its_passage(
    world: World, stack: Stack
) -> None:
    stack.model.play(DRAWN)
    at = document_map(world, stack.document_id, language="ko")
    assert "채팅 모델이" in said(at)

    fire(at, f"map-{stack.document_id}", "open", {"id": "0", "width": 1360})

    assert not at.exception
    chosen = data_of(at, "document-cards")
    assert chosen["active"] == chosen["items"][0]["id"]


def test_a_question_about_a_branch_of_a_document_is_asked_in_a_new_chat(
    world: World, stack: Stack
) -> None:
    stack.model.play(DRAWN)
    at = document_map(world, stack.document_id)
    stack.model.play(Script(ANSWER))

    fire(at, f"map-{stack.document_id}", "ask", {"id": "0.0"})
    asked = at.query_params["c"]
    at.switch_page("app_pages/chat.py")  # AppTest does not follow where a script goes
    at.query_params["c"] = asked
    eventually(at, answered)

    assert "Nineteen days" in said(at)


def test_where_the_model_fails_the_outline_is_shown_and_why(page: AppTest, stack: Stack) -> None:
    ask(page)
    stack.model.play(Script(text="I would rather not."))

    page.button(key=key_of(page, "icon-map-")).click().run()

    assert "Made of headings" in said(page)
    assert "could not draw the map" in said(page)
    assert component(page, key_of(page, "icon-map-").removeprefix("icon-"))


@pytest.fixture
def opened(browser: Browser, stack: Stack) -> Iterator[Page]:
    """The chat in a real browser, with an answer."""
    with browser.new_context(viewport={"width": 1360, "height": 900}, locale="en-GB") as context:
        context.set_default_timeout(40_000)
        page = context.new_page()
        sign_in(page, stack.web, stack.person.name, PASSWORD)
        field = page.locator('[data-testid="stChatInputTextArea"]')
        field.fill(QUESTION)
        field.press("Enter")
        page.get_by_role("button", name="Mind map").wait_for()
        yield page


def test_the_map_is_used_with_the_keyboard_alone_and_fits_a_phone(
    opened: Page, stack: Stack
) -> None:
    stack.model.play(DRAWN)
    opened.get_by_role("button", name="Mind map").press("Enter")
    drawn = opened.locator(".map")
    fold = drawn.get_by_role("button", name="Fold: Telescopes")
    fold.wait_for()
    assert drawn.get_by_text(HOSTILE).count() == 1, "a title is text, never markup"

    fold.press("Enter")

    unfold = drawn.get_by_role("button", name="Unfold: Telescopes")
    expect(unfold).to_be_focused()
    expect(unfold).to_have_attribute("aria-expanded", "false")
    expect(drawn.get_by_text("Nineteen days")).to_have_count(0)

    unfold.press("Enter")
    drawn.get_by_role("button", name="Nineteen days p. 2").press("Enter")

    opened.locator(".st-key-source").wait_for()
    opened.set_viewport_size(PHONE)
    assert opened.evaluate("document.documentElement.scrollWidth <= innerWidth")
