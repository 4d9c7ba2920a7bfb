"""The function `parse` for collections that are read by a service: asked, waited for, read."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import functions_framework
import pytest
from flask.testing import FlaskClient

from functions.parse.readers.pdf_engine import pymupdf
from functions.parse.wiring import dependencies
from lectern.catalog import Catalog, migrate, open_catalog
from lectern.catalog.records import Document
from lectern.documents import DocumentState
from lectern.events import DocumentUploaded, Envelope, Event, PartAssigned, PartParsed, encode
from lectern.objects import ObjectStore, object_store
from lectern.parsers import Parser
from lectern.parts import ParsedPart, decode_part
from lectern.settings import Settings
from tests.component.event_sink import EventSink
from tests.component.pdf_files import PROSE, PdfPage, picture, plain, text, write_pdf
from tests.provider.layout_services import (
    KEY,
    LayoutServer,
    ScriptedAzure,
    ScriptedDocling,
    Trouble,
    azure_operation,
    docling_result,
)

MAIN = Path(__file__).resolve().parents[2] / "functions" / "parse" / "main.py"
SERVICES: list[Parser] = ["docling", "azure"]


@dataclass
class World:
    """The function as a broker sees it, with both services on loopback."""

    client: FlaskClient
    catalog: Catalog
    store: ObjectStore
    sink: EventSink
    servers: dict[str, LayoutServer]
    collections: dict[str, str] = field(default_factory=dict)

    def collection(self, parser: Parser) -> str:
        owner = self.catalog.people.ensure_owner("ada")
        found = self.catalog.collections.ensure(f"By {parser}", owner.user_id)
        self.catalog.collections.change_settings(found.collection_id, {"parser": parser})
        return found.collection_id

    def upload(self, parser: Parser, name: str, data: bytes) -> DocumentUploaded:
        owner = self.catalog.people.ensure_owner("ada")
        reserved = self.catalog.documents.reserve(self.collection(parser), owner.user_id, name)
        self.store.write(reserved.object_key, data)
        document = self.catalog.documents.confirm(
            reserved.document_id,
            reserved.revision,
            size_bytes=len(data),
            sha256=sha256(data).hexdigest(),
        ).document
        return DocumentUploaded(
            collection_id=document.collection_id,
            document_id=document.document_id,
            revision=document.revision,
            object_key=document.object_key,
            size_bytes=document.size_bytes,
            sha256=document.sha256,
            name=document.name,
        )

    def deliver(self, event: Event) -> Any:
        headers, body = encode(Envelope.of(event, source="/test"))
        return self.client.post("/", headers=headers, data=body)

    def published(self, kind: type[Event]) -> list[Any]:
        return [e.data for e in self.sink.events if e.event_type == kind.event_type]

    def parsed(self, event: DocumentUploaded) -> list[ParsedPart]:
        parts = self.catalog.documents.parts(event.document_id, event.revision)
        return [decode_part(self.store.read(part.chunks_key)) for part in parts]

    def document(self, event: DocumentUploaded) -> Document:
        document = self.catalog.documents.get(event.document_id)
        assert document is not None
        return document

    def tickets(self) -> list[str]:
        return [e.key for e in self.store.list("parsed/") if e.key.endswith(".json")]


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    home = tmp_path_factory.mktemp("home")
    servers: dict[str, LayoutServer] = {"docling": ScriptedDocling(), "azure": ScriptedAzure()}
    with ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        sink = stack.enter_context(EventSink())
        for server in servers.values():
            stack.enter_context(server.running())
        patch.setenv("LECTERN_HOME", str(home))
        patch.setenv("K_SINK", sink.url)
        patch.setenv("LECTERN_PAGES_PER_PART", "3")
        patch.setenv("LECTERN_DOCLING_URL", servers["docling"].url)
        patch.setenv("LECTERN_DOCLING_KEY", KEY)
        patch.setenv("LECTERN_DOCLING_TIMEOUT_S", "4")
        patch.setenv("LECTERN_AZURE_DOCUMENT_URL", servers["azure"].url)
        patch.setenv("LECTERN_AZURE_DOCUMENT_KEY", KEY)
        patch.setenv("LECTERN_AZURE_DOCUMENT_TIMEOUT_S", "4")
        settings = Settings()
        migrate(settings)
        catalog = open_catalog(settings)
        dependencies.cache_clear()
        app = functions_framework.create_app("parse", str(MAIN))
        yield World(app.test_client(), catalog, object_store(settings), sink, servers)
        dependencies().stage.parsing.sandbox.close()
        dependencies.cache_clear()
        catalog.close()


@pytest.fixture
def world(shared: World) -> World:
    shared.sink.events.clear()
    for server in shared.servers.values():
        server.trouble = Trouble()
        server.sent.clear()
        server.exchanges.clear()
    return shared


@pytest.fixture(params=SERVICES)
def parser(request: pytest.FixtureRequest) -> Parser:
    return request.param  # type: ignore[no-any-return]


def chapter(number: int) -> Callable[[PdfPage], None]:
    """Return what draws a page that says its number, as its heading and in its text."""

    def draw(page: PdfPage) -> None:
        text(page, 60, 80, f"Chapter {number}", 20)
        text(page, 60, 120, f"What page {number} says.")

    return draw


def pdf_of(tmp_path: Path, pages: int) -> bytes:
    return write_pdf(tmp_path / "made.pdf", *map(chapter, range(1, pages + 1))).read_bytes()


def test_a_pdf_is_sent_as_it_is_and_its_reply_becomes_chunks_that_can_be_marked(
    world: World, tmp_path: Path, parser: Parser
) -> None:
    data = pdf_of(tmp_path, 2)
    event = world.upload(parser, "a.pdf", data)

    response = world.deliver(event)

    assert response.status_code == 204
    assert world.servers[parser].sent == [data]
    (part,) = world.parsed(event)
    assert [(c.page_number, c.heading_path) for c in part.chunks] == [
        (1, ("Chapter 1",)),
        (2, ("Chapter 2",)),
    ]
    with pymupdf.open(stream=data) as document:
        for chunk in part.chunks:
            page = part.pages[chunk.page_number - 1]
            assert page.text[chunk.char_start : chunk.char_end] == chunk.text
            for line in chunk.lines:
                shown = document[chunk.page_number - 1].get_textbox(pymupdf.Rect(*line.box))
                assert chunk.text[line.start : line.end] in shown
    assert world.document(event).state is DocumentState.EMBEDDING
    assert world.tickets() == []


def test_of_a_large_pdf_each_part_is_sent_alone_and_its_pages_keep_their_numbers(
    world: World, tmp_path: Path, parser: Parser
) -> None:
    event = world.upload(parser, "a.pdf", pdf_of(tmp_path, 5))

    world.deliver(event)
    assigned = [PartAssigned.model_validate_json(data) for data in world.published(PartAssigned)]
    statuses = [world.deliver(each).status_code for each in reversed(assigned)]

    assert statuses == [204, 204]
    counts = []
    for sent in world.servers[parser].sent:
        with pymupdf.open(stream=sent) as document:
            counts.append((document.page_count, document[0].get_text().split("\n")[0]))
    assert counts == [(2, "Chapter 4"), (3, "Chapter 1")]
    chunks = [chunk for part in world.parsed(event) for chunk in part.chunks]
    assert [(c.page_number, c.heading_path) for c in chunks] == [
        (number, (f"Chapter {number}",)) for number in range(1, 6)
    ]


def test_a_picture_is_sent_as_a_pdf_and_comes_back_with_the_picture(
    world: World, tmp_path: Path, parser: Parser
) -> None:
    image = picture("Ink", width=3000, height=2000)
    event = world.upload(parser, "scan.png", image)
    server = world.servers[parser]
    said = write_pdf(tmp_path / "said.pdf", plain("What the scan says."))

    def read(pdf: bytes) -> bytes:
        with pymupdf.open(stream=pdf) as sent:
            assert sent.page_count == 1
            assert max(sent[0].rect.width, sent[0].rect.height) <= 1191
            assert sent[0].get_images()
        shape = docling_result if parser == "docling" else azure_operation
        return json.dumps(shape(said.read_bytes())).encode()

    usual, server.read = server.read, read
    try:
        response = world.deliver(event)
    finally:
        server.read = usual

    assert response.status_code == 204
    (part,) = world.parsed(event)
    assert "What the scan says." in part.pages[0].text
    figures = [chunk for chunk in part.chunks if chunk.kind == "figure"]
    assert [world.store.read(c.figure_key) for c in figures if c.figure_key] == [image]


def test_what_no_service_reads_is_read_by_lectern_itself(world: World, parser: Parser) -> None:
    event = world.upload(parser, "notes.md", b"# Valves\n\nThe valve closes at nine bar.\n")

    response = world.deliver(event)

    assert response.status_code == 204
    assert world.servers[parser].exchanges == []
    assert world.parsed(event)[0].chunks[0].heading_path == ("Valves",)


def test_a_delivery_that_waited_in_vain_is_followed_by_one_that_waits_for_the_same_answer(
    world: World, tmp_path: Path, parser: Parser
) -> None:
    event = world.upload(parser, "a.pdf", pdf_of(tmp_path, 1))
    server = world.servers[parser]
    server.trouble.polls = 6

    first = world.deliver(event)
    waiting = world.tickets()
    noted = [world.store.read(key).decode() for key in waiting]
    second = world.deliver(event)

    assert (first.status_code, first.get_json()["code"]) == (503, "parser_timeout")
    assert int(first.headers["Retry-After"]) > 0
    assert len(noted) == 1
    assert KEY not in noted[0]
    assert second.status_code == 204
    assert len(server.sent) == 1
    assert world.tickets() == []


def test_a_service_that_forgot_is_sent_the_pages_again(
    world: World, tmp_path: Path, parser: Parser
) -> None:
    event = world.upload(parser, "a.pdf", pdf_of(tmp_path, 1))
    server = world.servers[parser]
    server.trouble.forgets = 1

    assert world.deliver(event).status_code == 204
    assert len(server.sent) == 2


def test_one_that_always_forgets_is_left_for_a_later_delivery(
    world: World, tmp_path: Path, parser: Parser
) -> None:
    event = world.upload(parser, "a.pdf", pdf_of(tmp_path, 1))
    world.servers[parser].trouble.forgets = 2

    response = world.deliver(event)

    assert (response.status_code, response.get_json()["code"]) == (503, "parser_unavailable")
    assert world.deliver(event).status_code == 204


def test_a_limit_of_the_service_comes_back_with_its_retry_after(
    world: World, tmp_path: Path, parser: Parser
) -> None:
    event = world.upload(parser, "a.pdf", pdf_of(tmp_path, 1))
    server = world.servers[parser]
    server.trouble.submit = (429, {"Retry-After": "7"})

    limited = world.deliver(event)
    server.trouble.submit = None

    assert (limited.status_code, limited.headers["Retry-After"]) == (429, "7")
    assert world.document(event).state is DocumentState.PARSING
    assert world.deliver(event).status_code == 204


def test_a_refusal_fails_the_document_with_the_way_out_and_lecterns_own_reader_does_not_step_in(
    world: World, tmp_path: Path, parser: Parser
) -> None:
    event = world.upload(parser, "a.pdf", pdf_of(tmp_path, 1))
    server = world.servers[parser]
    server.trouble.failure = (
        "no pipeline"
        if parser == "docling"
        else {"code": "InvalidRequest", "message": "no pipeline"}
    )

    response = world.deliver(event)

    document = world.document(event)
    assert response.status_code == 422
    assert document.state is DocumentState.FAILED
    assert document.failure is not None
    assert document.failure.code == "parser_refused"
    assert "no pipeline" in document.failure.detail
    assert "choose another parser" in document.failure.detail
    assert world.published(PartParsed) == []
    assert world.tickets() == []


def test_a_reply_that_is_garbage_fails_the_document_and_says_whose_it_is(
    world: World, tmp_path: Path, parser: Parser
) -> None:
    event = world.upload(parser, "a.pdf", pdf_of(tmp_path, 1))
    world.servers[
        parser
    ].trouble.reply = b'{"status": "succeeded", "analyzeResult": [], "document": 1}'

    response = world.deliver(event)

    assert (response.status_code, response.get_json()["code"]) == (422, "parser_malformed")


def test_an_encrypted_pdf_that_opens_without_a_password_is_sent_in_the_clear(
    world: World, tmp_path: Path, parser: Parser
) -> None:
    path = tmp_path / "locked.pdf"
    with pymupdf.open(stream=pdf_of(tmp_path, 1)) as document:
        document.save(path, encryption=pymupdf.PDF_ENCRYPT_AES_256, owner_pw="owner", user_pw="")

    event = world.upload(parser, "a.pdf", path.read_bytes())

    assert world.deliver(event).status_code == 204
    (sent,) = world.servers[parser].sent
    with pymupdf.open(stream=sent) as document:
        assert not document.metadata["encryption"]
        assert "What page 1 says." in document[0].get_text()


def test_a_parser_that_is_not_configured_any_more_fails_the_document_and_names_the_setting(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = world.upload("azure", "a.pdf", pdf_of(tmp_path, 1))
    asking = dependencies().stage.consulting.asking
    monkeypatch.delitem(asking.services, "azure")  # type: ignore[arg-type]

    response = world.deliver(event)

    assert (response.status_code, response.get_json()["code"]) == (422, "parser_not_configured")
    assert "LECTERN_AZURE_DOCUMENT_URL" in response.get_json()["detail"]


def test_neither_key_nor_words_of_a_document_are_logged(
    world: World, tmp_path: Path, parser: Parser, caplog: pytest.LogCaptureFixture, capfd: Any
) -> None:
    data = write_pdf(tmp_path / "secret.pdf", plain(PROSE)).read_bytes()
    event = world.upload(parser, "a.pdf", data)
    world.servers[parser].trouble.submit = (401, {})

    refused = world.deliver(event)

    logged = caplog.text + "".join(capfd.readouterr())
    assert refused.get_json()["code"] == "parser_unauthorized"
    assert KEY not in logged + refused.get_data(as_text=True)
    assert "crawler" not in logged


def test_the_function_answers_in_time_however_slow_the_service_is(
    world: World, tmp_path: Path, parser: Parser
) -> None:
    event = world.upload(parser, "a.pdf", pdf_of(tmp_path, 1))
    world.servers[parser].trouble.polls = 1000
    began = time.monotonic()

    response = world.deliver(event)

    assert response.status_code == 503
    assert time.monotonic() - began < 30  # a thousand polls would take a quarter of an hour
