"""The chat page in a headless Chromium: first contentful paint and when a question can be typed.

Milliseconds after the navigation began, with an empty cache (cold) and with everything that may be
kept in it (warm); requests and bytes over the network; requests to anywhere else, of which there
must be none. Wall time: it depends on how busy the machine is, requests and bytes do not.
"""

import statistics
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext

from benchmarks.web_rerun import samples_ready
from lectern.local.home import Home
from tests.e2e.lectern_up import LecternUp, lectern_up
from tests.web.browser import Watched, chromium
from web.configuration import WebSettings
from web.sealing import SESSION_COOKIE, Visitor, seal_of

ROUNDS = 5
START_S = 60
PATIENCE_MS = 60_000
AIMS = {
    "cold": {"first_contentful_paint_ms": 2500, "input_ms": 5400},
    "warm": {"first_contentful_paint_ms": 2000, "input_ms": 3600},
    "external_requests": 0,
}
USABLE = """() => {
    const input = document.querySelector('[data-testid="stChatInputTextArea"]')
    return input && !input.disabled && input.getClientRects().length > 0 && performance.now()
}"""
MEASURED = """() => {
    const loaded = [
        ...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource"),
    ]
    const [paint] = performance.getEntriesByName("first-contentful-paint")
    return {
        first_contentful_paint_ms: paint.startTime,
        requests: loaded.filter(each => each.transferSize > 0).length,
        kilobytes: loaded.reduce((sum, each) => sum + each.transferSize, 0) / 1024,
    }
}"""


def main() -> dict[str, Any]:
    """Measure with the sample documents, several times in a fresh context each."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {"LECTERN_WEB": "true", "LECTERN_WEB_PORT": "0"}
        with lectern_up(Path(folder) / "home", environment) as up, chromium() as browser:
            up.eventually(lambda: samples_ready(up), timeout_s=START_S)
            watched = Watched()
            _both(browser, up, Watched())  # the server's own first page
            rounds = [_both(browser, up, watched) for _ in range(ROUNDS)]
    return {
        "cold": _medians([cold for cold, _ in rounds]),
        "warm": _medians([warm for _, warm in rounds]),
        "external_requests": len(watched.outside),
        "refused_by_policy": len(watched.refused),
        "aims": AIMS,
    }


def _both(
    browser: Browser, up: LecternUp, watched: Watched
) -> tuple[dict[str, float], dict[str, float]]:
    """Open the page twice in one context; its cache is empty at first."""
    visitor = Visitor.fresh(token=Home(up.home).owner_token())
    value = seal_of(WebSettings(home=up.home)).close(visitor)
    context = browser.new_context()
    context.add_cookies([{"name": SESSION_COOKIE, "value": value, "url": up.running.web}])
    watched.watch(context)
    try:
        return _opened(context, up.running.web), _opened(context, up.running.web)
    finally:
        context.close()


def _opened(context: BrowserContext, address: str) -> dict[str, float]:
    page = context.new_page()
    page.goto(address, wait_until="commit")
    usable = page.wait_for_function(USABLE, timeout=PATIENCE_MS, polling="raf").json_value()
    found: dict[str, float] = page.evaluate(MEASURED)
    page.close()
    return {"input_ms": float(usable), **found}


def _medians(rounds: list[dict[str, float]]) -> dict[str, int]:
    return {key: round(statistics.median(each[key] for each in rounds)) for key in rounds[0]}
