"""Bytes between browser and catalog: uploads, pages, words, files, exports."""

from dataclasses import dataclass

import httpx
import pymupdf
import pytest

from lectern.api import ConversationRequest
from tests.web.conftest import Site, World
from web import configuration
from web.routes.forms import FORM_HEADER


def a_pdf() -> bytes:
    document = pymupdf.open()
    page = document.new_page(width=400, height=600)
    page.insert_text((50, 100), "Herons wait quietly")
    return document.tobytes()


@dataclass
class Reader:
    """Somebody signed in, with a collection."""

    site: Site
    collection: str
    secret: str

    def call(self, method: str, path: str, **options: object) -> httpx.Response:
        headers = {"Origin": self.site.origin, FORM_HEADER: self.secret}
        headers |= options.pop("headers", {})
        return self.site.browser.request(method, path, headers=headers, **options)

    def upload(self, data: bytes, name: str = "herons.pdf") -> dict:
        asked = {"collection": self.collection, "name": name, "content_type": "application/pdf"}
        ticket = self.call("POST", "/api/uploads", json=asked)
        assert ticket.status_code == 201, ticket.text
        put = self.call("PUT", ticket.json()["upload_url"], content=data)
        assert put.status_code == 204, put.text
        done = self.call("POST", ticket.json()["confirm_url"], json={})
        assert done.status_code == 200, done.text
        return done.json()


@pytest.fixture
def reader(site: Site, world: World) -> Reader:
    site.sign_in()
    collection = world.lectern("reader").collections.ensure("Birds").collection_id
    return Reader(site, collection, site.secret("/logout"))


def test_a_file_comes_through_as_it_was_sent(reader: Reader) -> None:
    data = a_pdf()
    document = reader.upload(data)

    answer = reader.call("GET", f"/api/documents/{document['document_id']}/content")
    piece = reader.call(
        "GET",
        f"/api/documents/{document['document_id']}/content",
        headers={"Range": "bytes=0-3"},
    )

    assert document["size_bytes"] == len(data)
    assert answer.content == data
    assert "sandbox" in answer.headers["content-security-policy"]
    assert (piece.status_code, piece.content) == (206, b"%PDF")


def test_a_page_is_a_picture_that_the_browser_may_keep(reader: Reader) -> None:
    document_id = reader.upload(a_pdf())["document_id"]
    path = f"/api/pages/{document_id}/1.png?w=300&r=1"

    first = reader.call("GET", path)
    again = reader.call("GET", path, headers={"If-None-Match": first.headers["etag"]})

    assert first.content.startswith(b"\x89PNG")
    assert "immutable" in first.headers["cache-control"]
    assert "private" in first.headers["cache-control"]
    assert again.status_code == 304


def test_the_words_of_a_page_stand_where_they_are_printed(reader: Reader) -> None:
    document_id = reader.upload(a_pdf())["document_id"]

    words = reader.call("GET", f"/api/pages/{document_id}/1/words?r=1").json()

    assert (words["width"], words["height"]) == (400, 600)
    assert [word[4] for word in words["words"]] == ["Herons", "wait", "quietly"]
    assert words["words"][0][0] == pytest.approx(50, abs=1)


def test_a_page_kept_here_is_still_refused_to_whoever_may_not_read_it(
    reader: Reader, world: World
) -> None:
    document_id = reader.upload(a_pdf())["document_id"]
    path = f"/api/pages/{document_id}/1.png?w=320&r=1"
    reader.call("GET", path)
    stranger = Site()
    stranger.sign_in("stranger")

    refused = [stranger.get(p).status_code for p in (path, f"/api/pages/{document_id}/1/words")]

    assert refused == [404, 404]
    assert stranger.get(f"/api/documents/{document_id}/content").status_code == 404


@pytest.mark.parametrize("method_and_path", [("POST", "/api/uploads"), ("PUT", "/api/uploads/x")])
def test_an_upload_needs_the_secret_of_the_page(
    reader: Reader, method_and_path: tuple[str, str]
) -> None:
    response = reader.call(*method_and_path, headers={FORM_HEADER: "guessed"})

    assert (response.status_code, response.json()["code"]) == (403, "form_refused")


def test_the_address_of_an_upload_cannot_be_made_up(reader: Reader) -> None:
    response = reader.call("PUT", "/api/uploads/made-up", content=b"x")

    assert (response.status_code, response.json()["code"]) == (403, "no_ticket")


def test_bytes_go_straight_to_a_store_that_the_page_may_talk_to(
    reader: Reader, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = world.function_url.partition("/{function}")[0]
    monkeypatch.setenv("LECTERN_WEB_UPLOAD_ORIGIN", store.upper())
    configuration.settings.cache_clear()
    asked = {"collection": reader.collection, "name": "b.pdf", "content_type": "application/pdf"}

    ticket = reader.call("POST", "/api/uploads", json=asked).json()
    sent = httpx.put(
        ticket["upload_url"], content=a_pdf(), headers=ticket["headers"], trust_env=False
    )
    done = reader.call("POST", ticket["confirm_url"], json={})

    configuration.settings.cache_clear()
    assert ticket["upload_url"].startswith(f"{store}/catalog/v1/objects/")
    assert ticket["headers"] == {"Content-Type": "application/pdf"}
    assert (sent.status_code, done.status_code) == (201, 200)
    assert done.json()["name"] == "b.pdf"


def test_bytes_pass_through_here_where_the_store_is_elsewhere(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LECTERN_WEB_UPLOAD_ORIGIN", "https://store.test")
    configuration.settings.cache_clear()

    ticket = reader.call(
        "POST", "/api/uploads", json={"collection": reader.collection, "name": "c.txt"}
    ).json()

    configuration.settings.cache_clear()
    assert ticket["upload_url"].startswith("/api/uploads/")
    assert ticket["headers"] == {}


def test_an_upload_into_somebody_elses_collection_is_refused(reader: Reader, world: World) -> None:
    theirs = world.lectern("admin").collections.ensure("Private").collection_id

    response = reader.call("POST", "/api/uploads", json={"collection": theirs, "name": "a.txt"})

    assert response.status_code == 404


def test_a_conversation_is_saved_under_its_title(reader: Reader, world: World) -> None:
    conversation = world.lectern("reader").conversations.create(
        ConversationRequest(title="왜가리/heron")
    )

    response = reader.call("GET", f"/api/export/{conversation.conversation_id}?format=json")

    assert response.status_code == 200
    assert response.headers["content-disposition"].startswith("attachment; filename*=UTF-8''")
    assert "%2F" not in response.headers["content-disposition"]
