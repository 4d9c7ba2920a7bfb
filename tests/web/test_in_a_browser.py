"""The shell in a real browser: nothing is asked of the outside, nothing refused by the policy."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.web.browser import Watched, chromium, sign_in, web_process
from tests.web.conftest import PASSWORD, World
from web.navigation import PATHS


@pytest.fixture(scope="module")
def address(world: World) -> Iterator[str]:
    with web_process(
        {"LECTERN_HOME": str(world.home), "LECTERN_FUNCTION_URL": world.function_url}
    ) as served:
        yield served


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


def test_every_page_works_under_the_policy_and_asks_nobody_outside(
    browser: Browser, address: str
) -> None:
    watched = Watched()
    context = browser.new_context()
    watched.watch(context)
    page = context.new_page()

    sign_in(page, address, "admin", PASSWORD)
    for path in sorted(PATHS):
        page.goto(address + path)
        page.wait_for_selector(".stMain .stElementContainer", timeout=60_000)
        expect(page.locator("[data-testid=stException]")).to_have_count(0)

    assert watched.outside == []
    assert watched.refused == []
    context.close()


def test_somebody_signs_in_and_out_without_javascript(browser: Browser, address: str) -> None:
    context = browser.new_context(java_script_enabled=False, locale="ko-KR")
    page = context.new_page()
    page.goto(f"{address}/settings")

    expect(page.locator("h1")).to_have_text("로그인")
    page.fill("#name", "reader")
    page.fill("#password", PASSWORD)
    page.click("button.primary")
    page.wait_for_url(f"{address}/settings")
    page.goto(f"{address}/logout")
    page.click("button.primary")
    page.wait_for_url(f"{address}/login")

    assert not [c for c in context.cookies() if c["name"] == "lectern_session"]
    context.close()


def test_the_button_in_the_sidebar_signs_out(browser: Browser, address: str) -> None:
    context = browser.new_context()
    page = context.new_page()
    sign_in(page, address, "reader", PASSWORD)

    page.click(".lectern-account button")

    page.wait_for_url(f"{address}/login")
    context.close()


def test_dark_is_dark_after_it_was_chosen(browser: Browser, address: str) -> None:
    context = browser.new_context(color_scheme="light")
    page = context.new_page()
    sign_in(page, address, "stranger", PASSWORD)
    page.goto(f"{address}/settings")

    page.get_by_role("radio", name="Dark").click()

    ground = "rgb(17, 22, 20)"
    expect(page.locator(".stApp")).to_have_css("background-color", ground, timeout=30_000)
    context.close()
