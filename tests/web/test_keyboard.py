"""The list of conversations by keyboard, in a real browser."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from web.components.conversations import LABELS

SOURCE = (Path(__file__).parents[2] / "web/components/conversations.js").read_text(encoding="utf-8")
SHOW = """async ([source, data]) => {
  const { default: draw } = await import("data:text/javascript," + encodeURIComponent(source))
  const parentElement = document.body.attachShadow({ mode: "open" })
  parentElement.innerHTML = '<nav class="list"></nav>'
  window.acts = []
  const setTriggerValue = (_, act) => window.acts.push(`${act.kind} ${act.id}`)
  window.show = data => { draw({ data, parentElement, setTriggerValue }) }
  window.show(data)
}"""


def data(*ids: str) -> dict[str, Any]:
    rows = [{"id": each, "title": each.upper(), "pinned": False} for each in ids]
    return {
        "groups": [{"label": "Today", "rows": rows}],
        "active": "",
        "undo": None,
        "more": False,
        "empty": "",
        "labels": {name: name for name in LABELS},
    }


@pytest.fixture
def page(browser: Browser) -> Any:
    context = browser.new_context()
    shown = context.new_page()
    shown.evaluate(SHOW, [SOURCE, data("a", "b", "c")])
    yield shown
    context.close()


def focused(page: Page) -> str:
    return str(page.evaluate("document.body.shadowRoot.activeElement?.dataset.key ?? ''"))


def press(page: Page, *keys: str) -> str:
    for key in keys:
        page.keyboard.press(key)
    return focused(page)


def open_menu(page: Page) -> None:
    page.evaluate("document.body.shadowRoot.querySelectorAll('.menu')[1].focus()")
    page.keyboard.press("Enter")


def test_the_menu_takes_the_focus_and_arrows_move_in_it(page: Page) -> None:
    open_menu(page)

    assert focused(page) == "rename:b"
    assert press(page, "ArrowDown") == "pin:b"
    assert press(page, "End") == "delete:b"
    assert press(page, "ArrowUp", "ArrowUp", "ArrowUp") == "rename:b"


def test_escape_closes_the_menu_and_goes_back_to_its_button(page: Page) -> None:
    open_menu(page)

    assert press(page, "Escape") == "menu:b"
    assert page.get_by_role("menuitem").count() == 0


def test_a_run_of_the_page_leaves_the_focus_where_it_is(page: Page) -> None:
    page.evaluate("document.body.shadowRoot.querySelectorAll('.open')[1].focus()")

    page.evaluate("data => window.show(data)", data("new", "a", "b", "c"))
    assert focused(page) == "open:b"
    assert press(page, "ArrowDown") == "open:c"

    open_menu(page)
    page.evaluate("data => window.show(data)", data("a", "new", "b", "c"))
    assert focused(page) == "rename:a"


def test_a_run_of_the_page_takes_no_focus_that_is_elsewhere(page: Page) -> None:
    page.evaluate("data => window.show(data)", data("a", "b"))

    assert focused(page) == ""


def test_what_takes_the_place_of_a_deleted_one_has_the_focus(page: Page) -> None:
    open_menu(page)

    assert press(page, "End", "Enter") == "menu:b"
    page.evaluate("data => window.show(data)", data("a", "c"))

    assert page.evaluate("window.acts") == ["delete b"]
    assert focused(page) == "open:c"


def test_a_name_that_was_changed_gives_the_focus_back(page: Page) -> None:
    open_menu(page)
    page.keyboard.press("Enter")
    page.wait_for_function("document.body.shadowRoot.activeElement?.tagName === 'INPUT'")
    page.keyboard.type("anew")

    assert press(page, "Enter") == "open:b"
    assert page.evaluate("window.acts") == ["rename b"]
