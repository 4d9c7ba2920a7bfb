"""Pictures of the web UI for the documentation: light, dark, in Korean, and on a phone.

    python -m tests.web.screenshots [FOLDER]

Starts a Lectern of its own with the sample documents, people and a scripted model; writes small
PNGs with a palette, by default to docs/screenshots.
"""

import io
import re
import sys
import tempfile
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import quote

from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page

from lectern.api import ConversationChange, ConversationRequest, UserRequest
from lectern.client import Lectern
from tests.provider.chat import Script
from tests.web.browser import chromium
from tests.web.screenshot_texts import (
    ANSWERS,
    EARLIER,
    GROUPS,
    KOREAN_NAME,
    PEOPLE,
    QUESTIONS,
    SEARCHES,
    korean_page,
)
from tests.web.stack import Stack, running_stack

FOLDER = Path(__file__).parents[2] / "docs" / "screenshots"
DESKTOP, PHONE = {"width": 1280, "height": 860}, {"width": 390, "height": 844}
LOOKS: Mapping[str, Mapping[str, Any]] = {
    "light": {"color_scheme": "light", "locale": "en-GB", "viewport": DESKTOP},
    "dark": {"color_scheme": "dark", "locale": "en-GB", "viewport": DESKTOP},
    "korean": {"color_scheme": "light", "locale": "ko-KR", "viewport": DESKTOP},
    "phone": {
        "color_scheme": "light",
        "locale": "en-GB",
        "viewport": PHONE,
        "is_mobile": True,
        "has_touch": True,
    },
}
COLOURS = 128
LARGEST_BYTES = 120_000
READY_S = 180.0
PATIENCE_MS = 90_000
SETTLED_MS = 1500  # fonts and transitions; a picture has no event for "finished"
PASSAGE = re.compile(r'<passage number="(\d+)"[^>]*>\n(.*?)\n</passage>', re.DOTALL)


def main() -> None:
    """Write every picture."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        running = stack.enter_context(running_stack(home))
        running.model.play(Script(answer_of))
        furnish(running, home)
        browser = stack.enter_context(chromium())
        cookies = owners_cookies(browser, running)
        asked: dict[str, str] = {}
        for look, options in LOOKS.items():
            context = browser.new_context(base_url=running.web, **options)
            context.add_cookies(cookies)
            context.set_default_timeout(PATIENCE_MS)
            draw(context, look, folder, asked)
            context.close()


def answer_of(prompt: str) -> str:
    """Return the answer to the question in a prompt, citing the passages that hold its words."""
    language = "ko" if re.search("[가-힣]", prompt.rpartition("<question>")[2]) else "en"
    passages = PASSAGE.findall(prompt)

    def cited(match: re.Match[str]) -> str:
        numbers = [number for number, text in passages if match[1] in text]
        return f" [{numbers[0]}]" if numbers else ""

    return re.sub(r" \[([^\]]+)\]", cited, ANSWERS[language])


def furnish(running: Stack, folder: Path) -> None:
    """Fill the instance with what the pictures show."""
    with running.up.client() as owner:

        def ready() -> bool:
            found = owner.documents.list("handbook").documents
            return len(found) == 3 and all(each.state.terminal for each in found)

        running.up.eventually(ready, timeout_s=READY_S)
        for name, tags in (("lectern-handbook.pdf", ["guide", "2026"]), ("release-notes.md", [])):
            found = owner.documents.list("handbook").documents
            document = next(each for each in found if each.name == name)
            owner.documents.set_tags(document.document_id, tags)
        path = folder / KOREAN_NAME
        korean_page(path)
        owner.documents.wait(owner.documents.upload("handbook", path).document_id)
        broken = folder / "minutes-2019.pdf"
        broken.write_bytes(b"%PDF-1.7\nthis is no PDF")
        owner.documents.wait(owner.documents.upload("handbook", broken).document_id)
        add_people(owner)
        talk(owner)


def add_people(owner: Lectern) -> None:
    """Make people and groups."""
    made = {
        name: owner.users.create(
            UserRequest(name=name, display_name=shown, email=f"{name}@example.com", is_admin=admin)
        )
        for name, shown, admin in PEOPLE
    }
    for name, members in GROUPS.items():
        group = owner.groups.create(name)
        for member in members:
            owner.groups.add(group.group_id, made[member].user_id)


def talk(owner: Lectern) -> None:
    """Leave conversations for the list in the sidebar."""
    for title, pinned in EARLIER:
        conversation = owner.conversations.create(ConversationRequest())
        change = ConversationChange(title=title, pinned=pinned)
        owner.conversations.change(conversation.conversation_id, change)


def owners_cookies(browser: Browser, running: Stack) -> Any:
    """Sign the owner in, once for every look."""
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(running.owner_link)
        page.wait_for_selector(".lectern-account", timeout=PATIENCE_MS)
        return context.cookies()


def draw(context: BrowserContext, look: str, folder: Path, asked: dict[str, str]) -> None:
    """Draw the five pages in one look; `asked` is where the answer in each language stands."""
    page = context.new_page()
    language = "ko" if look == "korean" else "en"

    def shoot(name: str) -> None:
        page.wait_for_timeout(SETTLED_MS)
        data = small(page.screenshot())
        if len(data) > LARGEST_BYTES:
            raise SystemExit(f"{name}-{look}.png has {len(data)} bytes; use fewer colours")
        (folder / f"{name}-{look}.png").write_bytes(data)

    chat(page, language, shoot, asked)
    page.goto("/library?c=handbook")
    page.locator(".rows .row").first.wait_for()
    shoot("library")
    page.goto(f"/search?q={quote(SEARCHES[language])}")
    page.locator(".passages .card").first.wait_for()
    shoot("search")
    page.goto("/admin")
    page.locator("[class*='st-key-user-menu-']").first.wait_for()
    shoot("admin")


def chat(page: Page, language: str, shoot: Callable[[str], None], asked: dict[str, str]) -> None:
    """Draw an answer, and then the page that it cites."""
    page.goto(asked.get(language, "/"))
    if language not in asked:
        field = page.locator('[data-testid="stChatInputTextArea"]')
        field.fill(QUESTIONS[language])
        field.press("Enter")
    page.locator('[class*="st-key-sources-"]').last.wait_for()
    page.locator(".st-key-stop-answer").wait_for(state="detached")
    asked[language] = page.url
    shoot("chat")
    page.locator('.stChatMessage a[href*="#cite-"]').first.click()
    page.locator(".mark.active").first.wait_for(state="attached")
    page.locator(".page img").first.wait_for()
    shoot("viewer")


def small(png: bytes) -> bytes:
    """Return a picture with a palette, a third of the size."""
    with Image.open(io.BytesIO(png)) as picture:
        quantised = picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    out = io.BytesIO()
    quantised.save(out, "PNG", optimize=True)
    return out.getvalue()


if __name__ == "__main__":
    main()
