"""The function `parse`: from an uploaded file to parts in the store and events on the broker."""

import threading
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import functions_framework
import pytest

from functions.parse.consulting import Consulting
from functions.parse.describing import Describing
from functions.parse.handover import Handover
from functions.parse.members import MAX_DEPTH, MemberIntake
from functions.parse.parsing import PRELOAD, Parsing
from functions.parse.services.asking import Asking
from functions.parse.stage import Stage
from functions.parse.wiring import dependencies
from functions.parse.worker import Manner
from lectern.catalog import Catalog, migrate, open_catalog
from lectern.catalog.records import Document
from lectern.documents import DocumentState, PartState
from lectern.errors import SourceGone, TooLarge, UnreadableDocument
from lectern.events import (
    DocumentFailed,
    DocumentUploaded,
    Envelope,
    Event,
    PartAssigned,
    PartParsed,
    encode,
)
from lectern.models.registry import models_of
from lectern.objects import ObjectStore, object_store
from lectern.parts import ParsedPart, decode_part
from lectern.sandbox import Sandbox
from lectern.settings import Settings
from tests.component.event_sink import EventSink
from tests.component.pdf_files import PROSE, PdfPage, picture, plain, pymupdf, text, write_pdf

MARKDOWN = b"# Valves\n\nThe valve closes at nine bar.\n"


class RecordingPublisher:
    def __init__(self) -> None:
        self.events: list[Event] = []
        self.before: Callable[[Event], None] = lambda _: None

    def publish(self, event: Event) -> None:
        self.before(event)
        self.events.append(event)

    def check(self) -> None:
        pass

    @property
    def ids(self) -> list[str]:
        return [event.event_id() for event in self.events]

    def take(self) -> list[Event]:
        events, self.events = self.events, []
        return events


@dataclass(frozen=True)
class World:
    """Real adapters in a temporary folder, and a collection to put documents into."""

    catalog: Catalog
    store: ObjectStore
    publisher: RecordingPublisher
    stage: Stage
    collection_id: str
    owner_id: str

    def upload(self, name: str, data: bytes, **options: object) -> DocumentUploaded:
        reserved = self.catalog.documents.reserve(
            self.collection_id,
            self.owner_id,
            name,
            **options,  # type: ignore[arg-type]
        )
        self.store.write(reserved.object_key, data)
        document = self.catalog.documents.confirm(
            reserved.document_id,
            reserved.revision,
            size_bytes=len(data),
            sha256=sha256(data).hexdigest(),
        ).document
        return uploaded(document)

    def document(self, event: DocumentUploaded) -> Document:
        document = self.catalog.documents.get(event.document_id)
        assert document is not None
        return document

    def read(self, event: Event) -> ParsedPart:
        assert isinstance(event, PartParsed)
        return decode_part(self.store.read(event.chunks_key))

    def keys(self, area: str) -> list[str]:
        return [info.key for info in self.store.list(f"{area}/")]


def uploaded(document: Document) -> DocumentUploaded:
    return DocumentUploaded(
        collection_id=document.collection_id,
        document_id=document.document_id,
        revision=document.revision,
        object_key=document.object_key,
        size_bytes=document.size_bytes,
        sha256=document.sha256,
        name=document.name,
    )


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    sandbox = Sandbox(preload=PRELOAD, cpu_s=20, wall_s=60, memory_bytes=2 << 30)
    yield sandbox
    sandbox.close()


@pytest.fixture
def world(tmp_path: Path, sandbox: Sandbox) -> Iterator[World]:
    settings = Settings(home=tmp_path / "home")
    migrate(settings)
    catalog = open_catalog(settings)
    store = object_store(settings)
    publisher = RecordingPublisher()
    owner = catalog.people.ensure_owner("ada")
    yield World(
        catalog=catalog,
        store=store,
        publisher=publisher,
        stage=Stage(
            catalog=catalog,
            store=store,
            parsing=Parsing(
                sandbox, Manner(120), chunks_per_part=4, most_chunk_tokens=lambda _: 254
            ),
            consulting=Consulting(Asking({}, store)),
            handover=Handover(store, publisher),
            members=MemberIntake(catalog, store, publisher),
            describing=Describing(models_of(settings, catalog), catalog.usage, 120),
            max_upload_bytes=1 << 20,
            pages_per_part=2,
        ),
        collection_id=catalog.collections.ensure("Pumps", owner.user_id).collection_id,
        owner_id=owner.user_id,
    )
    catalog.close()


def pdf_of(tmp_path: Path, *draw: Callable[[PdfPage], None]) -> bytes:
    return write_pdf(tmp_path / "made.pdf", *draw).read_bytes()


def zip_of(members: dict[str, bytes]) -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def test_a_small_pdf_becomes_one_part_with_pages_chunks_and_provenance(
    world: World, tmp_path: Path
) -> None:
    event = world.upload("a.pdf", pdf_of(tmp_path, plain("First. " + PROSE), plain("Second.")))

    world.stage.parse_document(event)

    (announced,) = world.publisher.events
    part = world.read(announced)
    assert isinstance(announced, PartParsed)
    assert (announced.part, announced.parts, announced.chunk_count) == (1, 1, len(part.chunks))
    assert [(page.page_number, page.width) for page in part.pages] == [(1, 595), (2, 595)]
    for chunk in part.chunks:
        page = part.pages[chunk.page_number - 1]
        assert page.text[chunk.char_start : chunk.char_end] == chunk.text
        assert chunk.lines
    assert world.document(event).pages == 2
    assert world.document(event).state is DocumentState.EMBEDDING


def test_the_figures_of_a_document_are_stored_beside_it(world: World, tmp_path: Path) -> None:
    def draw(page: PdfPage) -> None:
        page.insert_image(pymupdf.Rect(100, 200, 400, 320), stream=picture())
        text(page, 100, 335, "Figure 2: The pump", 10)

    event = world.upload("a.pdf", pdf_of(tmp_path, draw))

    world.stage.parse_document(event)

    (chunk,) = world.read(world.publisher.events[0]).chunks
    assert chunk.kind == "figure"
    assert chunk.figure_key in world.keys("figures")


def test_a_large_pdf_is_shared_out_and_its_parts_can_be_parsed_in_any_order(
    world: World, tmp_path: Path
) -> None:
    pages = [plain(f"Page {n}. {PROSE}") for n in range(1, 6)]
    event = world.upload("a.pdf", pdf_of(tmp_path, *pages))

    world.stage.parse_document(event)
    assigned = world.publisher.take()
    for each in reversed(assigned):
        assert isinstance(each, PartAssigned)
        world.stage.parse_part(each)

    assert [(a.first_page, a.last_page) for a in assigned if isinstance(a, PartAssigned)] == [
        (1, 2),
        (3, 4),
        (5, 5),
    ]
    parsed = world.publisher.take()
    numbers = [[page.page_number for page in world.read(each).pages] for each in parsed]
    assert numbers == [[5], [3, 4], [1, 2]]
    assert {e.parts for e in parsed if isinstance(e, PartParsed)} == {3}


def test_a_long_document_without_pages_becomes_several_parts(world: World) -> None:
    sections = "".join(f"# Section {n}\n\n{PROSE}\n\n" for n in range(10))
    event = world.upload("notes.md", sections.encode())

    world.stage.parse_document(event)

    parts = [world.read(each) for each in world.publisher.events]
    assert [len(part.chunks) for part in parts] == [4, 4, 2]
    assert [chunk.ordinal for chunk in parts[2].chunks] == [0, 1]
    assert parts[1].chunks[0].heading_path == ("Section 4",)
    assert len({chunk.chunk_id for part in parts for chunk in part.chunks}) == 10


def test_a_redelivery_announces_again_and_parses_nothing(world: World, tmp_path: Path) -> None:
    event = world.upload("a.pdf", pdf_of(tmp_path, *[plain(PROSE)] * 3))
    world.stage.parse_document(event)
    first, second = world.publisher.take()
    assert isinstance(first, PartAssigned)
    world.stage.parse_part(first)
    world.store.delete([event.object_key])  # parsing again would fail
    ids = world.publisher.ids

    world.stage.parse_part(first)
    world.stage.parse_document(event)

    assert world.publisher.ids == [*ids, *ids, *ids, second.event_id()]


def test_embedded_parts_are_not_announced_again(world: World) -> None:
    event = world.upload("a.md", MARKDOWN)
    world.stage.parse_document(event)
    world.publisher.take()
    world.catalog.documents.part_embedded(event.document_id, event.revision, 1)

    world.stage.parse_document(event)

    assert world.publisher.events == []


def test_two_deliveries_at_once_write_the_same(world: World, tmp_path: Path) -> None:
    event = world.upload("a.pdf", pdf_of(tmp_path, plain(PROSE)))
    gate = threading.Barrier(2)

    def deliver() -> None:
        gate.wait()
        world.stage.parse_document(event)

    with ThreadPoolExecutor() as pool:
        for future in [pool.submit(deliver) for _ in range(2)]:
            future.result()

    assert len(set(world.publisher.ids)) == 1
    assert len(world.keys("parsed")) == 1


@pytest.mark.parametrize("pages", [1, 3])
def test_a_kill_before_publishing_heals_at_the_next_delivery(
    world: World, tmp_path: Path, pages: int
) -> None:
    event = world.upload("a.pdf", pdf_of(tmp_path, *[plain(PROSE)] * pages))

    def kill(_: Event) -> None:
        raise KeyboardInterrupt

    world.publisher.before = kill
    with pytest.raises(KeyboardInterrupt):
        world.stage.parse_document(event)
    world.publisher.before = lambda _: None

    world.stage.parse_document(event)

    assert len(world.publisher.events) == (1 if pages == 1 else 2)


def test_a_document_deleted_meanwhile_leaves_nothing(world: World) -> None:
    event = world.upload("a.md", MARKDOWN)
    inspect = world.stage.parsing.inspect

    class Deleting(Parsing):
        def inspect(self, source):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
            world.catalog.documents.request_deletion(event.document_id)
            return inspect(source)

    parsing = world.stage.parsing
    slow = Deleting(**{name: getattr(parsing, name) for name in Parsing.__slots__})

    replace(world.stage, parsing=slow).parse_document(event)

    assert world.keys("parsed") == []
    assert world.publisher.events == []


def test_a_missing_file_is_a_failure_unless_the_document_went_with_it(world: World) -> None:
    event = world.upload("a.md", MARKDOWN)
    world.store.delete([event.object_key])

    with pytest.raises(SourceGone):
        world.stage.parse_document(event)
    world.catalog.documents.request_deletion(event.document_id)
    world.stage.parse_document(event)

    assert world.publisher.events == []


def test_a_document_beyond_the_size_limit_is_refused(world: World) -> None:
    event = world.upload("a.md", b"x" * ((1 << 20) + 1))

    with pytest.raises(TooLarge, match="LECTERN_MAX_UPLOAD_BYTES"):
        world.stage.parse_document(event)


def test_a_document_without_text_says_what_to_do(world: World, tmp_path: Path) -> None:
    event = world.upload("a.pdf", pdf_of(tmp_path, lambda page: None))

    with pytest.raises(UnreadableDocument) as caught:
        world.stage.parse_document(event)

    assert caught.value.code == "no_text"


def test_a_large_document_without_text_fails_with_its_last_part(
    world: World, tmp_path: Path
) -> None:
    event = world.upload("a.pdf", pdf_of(tmp_path, *[lambda page: None] * 3))
    world.stage.parse_document(event)
    last, *others = [e for e in world.publisher.take() if isinstance(e, PartAssigned)]
    for each in others:
        world.stage.parse_part(each)

    with pytest.raises(UnreadableDocument) as caught:
        world.stage.parse_part(last)

    assert caught.value.code == "no_text"


def test_files_in_an_archive_become_documents_of_their_own(world: World) -> None:
    archive = zip_of({"manual/pump.md": MARKDOWN, "notes.txt": b"Grease it weekly."})
    event = world.upload("batch.zip", archive, tags=["field"])

    world.stage.parse_document(event)

    members = [e for e in world.publisher.take() if isinstance(e, DocumentUploaded)]
    assert sorted(m.name for m in members) == ["batch.zip/manual/pump.md", "batch.zip/notes.txt"]
    member = world.document(members[0])
    assert (member.parent_id, member.tags) == (event.document_id, ("field",))
    assert sha256(world.store.read(member.object_key)).hexdigest() == member.sha256

    world.stage.parse_document(members[0])
    assert "nine bar" in world.read(world.publisher.events[0]).chunks[0].text


def test_an_archive_delivered_again_brings_nothing_new(world: World) -> None:
    event = world.upload("batch.zip", zip_of({"pump.md": MARKDOWN}))

    def kill(_: Event) -> None:
        raise KeyboardInterrupt

    world.publisher.before = kill
    with pytest.raises(KeyboardInterrupt):
        world.stage.parse_document(event)
    world.publisher.before = lambda _: None
    world.stage.parse_document(event)
    world.stage.parse_document(event)

    documents, _ = world.catalog.documents.list(world.collection_id)
    assert sorted((d.name, d.revision) for d in documents) == [
        ("batch.zip", 1),
        ("batch.zip/pump.md", 1),
    ]
    assert [e for e in world.publisher.ids if e.startswith("document.uploaded")]


def test_archives_are_opened_to_a_depth_only_so_that_one_in_itself_ends(world: World) -> None:
    parent_id = ""
    for level in range(MAX_DEPTH):
        parent_id = world.upload(f"level{level}.zip", b"x", parent_id=parent_id).document_id
    event = world.upload("deepest.zip", zip_of({"pump.md": MARKDOWN}), parent_id=parent_id)

    world.stage.parse_document(event)

    assert [type(announced) for announced in world.publisher.events] == [PartParsed]


def test_a_member_that_cannot_be_unpacked_is_shown_as_failed_with_the_reason(world: World) -> None:
    archive = zip_of({"good.md": MARKDOWN, "inner.zip": zip_of({"deep.md": MARKDOWN})})
    event = world.upload("batch.zip", archive)

    world.stage.parse_document(event)

    failed = world.catalog.documents.find(world.collection_id, "batch.zip/inner.zip")
    assert failed is not None
    assert failed.state is DocumentState.FAILED
    assert failed.failure is not None
    assert "archive within the archive" in failed.failure.detail


def test_the_function_answers_a_broker_and_marks_what_cannot_be_read(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with EventSink() as sink:
        monkeypatch.setenv("LECTERN_HOME", str(tmp_path / "home"))
        monkeypatch.setenv("K_SINK", sink.url)
        dependencies.cache_clear()
        settings = Settings()
        migrate(settings)
        app = functions_framework.create_app("parse", "functions/parse/main.py")
        client = app.test_client()
        catalog, store = open_catalog(settings), object_store(settings)
        owner = catalog.people.ensure_owner("ada").user_id
        collection_id = catalog.collections.ensure("Pumps", owner).collection_id

        def send(name: str, data: bytes) -> int:
            reserved = catalog.documents.reserve(collection_id, owner, name)
            store.write(reserved.object_key, data)
            document = catalog.documents.confirm(
                reserved.document_id, reserved.revision, size_bytes=len(data), sha256=name
            ).document
            headers, body = encode(Envelope.of(uploaded(document), source="/test"))
            response = client.post("/", headers=headers, data=body)
            assert not response.data or response.is_json or response.status_code >= 400
            return response.status_code

        ready = client.get("/readyz").status_code
        good = send("a.md", MARKDOWN)
        bad = send("b.pdf", b"%PDF-1.7\nnothing follows")

        stage = dependencies().stage
        stage.parsing.sandbox.close()
        dependencies.cache_clear()
        documents, _ = catalog.documents.list(collection_id)
        states = {document.name: document.state for document in documents}
        catalog.close()

    assert (ready, good, bad) == (200, 204, 422)
    assert [e.event_type for e in sink.events] == [PartParsed.event_type, DocumentFailed.event_type]
    assert states == {"a.md": DocumentState.EMBEDDING, "b.pdf": DocumentState.FAILED}


def test_parts_are_planned_as_parsed_so_that_embed_finds_them(world: World) -> None:
    event = world.upload("a.md", MARKDOWN)

    world.stage.parse_document(event)

    (part,) = world.catalog.documents.parts(event.document_id, event.revision)
    assert (part.state, part.chunk_count) == (PartState.PARSED, 1)


def test_a_collection_can_have_chunks_of_its_own_size(world: World) -> None:
    prose = MARKDOWN + PROSE.encode()
    whole = world.upload("a.md", prose)
    world.stage.parse_document(whole)
    world.catalog.collections.change_settings(whole.collection_id, {"chunk_tokens": 32})
    small = world.upload("b.md", prose)

    world.stage.parse_document(small)

    counts = [
        sum(part.chunk_count for part in world.catalog.documents.parts(each.document_id, 1))
        for each in (whole, small)
    ]
    assert counts[1] > counts[0]
