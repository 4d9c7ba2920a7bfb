"""The whole story of two people and a group, in a real browser, in both languages.

Ada signs in, brings her files, asks, and reads the cited words on their page. Ben sees none of it
until she shares it, reads it then without being able to change it, becomes its owner, and shares it
with a group.
"""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from lectern.api import PageWords
from tests.provider.chat import Script
from tests.web.browser import Watched, sign_in
from tests.web.stack import PASSWORD, Person, Stack
from tests.web.story_files import APPENDIX_PAGES, ENGLISH, KOREAN, Tale, pdf_of, web_page
from web.language import text

PATIENCE_MS = 60_000
_PRESSES, _PRESS_MS = 4, 3_000
INPUT = '[data-testid="stChatInputTextArea"]'
STOP = ".st-key-stop-answer"

pytestmark = pytest.mark.timeout(300)


@dataclass(frozen=True)
class Reader:
    """Somebody in a browser of their own."""

    page: Page
    web: str
    person: Person
    tale: Tale

    def says(self, key: str, **values: object) -> str:
        """Return a string of the web UI in the reader's language."""
        return text(self.tale.language, key, **values)

    def opens(self, path: str) -> None:
        """Go to an address."""
        self.page.goto(self.web + path)

    def sees_nothing_at(self, path: str) -> None:
        """Open an address that is not for this person."""
        self.opens(path)
        expect(self.page.get_by_text(self.says("shell.state_not_found_title"))).to_be_visible()

    def status_of(self, path: str) -> int:
        """Ask for bytes with this person's cookie."""
        return self.page.request.get(self.web + path).status

    def row(self, name: str) -> Locator:
        """Return a row of a list."""
        return self.page.locator(".rows .row", has_text=name)

    def finds(self, name: str, *, field: str, among: str, within_ms: float = PATIENCE_MS) -> None:
        """Look for somebody by name, and click on what was found."""
        self.page.locator(f".st-key-{field} input").fill(name)
        self.page.locator(f".st-key-{among}").get_by_text(name).click(timeout=within_ms)

    def gives(self, name: str) -> None:
        """Share the collection that is open with a person or a group."""
        self.page.locator(".st-key-library-open-share button").click()
        grants = self.page.get_by_role("dialog").locator("[class*='st-key-library-grant-']")
        given = grants.filter(has_text=name)
        for _ in range(_PRESSES):  # a click while the list is drawn anew can get lost
            with contextlib.suppress(PlaywrightTimeout):
                self.finds(
                    name,
                    field="library-share-who",
                    among="library-share-found",
                    within_ms=_PRESS_MS,
                )
            with contextlib.suppress(PlaywrightTimeout):
                given.wait_for(timeout=_PRESS_MS)
                break
        expect(given).to_be_visible()

    def asks(self, question: str) -> Locator:
        """Ask; return the answer's message."""
        self.page.locator(INPUT).fill(question)
        self.page.locator(INPUT).press("Enter")
        return self.page.locator(".stChatMessage").last


@pytest.fixture(params=[ENGLISH, KOREAN], ids=["en", "ko"])
def tale(request: pytest.FixtureRequest) -> Tale:
    tale: Tale = request.param
    return tale


@pytest.fixture
def readers(browser: Browser, running: Stack, tale: Tale) -> Iterator[tuple[Reader, Reader]]:
    """Ada and Ben, signed in with their passwords; nothing they open asks anybody outside."""
    expect.set_options(timeout=PATIENCE_MS)
    watched = Watched()
    made = []
    for name in ("ada", "ben"):
        person = running.person(f"{name}-{tale.language}")
        context = browser.new_context(locale=tale.locale, viewport={"width": 1360, "height": 900})
        watched.watch(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        sign_in(page, running.web, person.name, PASSWORD)
        made.append(Reader(page, running.web, person, tale))
    ada, ben = made
    yield ada, ben
    for each in made:
        each.page.context.close()
    assert watched.outside == []
    assert watched.refused == []


def test_the_story(
    readers: tuple[Reader, Reader], running: Stack, tale: Tale, tmp_path: Path
) -> None:
    ada, ben = readers
    slug = makes_a_collection(ada)
    uploads_and_watches(ada, tmp_path)
    adds_a_web_page(ada)
    conversation = asks_and_reads_the_cited_words(ada, running)
    stops_an_answer_and_finds_the_conversation_again(ada, running, conversation)
    document_id = running_document(ada.person, slug)

    learns_nothing(ben, slug, document_id, conversation)
    shares_with(ada, slug, ben.person.name)
    reads_but_cannot_change(ben, slug, document_id)
    hands_over_to(ada, ben.person.name)
    owns(ben, slug)
    cleo = shares_with_a_group(ben, running, slug)
    sees(cleo, slug)

    shows_a_conversation_to_a_stranger_until_the_link_is_revoked(ada, conversation)


def makes_a_collection(ada: Reader) -> str:
    ada.opens("/library")
    expect(ada.page.get_by_text(ada.says("library.no_collections"), exact=True)).to_be_visible()
    ada.page.locator(".st-key-library-new button").click()
    name = f"{ada.tale.collection} {ada.tale.language}"
    ada.page.locator(".st-key-library-new-name input").fill(name)
    ada.page.get_by_role("button", name=ada.says("library.create"), exact=True).click()
    expect(ada.page.locator("h1")).to_have_text(name)
    return unquote(ada.page.url.partition("?c=")[2])


def uploads_and_watches(ada: Reader, folder: Path) -> None:
    note = folder / f"note-{ada.tale.language}.md"
    note.write_text(f"# Note\n\n{ada.tale.note}\n", encoding="utf-8")
    pdf = pdf_of(ada.tale, folder)

    ada.page.locator(".drop input.some").set_input_files([str(pdf), str(note)])

    expect(ada.row(pdf.name).locator(".steps .now")).to_be_visible()
    for name in (pdf.name, note.name):
        expect(ada.row(name).locator(".state")).to_have_text(ada.says("library.state_ready"))
    pages = len(ada.tale.pages) + APPENDIX_PAGES
    expect(ada.row(pdf.name)).to_contain_text(ada.says("library.pages", count=pages))


def adds_a_web_page(ada: Reader) -> None:
    with web_page(ada.tale.collection, ada.tale.note) as address:
        ada.page.get_by_role("button", name=ada.says("library.add_address")).click()
        ada.page.locator(".st-key-library-address input").fill(address)
        ada.page.get_by_role("button", name=ada.says("library.add"), exact=True).click()
        said = ada.says("library.address_added", name="notice.html")
        expect(ada.page.get_by_text(said)).to_be_visible()
    state = ada.row("notice.html").locator(".state")
    expect(state).to_have_text(ada.says("library.state_ready"))


def asks_and_reads_the_cited_words(ada: Reader, running: Stack) -> str:
    running.model.play(Script(pieces=(*ada.tale.answer, "[1]."), between_s=0.2))
    ada.opens("/")
    answer = ada.asks(ada.tale.question)
    expect(answer).to_contain_text(ada.tale.answer[0].strip())
    expect(ada.page.locator(STOP)).to_be_visible()
    expect(ada.page.locator(STOP)).to_have_count(0)
    expect(answer).to_contain_text("".join(ada.tale.answer).strip())

    answer.locator('a[href*="#cite-"]').first.click()
    expect(ada.page.locator(".mark.active").first).to_be_visible()

    conversation = ada.page.url.partition("?c=")[2]
    with ada.person.lectern() as lectern:
        shown = lectern.conversations.messages(conversation).messages[-1]
        assert shown.answer is not None
        cited = shown.answer.citations[0]
        words = lectern.pages.words(cited.document_id, cited.page_number)
    assert cited.page_number == 2
    marked = words_under_the_marks(ada.page, words, cited.page_number)
    assert ada.tale.cited in marked
    assert ada.tale.beside not in marked
    return conversation


def words_under_the_marks(page: Page, words: PageWords, page_number: int) -> str:
    """Return the words of a page whose middle the marks on the screen cover, in reading order."""
    sheet = page.locator(f'.page[data-number="{page_number}"]')
    on_screen = sheet.bounding_box()
    assert on_screen is not None
    scale = on_screen["width"] / words.width
    marks = [mark.bounding_box() for mark in sheet.locator(".mark.active").all()]

    def covered(x0: float, y0: float, x1: float, y1: float) -> bool:
        x = on_screen["x"] + (x0 + x1) / 2 * scale
        y = on_screen["y"] + (y0 + y1) / 2 * scale
        return any(
            mark is not None
            and mark["x"] <= x <= mark["x"] + mark["width"]
            and mark["y"] <= y <= mark["y"] + mark["height"]
            for mark in marks
        )

    return " ".join(word[4] for word in words.words if covered(*word[:4]))


def stops_an_answer_and_finds_the_conversation_again(
    ada: Reader, running: Stack, conversation: str
) -> None:
    first, *rest = ada.tale.answer
    running.model.play(Script(pieces=(first, *rest, *rest * 30), between_s=0.1))
    answer = ada.asks(ada.tale.question)
    expect(answer).to_contain_text(first.strip())
    expect(ada.page.locator(STOP)).to_be_visible()

    stopped = ada.page.get_by_text(ada.says("chat.stopped"))
    for _ in range(_PRESSES):  # a key pressed while the page is drawn anew can get lost
        ada.page.keyboard.press("Escape")
        with contextlib.suppress(PlaywrightTimeout):
            stopped.wait_for(timeout=_PRESS_MS)
            break

    expect(stopped).to_be_visible()
    ada.page.reload()
    expect(ada.page.get_by_text(ada.says("chat.stopped"))).to_be_visible()
    expect(ada.page.locator(".stChatMessage")).to_have_count(4)
    ada.opens("/")
    ada.page.locator(".list li button", has_text=ada.tale.question[:12]).first.click()
    ada.page.wait_for_url(f"**/?c={conversation}")
    expect(ada.page.get_by_text("".join(ada.tale.answer).strip()).first).to_be_visible()


def running_document(person: Person, slug: str) -> str:
    with person.lectern() as lectern:
        found = lectern.documents.list(slug).documents
    return next(each.document_id for each in found if each.name.endswith(".pdf"))


def bytes_of(document_id: str) -> tuple[str, ...]:
    return (
        f"/api/pages/{document_id}/2.png",
        f"/api/pages/{document_id}/2/words",
        f"/api/documents/{document_id}/content",
    )


def learns_nothing(ben: Reader, slug: str, document_id: str, conversation: str) -> None:
    ben.opens("/library")
    expect(ben.page.get_by_text(ben.says("library.no_collections"), exact=True)).to_be_visible()
    for path in (f"/library?c={slug}", f"/library?d={document_id}", f"/?c={conversation}"):
        ben.sees_nothing_at(path)
        assert ben.tale.collection not in ben.page.inner_text("body")
    ben.opens(f"/search?q={ben.tale.question}")
    expect(ben.page.locator(".stMain h1")).to_be_visible()
    expect(ben.page.locator(".passages .card")).to_have_count(0)
    assert {ben.status_of(path) for path in bytes_of(document_id)} == {404}
    assert ben.status_of(f"/api/export/{conversation}") == 404


def shares_with(owner: Reader, slug: str, name: str) -> None:
    owner.opens(f"/library?c={slug}")
    owner.gives(name)


def reads_but_cannot_change(ben: Reader, slug: str, document_id: str) -> None:
    ben.opens("/library")
    expect(ben.row(ben.tale.collection)).to_contain_text(ben.says("library.role_viewer"))
    ben.row(ben.tale.collection).locator("a.title").click()
    expect(ben.row("notice.html")).to_be_visible()
    for control in (".drop", ".rows .row .more", "[class*='st-key-library-open-']"):
        expect(ben.page.locator(control)).to_have_count(0)
    ben.opens(f"/library?d={document_id}")
    expect(ben.page.locator(".passages .card").first).to_be_visible()
    expect(ben.page.locator(".st-key-document-delete")).to_have_count(0)
    assert {ben.status_of(path) for path in bytes_of(document_id)} == {200}
    refused = ben.page.evaluate(
        """async slug => {
            const page = await (await fetch("/logout")).text()
            const secret = page.split('name="form" value="')[1].split('"')[0]
            const asked = {collection: slug, name: "mine.txt", size_bytes: 1}
            const headers = {"Content-Type": "application/json", "X-CSRF-Token": secret}
            const sent = {method: "POST", headers, body: JSON.stringify(asked)}
            return (await fetch("/api/uploads", sent)).status
        }""",
        slug,
    )
    assert refused == 403


def hands_over_to(ada: Reader, name: str) -> None:
    dialog = ada.page.get_by_role("dialog")
    dialog.get_by_text(ada.says("library.transfer")).click()
    ada.finds(name, field="library-heir-name", among="library-heir")
    dialog.locator(".st-key-library-transfer button").click()
    expect(dialog).to_have_count(0)
    expect(ada.page.locator(".st-key-library-open-settings")).to_have_count(0)
    expect(ada.page.locator(".drop")).to_be_visible()


def owns(ben: Reader, slug: str) -> None:
    ben.opens(f"/library?c={slug}")
    for name in ("share", "settings", "delete"):
        expect(ben.page.locator(f".st-key-library-open-{name}")).to_be_visible()


def shares_with_a_group(ben: Reader, running: Stack, slug: str) -> Person:
    name = f"astronomers-{ben.tale.language}"
    cleo = running.person(f"cleo-{ben.tale.language}")
    with running.up.client() as owner:
        group = owner.groups.create(name)
        owner.groups.add(group.group_id, cleo.user_id)
    with cleo.lectern() as lectern:
        assert slug not in [each.slug for each in lectern.collections.list()]
    ben.gives(name)
    return cleo


def sees(cleo: Person, slug: str) -> None:
    with cleo.lectern() as lectern:
        assert lectern.collections.get(slug).role == "viewer"


def shows_a_conversation_to_a_stranger_until_the_link_is_revoked(
    ada: Reader, conversation: str
) -> None:
    ada.opens(f"/?c={conversation}")
    ada.page.get_by_role("button", name=ada.says("chat.share"), exact=True).first.click()
    ada.page.locator(".st-key-share-create button").click()
    link = ada.page.locator(".st-key-share-link code").inner_text()
    stranger = ada.page.context.browser.new_context()
    shared = stranger.new_page()
    shared.goto(link)
    assert "".join(ada.tale.answer).strip() in shared.inner_text("main")

    ada.page.locator(".st-key-share-revoke button").click()
    expect(ada.page.locator(".st-key-share-revoke")).to_have_count(0)

    gone = shared.goto(link)
    stranger.close()
    assert gone is not None
    assert gone.status == 404
