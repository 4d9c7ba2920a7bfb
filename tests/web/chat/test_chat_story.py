"""The story in a real browser: ask, watch, open the cited place, stop, reload, lose the line."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.provider.chat import Script
from tests.web.browser import sign_in
from tests.web.chat.conftest import QUESTION, Stack
from tests.web.stack import PASSWORD

PATIENCE_MS = 40_000
WIDE = {"width": 1360, "height": 860}
PHONE = {"width": 390, "height": 844}
INPUT = '[data-testid="stChatInputTextArea"]'
CITATION = '.stChatMessage a[href*="#cite-"]'
SLOW = Script(pieces=("Within nineteen ", *("days ",) * 60, "[1]."), between_s=0.1)


@pytest.fixture(scope="module")
def cookies(browser: Browser, running_stack: Stack) -> list[dict[str, object]]:
    """Sign in once."""
    with browser.new_context() as context:
        page = context.new_page()
        sign_in(page, running_stack.web, running_stack.person.name, PASSWORD)
        return list(context.cookies())


def open_page(
    browser: Browser, stack: Stack, cookies: list[dict[str, object]], **options: object
) -> Page:
    context = browser.new_context(**({"viewport": WIDE, "locale": "en-GB"} | options))
    context.add_cookies(cookies)
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    page.on("request", lambda request: _only_here(request.url, stack))
    page.goto(stack.web)
    page.locator(INPUT).wait_for()
    return page


def _only_here(url: str, stack: Stack) -> None:
    assert url.startswith((stack.web, "data:", "blob:")), f"{url} is somewhere else"


@pytest.fixture
def page(browser: Browser, stack: Stack, cookies: list[dict[str, object]]) -> Iterator[Page]:
    page = open_page(browser, stack, cookies)
    yield page
    page.context.close()


def ask(page: Page, question: str = QUESTION) -> None:
    page.locator(INPUT).fill(question)
    page.locator(INPUT).press("Enter")


def answered(page: Page, text: str) -> None:
    page.locator(".stChatMessage", has_text=text).last.wait_for()
    page.locator('[class*="st-key-sources-"]').last.wait_for()


def test_hovering_over_a_citation_shows_what_it_says(page: Page) -> None:
    ask(page)
    answered(page, "within nineteen days")

    page.locator(CITATION).first.hover()

    card = page.locator(".card.shown")
    card.wait_for()
    assert "library.pdf · p. 2" in card.inner_text()
    assert "borrowed telescope" in card.inner_text()


def test_a_reload_in_the_middle_of_an_answer_goes_on_with_it(page: Page, stack: Stack) -> None:
    stack.model.play(SLOW)
    ask(page)
    page.wait_for_url(re.compile(r"\?c="))
    page.locator(".stChatMessage", has_text="Within nineteen").wait_for()

    page.reload()

    page.locator(".st-key-stop-answer").wait_for()
    page.locator(CITATION).first.wait_for()
    page.locator(".st-key-stop-answer").wait_for(state="detached")
    assert page.locator(".stChatMessage").last.inner_text().count("days") == 60


def test_a_cut_line_in_the_middle_of_an_answer_loses_nothing(page: Page, stack: Stack) -> None:
    stack.model.play(SLOW)
    ask(page)
    page.locator(".stChatMessage", has_text="Within nineteen").wait_for()

    page.context.set_offline(True)
    page.locator('[data-testid="stApp"]').wait_for()
    page.context.set_offline(False)

    page.locator(CITATION).first.wait_for()
    page.locator(".st-key-stop-answer").wait_for(state="detached")
    assert page.locator(".stChatMessage").last.inner_text().count("days") == 60


def test_a_click_in_the_middle_of_an_answer_opens_its_source(page: Page, stack: Stack) -> None:
    stack.model.play(Script(pieces=("Within [1] nineteen ", *("days ",) * 60), between_s=0.1))
    ask(page)

    page.locator(CITATION).first.click()

    page.locator(".mark.active").first.wait_for(state="attached")
    page.locator(".st-key-stop-answer").wait_for(state="detached")
    assert page.locator(".stChatMessage").last.inner_text().count("days") == 60


def test_conversations_are_renamed_and_deleted_with_a_way_back(page: Page) -> None:
    ask(page)
    answered(page, "within nineteen days")
    row = page.locator(".list li.active")
    row.wait_for()

    row.hover()
    row.locator(".menu").click()
    page.get_by_role("menuitem", name="Rename").click()
    page.locator(".list input").fill("Telescopes")
    page.locator(".list input").press("Enter")
    renamed = page.locator(".list").get_by_role("button", name="Telescopes", exact=True)
    renamed.wait_for()
    row.hover()
    row.locator(".menu").click()
    page.get_by_role("menuitem", name="Delete").click()
    renamed.wait_for(state="detached")
    page.get_by_role("button", name="Undo").click()

    renamed.wait_for()


def test_on_a_phone_the_source_comes_in_a_drawer_in_korean(
    browser: Browser, stack: Stack, cookies: list[dict[str, object]]
) -> None:
    page = open_page(
        browser, stack, cookies, viewport=PHONE, locale="ko-KR", is_mobile=True, has_touch=True
    )
    ask(page)
    answered(page, "within nineteen days")

    page.locator(CITATION).first.tap()

    drawer = page.get_by_role("dialog")
    drawer.locator(".mark.active").first.wait_for(state="attached")
    assert "원문" in drawer.inner_text()
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= PHONE["width"], "nothing sticks out at the side"
    page.context.close()


def test_the_keyboard_is_enough(page: Page) -> None:
    page.locator("body").press("/")
    focused = page.evaluate("document.activeElement.dataset.testid")
    ask(page)
    answered(page, "within nineteen days")

    page.locator(CITATION).first.focus()
    page.keyboard.press("Enter")
    page.locator(".mark.active").first.wait_for(state="attached")
    page.keyboard.press("Alt+n")

    assert focused == "stChatInputTextArea"
    page.get_by_text("What would you like to know?").wait_for()
