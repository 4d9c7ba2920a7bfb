"""The library in a real browser: cards and boxes point at each other, and bytes go to the store."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.web.browser import Watched, sign_in
from tests.web.conftest import ROOT, World
from tests.web.stack import PASSWORD, Stack

PATIENCE_MS = 60_000
CONTRAST = """element => {
  const channels = text => text.match(/[\\d.]+/g).map(Number)
  const linear = value => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  const luminance = ([r, g, b]) => [r, g, b].map(each => linear(each / 255))
    .reduce((sum, each, index) => sum + each * [0.2126, 0.7152, 0.0722][index], 0)
  const grounds = []
  for (let each = element; each; each = each.parentElement) {
    const [r, g, b, alpha = 1] = channels(getComputedStyle(each).backgroundColor)
    grounds.unshift([r, g, b, alpha])
    if (alpha === 1) break
  }
  const ground = grounds.reduce((below, [r, g, b, alpha]) =>
    [r, g, b].map((each, index) => each * alpha + below[index] * (1 - alpha)), [0, 0, 0])
  const both = [luminance(channels(getComputedStyle(element).color)), luminance(ground)]
  return (Math.max(...both) + 0.05) / (Math.min(...both) + 0.05)
}"""
"""The contrast of an element's text to its ground, by WCAG 2.2."""

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def page(browser: Browser, running: Stack) -> Iterator[Page]:
    """The owner's page in the dark; every answer with an error is noted in `page.refused`."""
    context = browser.new_context(
        base_url=running.web, viewport={"width": 1280, "height": 860}, color_scheme="dark"
    )
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.goto(running.owner_link)
    page.wait_for_selector(".lectern-account")
    yield page
    context.close()


def open_handbook(page: Page) -> None:
    """Open the handbook when it is ready, and wait for the boxes on its first page."""
    page.goto("/library?c=handbook")
    row = page.locator(".rows .row", has_text="handbook.pdf")
    expect(row.locator(".state")).to_have_text("Ready", timeout=PATIENCE_MS)
    row.locator("a.title").click()
    page.locator(".mark").first.wait_for()


@contextmanager
def web_ui(environment: Mapping[str, str]) -> Iterator[str]:
    """Run the web UI by itself on a free port; yield its address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        process = subprocess.Popen(
            [sys.executable, "-m", "web", str(listener.fileno())],
            cwd=ROOT,
            env={**os.environ, **environment},
            stdin=subprocess.PIPE,
            pass_fds=(listener.fileno(),),
        )
        try:
            # The socket listens already: the first answer is there as soon as the process is.
            httpx.get(f"{address}/healthz", timeout=60.0, trust_env=False).raise_for_status()
            yield address
        finally:
            process.terminate()
            process.communicate(timeout=20)


def test_a_card_and_its_boxes_point_at_each_other(page: Page, running: Stack) -> None:
    open_handbook(page)
    cards, first = page.locator(".passages .card"), page.locator(".mark").first

    cards.nth(0).hover()
    expect(page.locator(".mark.pointed")).not_to_have_count(0)

    page.mouse.move(2, 2)
    expect(page.locator(".mark.pointed")).to_have_count(0)
    place = first.bounding_box()
    assert place is not None
    page.mouse.move(place["x"] + 4, place["y"] + 4)
    expect(page.locator(".card.pointed .number")).to_have_text("1")
    page.mouse.click(place["x"] + 4, place["y"] + 4)
    expect(page.locator(".card.active .number")).to_have_text("1")


def test_cards_and_boxes_are_used_with_the_keyboard_alone(page: Page, running: Stack) -> None:
    open_handbook(page)

    page.locator(".card .show").first.focus()
    for _ in range(3):
        page.keyboard.press("ArrowDown")
    expect(page.locator(".page[data-number='3'] .mark.pointed")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.locator(".card.active .number")).to_have_text("4")

    page.locator(".page[data-number='3'] .mark.quiet").first.focus()
    expect(page.locator(".card.pointed .number")).to_have_text("3")
    page.keyboard.press("Enter")
    expect(page.locator(".card.active .number")).to_have_text("3")


def test_a_page_is_opened_without_a_request_in_vain_and_can_be_read_in_the_dark(
    page: Page, running: Stack
) -> None:
    in_vain: list[str] = []
    page.on("response", lambda r: in_vain.append(r.url) if r.status >= 400 else None)

    page.goto("/library?c=handbook")
    page.get_by_role("radio", name="Ready").click()
    chosen = page.locator("[data-selected=true]").first
    chosen.wait_for()
    page.locator(".rows .row").first.wait_for()

    assert chosen.evaluate(CONTRAST) >= 4.5
    page.mouse.move(2, 2)
    assert chosen.evaluate(CONTRAST) >= 4.5
    assert in_vain == []


def test_a_file_goes_straight_to_a_store_of_another_origin(
    browser: Browser, world: World, tmp_path: Path
) -> None:
    store = world.function_url.partition("/{function}")[0]
    slug = world.lectern("reader").collections.ensure("Straight to the store").slug
    (tmp_path / "heron.txt").write_text("The heron waits.")
    sent: list[str] = []

    def allowed(route: Route) -> None:
        """Answer as a bucket that allows PUT from the page's origin."""
        sent.append(route.request.method)
        answer = route.fetch()
        headers: dict[str, Any] = {**answer.headers, "Access-Control-Allow-Origin": "*"}
        route.fulfill(response=answer, headers=headers)

    environment = {
        "LECTERN_HOME": str(world.home),
        "LECTERN_FUNCTION_URL": world.function_url,
        "LECTERN_WEB_UPLOAD_ORIGIN": store,
    }
    watched = Watched()
    with web_ui(environment) as address:
        context = browser.new_context(base_url=address)
        watched.watch(context)
        context.route(f"{store}/**", allowed)
        page = context.new_page()
        sign_in(page, address, "reader", PASSWORD)
        page.goto(f"/library?c={slug}")
        page.locator(".drop input.some").set_input_files(str(tmp_path / "heron.txt"))
        row = page.locator(".rows .row", has_text="heron.txt")
        expect(row).to_be_visible(timeout=PATIENCE_MS)
        context.close()

    assert "PUT" in sent
    assert watched.refused == []
