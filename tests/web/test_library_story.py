"""The library's story in a real browser on the real stack: drop, watch, open, tag, search, undo."""

import os
from collections.abc import Iterator
from pathlib import Path

import httpx
import pymupdf
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.web.stack import Stack
from tests.web.story_files import append_readings

PATIENCE_MS = 90_000
LARGE_BYTES = 200_000_000
ROOM_BYTES = 40_000_000

pytestmark = pytest.mark.timeout(600)

TEXTS = (
    "Opening hours. The library in Gamle Brygge opens at eight in the morning on weekdays.",
    "Lending. A borrowed telescope must be returned to the observatory within nineteen days.",
)


@pytest.fixture
def page(browser: Browser, running: Stack) -> Iterator[Page]:
    """A signed-in page; nothing it asks for may leave this machine."""
    web = running.web
    context = browser.new_context(base_url=web, viewport={"width": 1360, "height": 900})
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    expect.set_options(timeout=PATIENCE_MS)
    outside: list[str] = []
    page.on("request", lambda r: None if is_ours(r.url, web) else outside.append(r.url))
    page.goto(running.owner_link)
    yield page
    context.close()
    assert outside == []


def is_ours(url: str, web: str) -> bool:
    return url.startswith((web, "data:", "blob:", web.replace("http", "ws", 1)))


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("files")
    pdf = pymupdf.open()
    for text in TEXTS:
        sheet = pdf.new_page()
        sheet.insert_textbox(pymupdf.Rect(72, 72, 500, 700), text, fontsize=14)
    append_readings(pdf)
    pdf.save(folder / "library.pdf")
    pdf.close()
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7\nthis is no PDF")
    return folder


def shelf(running: Stack, name: str) -> str:
    with running.up.client() as lectern:
        return lectern.collections.ensure(name).slug


def dropped(page: Page, *paths: Path) -> None:
    """Drop files on the page's title, which is no dropzone."""
    transfer = page.evaluate_handle("() => new DataTransfer()")
    for path in paths:
        page.evaluate(
            """([transfer, name, bytes]) => transfer.items.add(
                   new File([Uint8Array.from(bytes)], name))""",
            [transfer, path.name, list(path.read_bytes())],
        )
    page.dispatch_event("h1", "dragenter", {"dataTransfer": transfer})
    expect(page.locator(".veil")).to_be_visible()
    page.dispatch_event("h1", "drop", {"dataTransfer": transfer})
    expect(page.locator(".veil")).to_be_hidden()


def test_documents_are_dropped_watched_opened_tagged_found_deleted_and_brought_back(
    page: Page, running: Stack, files: Path
) -> None:
    page.goto(f"/library?c={shelf(running, 'Story')}")
    page.locator(".drop .files").wait_for()
    expect(page.get_by_text("No documents yet")).to_be_visible()

    dropped(page, files / "library.pdf", files / "broken.pdf")

    good = page.locator(".rows .row", has_text="library.pdf")
    bad = page.locator(".rows .row", has_text="broken.pdf")
    expect(good.locator(".steps .now")).to_be_visible()
    expect(bad.locator(".reason")).to_have_text("The file is damaged.")
    expect(bad.locator(".advice")).to_contain_text("save it again")
    expect(good.locator(".state")).to_have_text("Ready")

    bad.get_by_role("button", name="Try again").click()
    expect(page.get_by_text("1 document is tried again")).to_be_visible()
    expect(bad.locator(".reason")).to_have_text("The file is damaged.")

    good.locator(".box").click()
    bad.locator(".box").click()
    page.locator(".head button", has_text="Tag").click()
    page.locator(".st-key-library-dialog-new input").fill("herons")
    page.locator(".st-key-library-tag button").click()
    expect(good.locator(".tag")).to_have_text("herons")

    good.locator("a.title").click()
    page.locator(".passages .card", has_text="telescope").click()
    mark = page.locator(".page[data-number='2'] .mark.active").first
    expect(mark).to_be_visible()
    expect(page.locator(".page[data-number='2'] img")).to_be_visible()

    page.goto("/search?q=telescope&tag=herons&mode=text")
    card = page.locator(".passages .card").first
    expect(card.locator("mark").first).to_have_text("telescope")
    expect(card.locator(".meter")).not_to_have_count(0)
    card.locator(".show").click()
    expect(page.locator(".viewer .mark.active").first).to_be_visible()

    page.goto(f"/library?c={shelf(running, 'Story')}")
    good.locator(".box").click()
    page.locator(".head button", has_text="Delete").click()
    expect(good).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(good).to_have_count(1)


def test_the_list_is_used_with_the_keyboard_alone(page: Page, running: Stack) -> None:
    page.goto("/library?c=handbook")
    first = page.locator(".rows .row").first
    first.wait_for()
    expect(page.locator(".rows .row")).to_have_count(3)

    first.locator("a.title").focus()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Shift+Space")
    expect(page.locator(".row.chosen")).to_have_count(2)
    page.keyboard.press("Escape")
    expect(page.locator(".row.chosen")).to_have_count(0)
    page.keyboard.press("Enter")

    expect(page.locator(".passages .card").first).to_be_visible()


def test_a_large_upload_costs_the_web_process_no_memory(
    page: Page, running: Stack, tmp_path: Path
) -> None:
    large = tmp_path / "large.txt"
    line = "The heron stands in the shallow water and waits for something to move. " * 14 + "\n"
    with large.open("w") as file:
        for _ in range(LARGE_BYTES // len(line)):
            file.write(line)
    page.goto(f"/library?c={shelf(running, 'Large')}")
    page.locator(".drop .files").wait_for()
    (web,) = running.up.pids("web")
    before = peak_of(web)

    page.locator(".drop input.some").set_input_files(str(large))
    expect(page.locator(".rows .row", has_text="large.txt")).to_be_visible(timeout=300_000)

    assert peak_of(web) - before < ROOM_BYTES
    with running.up.client() as lectern:
        (found,) = lectern.documents.list("large").documents
        assert found.size_bytes == large.stat().st_size
        lectern.documents.delete(found.document_id, final=True)


def test_an_upload_is_refused_without_the_forms_secret(page: Page, running: Stack) -> None:
    status = page.evaluate(
        """async () => (await fetch("/api/uploads", {method: "POST", body: JSON.stringify(
               {collection: "handbook", name: "a.txt"})})).status"""
    )

    assert status == 403
    assert httpx.post(running.web + "/api/uploads", json={}).status_code in {401, 403}


def peak_of(pid: int) -> int:
    """Return the most memory a process has had, in bytes; Linux tells."""
    status = Path(f"/proc/{pid}/status")
    if not status.exists():
        pytest.skip(f"{os.uname().sysname} does not tell how much memory a process had")
    (line,) = [each for each in status.read_text().splitlines() if each.startswith("VmHWM")]
    return int(line.split()[1]) * 1024
