"""Tools outside Lectern in a browser: allowed for one question, shown with its answer."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from lectern.api import CollectionSettingsChange, ToolServerRequest, UserSettingsChange
from tests.provider.chat import Script, calling
from tests.provider.tools import ScriptedSearch
from tests.web.browser import Watched, sign_in
from tests.web.stack import PASSWORD, Stack

NEWS = {
    "title": "Lisbon office market",
    "url": "https://news.example.org/lisbon?id=7",
    "content": "Rents rose by 4 percent.",
}
HOSTILE = {
    "title": "](https://evil.example/?s=1) ![x](https://evil.example/x.png) <img src=x>",
    "url": "https://blog.example.net/*a*_b_?q=[1]",
    "content": "![x](https://evil.example/x.png)",
}


@pytest.fixture
def search(running: Stack) -> Iterator[ScriptedSearch]:
    scripted = ScriptedSearch([NEWS, HOSTILE])
    with scripted.running() as search, running.up.client() as owner:
        web = ToolServerRequest(name="engine", kind="web", web_kind="searxng", url=search.url)
        server = owner.tools.create(web)
        yield search
        owner.tools.delete(server.server_id)


def keep(page: Page, name: str) -> None:
    """Keep a picture where somebody wants to look at it."""
    if folder := os.environ.get("LECTERN_PICTURES"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def test_a_search_is_allowed_for_one_question_and_nothing_that_it_found_is_loaded(
    running: Stack, browser: Browser, search: ScriptedSearch
) -> None:
    person = running.person("web-searcher")
    with person.lectern() as lectern:
        shelf = lectern.collections.ensure("Searched").collection_id
        change = CollectionSettingsChange(outer_tools=True)
        lectern.collections.change_settings(shelf, change)
        lectern.settings.change(UserSettingsChange(reasoning="react"))
    running.model.play(
        calling("web__engine", '{"query": "rents Lisbon"}'),
        Script(text="Done."),
        Script(text="Rents rose (web search: news.example.org). ![x](https://evil.example/y)"),
    )
    context = browser.new_context(locale="en-US")
    watched = Watched()
    watched.watch(context)
    page = context.new_page()
    sign_in(page, running.web, "web-searcher", PASSWORD)

    tools = page.locator("[class*='st-key-outer-tools-']")
    tools.get_by_role("button", name="engine").click()
    expect(page.get_by_text("leaves Lectern")).to_be_visible()
    keep(page, "outer-allowed")
    box = page.get_by_test_id("stChatInputTextArea")
    box.fill("How did rents change?")
    box.press("Enter")

    link = page.get_by_role("link", name=NEWS["title"])
    expect(link).to_be_visible(timeout=30_000)
    keep(page, "outer-answer")
    assert link.get_attribute("href") == NEWS["url"]
    assert {"noopener", "noreferrer"} <= set((link.get_attribute("rel") or "").split())
    outside = page.locator("a[href^='https://']").all()
    assert [each.get_attribute("href") for each in outside] == [
        NEWS["url"], "https://blog.example.net/*a*_b_?q=%5B1%5D",
    ]  # fmt: skip
    expect(page.get_by_text("leaves Lectern")).not_to_be_visible()
    assert [each["asked"]["q"] for each in search.requests] == ["rents Lisbon"]
    assert watched.outside == []
    context.close()
