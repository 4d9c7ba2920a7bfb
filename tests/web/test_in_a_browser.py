"""The shell in a real browser: nothing is asked of the outside, nothing refused by the policy."""

import pytest
from playwright.sync_api import Browser, expect

from tests.web.browser import Watched, sign_in
from tests.web.stack import PASSWORD, Stack
from web.navigation import PATHS


@pytest.fixture(scope="module")
def walker(running: Stack) -> str:
    """Return the name of somebody who may see every page."""
    return running.person("walker", is_admin=True).name


def test_every_page_works_under_the_policy_and_asks_nobody_outside(
    browser: Browser, running: Stack, walker: str
) -> None:
    watched = Watched()
    context = browser.new_context()
    watched.watch(context)
    page = context.new_page()

    sign_in(page, running.web, walker, PASSWORD)
    for path in sorted(PATHS):
        page.goto(running.web + path)
        page.wait_for_selector(".stMain .stElementContainer", timeout=60_000)
        expect(page.locator("[data-testid=stException]")).to_have_count(0)

    assert watched.outside == []
    assert watched.refused == []
    context.close()


def test_somebody_signs_in_and_out_without_javascript(
    browser: Browser, running: Stack, walker: str
) -> None:
    context = browser.new_context(java_script_enabled=False, locale="ko-KR")
    page = context.new_page()
    page.goto(f"{running.web}/settings")

    expect(page.locator("h1")).to_have_text("로그인")
    page.fill("#name", walker)
    page.fill("#password", PASSWORD)
    page.click("form[action='/login'] button")
    page.wait_for_url(f"{running.web}/settings")
    page.goto(f"{running.web}/logout")
    page.click("button.primary")
    page.wait_for_url(f"{running.web}/login")

    assert not [c for c in context.cookies() if c["name"] == "lectern_session"]
    context.close()


def test_the_button_in_the_sidebar_signs_out(browser: Browser, running: Stack, walker: str) -> None:
    context = browser.new_context()
    page = context.new_page()
    sign_in(page, running.web, walker, PASSWORD)

    page.click(".lectern-account button")

    page.wait_for_url(f"{running.web}/login")
    context.close()


def test_dark_is_dark_after_it_was_chosen(browser: Browser, running: Stack, walker: str) -> None:
    context = browser.new_context(color_scheme="light")
    page = context.new_page()
    sign_in(page, running.web, walker, PASSWORD)
    page.goto(f"{running.web}/settings")

    page.get_by_role("radio", name="Dark").click()

    ground = "rgb(17, 22, 20)"
    expect(page.locator(".stApp")).to_have_css("background-color", ground, timeout=30_000)
    context.close()


def test_the_page_says_which_language_it_is_in(
    browser: Browser, running: Stack, walker: str
) -> None:
    watched = Watched()
    context = browser.new_context(locale="ko-KR")
    watched.watch(context)
    page = context.new_page()

    sign_in(page, running.web, walker, PASSWORD)

    expect(page.locator("html")).to_have_attribute("lang", "ko", timeout=30_000)
    assert watched.refused == []
    context.close()
