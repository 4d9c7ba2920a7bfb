"""Tools outside of Lectern in a browser: allowed for a question, shown with its answer."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from lectern.api import CollectionSettingsChange, ToolServerRequest, UserSettingsChange
from tests.provider.chat import Script, calling
from tests.provider.web_search import NEWS, ScriptedSearch
from tests.web.browser import Watched, sign_in
from tests.web.stack import PASSWORD, Stack

HOSTILE = {
    "title": "](https://evil.example/?s=1) ![x](https://evil.example/x.png) <img src=x>",
    "url": "https://blog.example.net/*a*_b_$c$?q=[1]",
    "text": "![x](https://evil.example/x.png)",
}


@pytest.fixture
def engine(running: Stack) -> Iterator[ScriptedSearch]:
    with ScriptedSearch((NEWS, HOSTILE)).running() as engine, running.up.client() as owner:
        web = ToolServerRequest(name="engine", kind="web", provider="searxng", url=engine.url)
        server = owner.tool_servers.create(web)
        yield engine
        owner.tool_servers.delete(server.server_id)


def keep(page: Page, name: str) -> None:
    """Keep a picture where somebody wants to look at it."""
    if folder := os.environ.get("LECTERN_PICTURES"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def test_a_web_search_is_allowed_and_its_pages_are_linked_and_nothing_is_loaded(
    running: Stack, browser: Browser, engine: ScriptedSearch
) -> None:
    person = running.person("web-searcher")
    with person.lectern() as lectern:
        shelf = lectern.collections.ensure("Searched").collection_id
        change = CollectionSettingsChange(outer_tools=True)
        lectern.collections.change_settings(shelf, change)
        lectern.settings.change(UserSettingsChange(reasoning="react"))
    running.model.play(
        calling("web", '{"query": "rents Lisbon"}'),
        Script(text="Done."),
        Script(text="On the web, rents rose by 4 percent [W1][W2]. ![x](https://evil.example/y)"),
    )
    context = browser.new_context(locale="en-US")
    watched = Watched()
    watched.watch(context)
    page = context.new_page()
    sign_in(page, running.web, "web-searcher", PASSWORD)

    tools = page.locator("[class*='st-key-outer-tools-']")
    tools.get_by_role("button", name="Search the web").click()
    expect(page.get_by_text("leaves Lectern")).to_be_visible()
    keep(page, "outer-allowed")
    box = page.get_by_test_id("stChatInputTextArea")
    box.fill("How did rents change?")
    box.press("Enter")

    sources = page.locator("[class*='st-key-sources-']").last
    link = sources.get_by_role("link", name="Lisbon office market")
    expect(link).to_be_visible(timeout=30_000)
    keep(page, "outer-answer")
    assert link.get_attribute("href") == NEWS["url"]
    assert {"noopener", "noreferrer"} <= set((link.get_attribute("rel") or "").split())
    addresses = [each.get_attribute("href") for each in sources.get_by_role("link").all()]
    assert addresses == [NEWS["url"], "https://blog.example.net/*a*_b_%24c%24?q=%5B1%5D"]
    assert sources.locator("img").count() == 0
    expect(page.get_by_text("leaves Lectern")).not_to_be_visible()
    assert engine.queries == ["rents Lisbon"]
    assert watched.outside == []
    context.close()
