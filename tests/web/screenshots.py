"""Pictures of the shell's pages for review: light, dark, Korean, and on a phone.

    LECTERN_SCREENSHOTS=docs/screenshots LECTERN_WEB_URL=http://127.0.0.1:8501/login?code=… \
        python -m tests.web.screenshots

The link is what `lectern web` prints; it is used up.
"""

import os
from pathlib import Path

from playwright.sync_api import BrowserContext

from tests.web.browser import chromium

PAGES = ("settings", "models", "admin", "help", "search", "library", "")
LOOKS = {
    "light": {"color_scheme": "light", "locale": "en-GB"},
    "dark": {"color_scheme": "dark", "locale": "en-GB"},
    "korean": {"color_scheme": "light", "locale": "ko-KR"},
}
SIZES = {"desktop": {"width": 1280, "height": 860}, "phone": {"width": 390, "height": 844}}
_SETTLED_MS = 1200  # fonts and transitions; a picture has no event for "finished"


def main() -> None:
    """Write the pictures."""
    folder = Path(os.environ["LECTERN_SCREENSHOTS"])
    folder.mkdir(parents=True, exist_ok=True)
    link = os.environ["LECTERN_WEB_URL"]
    address = link.partition("/login")[0]
    with chromium() as browser:
        first = browser.new_context()
        first.new_page().goto(link)
        cookies = first.storage_state()
        for look, options in LOOKS.items():
            for size, viewport in SIZES.items():
                context = browser.new_context(**options, viewport=viewport, storage_state=cookies)
                draw(context, address, folder, f"{look}-{size}")
                context.close()
        door(browser.new_context(viewport=SIZES["desktop"]), address, folder)


def draw(context: BrowserContext, address: str, folder: Path, name: str) -> None:
    """Draw every page in one look."""
    page = context.new_page()
    for path in PAGES:
        page.goto(f"{address}/{path}")
        page.wait_for_selector(".stMain .stElementContainer", timeout=60_000)
        page.wait_for_timeout(_SETTLED_MS)
        page.screenshot(path=folder / f"{path or 'chat'}-{name}.png")


def door(context: BrowserContext, address: str, folder: Path) -> None:
    """Draw the sign-in page."""
    page = context.new_page()
    for language in ("en", "ko"):
        page.goto(f"{address}/login?language={language}")
        page.screenshot(path=folder / f"login-{language}.png")


if __name__ == "__main__":
    main()
