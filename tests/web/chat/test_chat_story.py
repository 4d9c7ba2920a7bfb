"""The story in a real browser: ask, watch, open the cited place, stop, reload, lose the line."""

import re
import shutil
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from lectern.api import BoxReply
from tests.provider.chat import Script
from tests.web.chat.conftest import ANSWER, QUESTION, Stack

playwright = pytest.importorskip("playwright.sync_api")

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE_MS = 40_000
TOLERANCE_PX = 2.0
WIDE = {"width": 1360, "height": 860}
PHONE = {"width": 390, "height": 844}
INPUT = '[data-testid="stChatInputTextArea"]'
CITATION = '.stChatMessage a[href*="#cite-"]'
SLOW = Script(pieces=("Within nineteen ", *("days ",) * 60, "[1]."), between_s=0.1)

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on this machine")

Page = playwright.Page


@pytest.fixture(scope="module")
def browser() -> Iterator[playwright.Browser]:
    with playwright.sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield started
        started.close()


@pytest.fixture(scope="module")
def cookies(browser: playwright.Browser, running_stack: Stack) -> list[dict[str, object]]:
    """Sign in once, with the link that works once."""
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(running_stack.link)
        page.locator(INPUT).wait_for(timeout=PATIENCE_MS)
        return list(context.cookies())


def open_page(
    browser: playwright.Browser, stack: Stack, cookies: list[dict[str, object]], **options: object
) -> Page:
    context = browser.new_context(**({"viewport": WIDE, "locale": "en-GB"} | options))
    context.add_cookies(cookies)
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    page.on("request", lambda request: _only_here(request.url, stack))
    page.goto(stack.up.running.web)
    page.locator(INPUT).wait_for()
    return page


def _only_here(url: str, stack: Stack) -> None:
    assert url.startswith((stack.up.running.web, "data:", "blob:")), f"{url} is somewhere else"


@pytest.fixture
def page(
    browser: playwright.Browser, stack: Stack, cookies: list[dict[str, object]]
) -> Iterator[Page]:
    page = open_page(browser, stack, cookies)
    yield page
    page.context.close()


def ask(page: Page, question: str = QUESTION) -> None:
    page.locator(INPUT).fill(question)
    page.locator(INPUT).press("Enter")


def answered(page: Page, text: str) -> None:
    page.locator(".stChatMessage", has_text=text).last.wait_for()
    page.locator('[class*="st-key-sources-"]').last.wait_for()


def test_a_citation_opens_the_page_with_the_box_on_the_right_words(
    page: Page, stack: Stack
) -> None:
    ask(page)
    answered(page, "within nineteen days")
    with stack.up.client() as lectern:
        shown = lectern.conversations.messages(page.url.partition("?c=")[2]).messages[-1]
        assert shown.answer is not None
        cited = shown.answer.citations[0]
        points = lectern.pages.words(stack.document_id, cited.page_number)

    page.locator(CITATION).first.click()
    mark = page.locator(".mark.active").first
    mark.wait_for(state="attached")

    sheet = page.locator(f'.page[data-number="{cited.page_number}"]')
    on_sheet, on_mark = sheet.bounding_box(), mark.bounding_box()
    assert cited.page_number == 2
    assert on_sheet is not None
    assert on_mark is not None
    scale = on_sheet["width"] / points.width
    box = cited.boxes[0]
    wanted = {
        "x": on_sheet["x"] + box.x0 * scale,
        "y": on_sheet["y"] + box.y0 * scale,
        "width": (box.x1 - box.x0) * scale,
        "height": (box.y1 - box.y0) * scale,
    }
    assert on_mark == pytest.approx(wanted, abs=TOLERANCE_PX)
    assert 0 < on_mark["y"] < WIDE["height"], "the marked words are in sight"
    covered = [word[4] for word in points.words if _inside(word, box)]
    assert "borrowed telescope must be returned" in " ".join(covered)


def _inside(word: Sequence[Any], box: BoxReply) -> bool:
    x, y = (word[0] + word[2]) / 2, (word[1] + word[3]) / 2
    return bool(box.x0 <= x <= box.x1 and box.y0 <= y <= box.y1)


def test_hovering_over_a_citation_shows_what_it_says(page: Page) -> None:
    ask(page)
    answered(page, "within nineteen days")

    page.locator(CITATION).first.hover()

    card = page.locator(".card.shown")
    card.wait_for()
    assert "library.pdf · p. 2" in card.inner_text()
    assert "borrowed telescope" in card.inner_text()


def test_escape_stops_the_answer_and_keeps_the_part(page: Page, stack: Stack) -> None:
    stack.model.play(SLOW)
    ask(page)
    page.locator(".stChatMessage", has_text="Within nineteen days").wait_for()

    page.keyboard.press("Escape")

    page.get_by_text("Stopped.").wait_for()
    assert "Within nineteen days" in page.locator(".stChatMessage").last.inner_text()


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


def test_a_shared_link_works_for_a_stranger_until_it_is_revoked(
    page: Page, browser: playwright.Browser
) -> None:
    ask(page)
    answered(page, "within nineteen days")
    page.get_by_role("button", name="Share").first.click()
    page.get_by_role("button", name="Make a link").click()
    link = page.locator(".st-key-share-link code").inner_text()

    with browser.new_context() as stranger:
        shared = stranger.new_page()
        shared.goto(link)
        assert ANSWER in shared.inner_text("main")
        page.get_by_role("button", name="Revoke the link").click()
        page.get_by_role("button", name="Revoke the link").wait_for(state="detached")
        gone = shared.goto(link)

        assert gone is not None
        assert gone.status == 404


def test_on_a_phone_the_source_comes_in_a_drawer_in_korean(
    browser: playwright.Browser, stack: Stack, cookies: list[dict[str, object]]
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
