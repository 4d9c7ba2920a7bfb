"""The function `graph-extract`: what ends up in the index and the catalog."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import functions_framework
import pytest
from flask.testing import FlaskClient

from functions.graph_extract.wiring import dependencies
from lectern.catalog import Catalog, migrate, open_catalog
from lectern.catalog.records import Document, PartPlan
from lectern.documents import Chunk, chunk_id, chunks_key
from lectern.events import Envelope, PartParsed, encode
from lectern.index import collection_index
from lectern.index.port import CollectionIndex
from lectern.objects import ObjectStore, object_store
from lectern.parts import encode_part
from lectern.settings import Settings

TEXTS = (
    "The Federal Aviation Administration (FAA) says that “Operator” means the owner.",
    "Every Operator reports to the FAA. The faa of a name is no acronym.",
)


@dataclass(frozen=True)
class World:
    client: FlaskClient
    catalog: Catalog
    store: ObjectStore
    settings: Settings
    collection_id: str
    owner_id: str

    @property
    def index(self) -> CollectionIndex:
        return collection_index(self.settings, self.collection_id)

    def upload(self, name: str = "rules.pdf") -> Document:
        documents = self.catalog.documents
        reserved = documents.reserve(self.collection_id, self.owner_id, name)
        return documents.confirm(
            reserved.document_id,
            reserved.revision,
            size_bytes=1,
            sha256=f"{reserved.document_id}{reserved.revision}",
        ).document

    def parse(self, document: Document) -> PartParsed:
        identity = (document.document_id, document.revision, 1)
        chunks = [
            Chunk(
                chunk_id=chunk_id(*identity, ordinal),
                document_id=document.document_id,
                revision=document.revision,
                part=1,
                ordinal=ordinal,
                page_number=1,
                text=text,
                heading_path=("1. Duties",),
            )
            for ordinal, text in enumerate(TEXTS)
        ]
        key = chunks_key(self.collection_id, *identity)
        self.store.write(key, encode_part([], chunks))
        plan = PartPlan(1, 1, 1, key, len(chunks))
        self.catalog.documents.plan_parts(document.document_id, document.revision, [plan], pages=1)
        return PartParsed(
            collection_id=self.collection_id,
            document_id=document.document_id,
            revision=document.revision,
            part=1,
            parts=1,
            chunks_key=key,
            chunk_count=len(chunks),
        )

    def deliver(self, event: PartParsed) -> int:
        headers, body = encode(Envelope.of(event, source="/lectern/parse"))
        return self.client.post("/", headers=headers, data=body).status_code


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[bytes]]:
    """A broker that accepts every event; the list holds their data."""
    received: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(202)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    monkeypatch.setenv("K_SINK", f"http://127.0.0.1:{server.server_port}")
    yield received
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broker: list[bytes]) -> Iterator[World]:
    monkeypatch.setenv("LECTERN_HOME", str(tmp_path))
    settings = Settings()
    migrate(settings)
    catalog = open_catalog(settings)
    owner = catalog.people.ensure_owner("owner")
    collection = catalog.collections.ensure("rules", owner.user_id)
    dependencies.cache_clear()
    source = Path(__file__).parents[2] / "functions" / "graph_extract" / "main.py"
    client = functions_framework.create_app("graph_extract", str(source)).test_client()
    store = object_store(settings)
    yield World(client, catalog, store, settings, collection.collection_id, owner.user_id)
    dependencies.cache_clear()
    catalog.close()
    open_catalog.cache_clear()


def test_a_part_gets_its_subjects_and_where_they_are_named(world: World) -> None:
    document = world.upload()

    status = world.deliver(world.parse(document))

    assert status == 204
    subjects = {row.name: row for row in world.index.subjects(document.document_id)}
    assert subjects["FAA"].kind == "acronym"
    assert subjects["FAA"].definition == "Federal Aviation Administration"
    assert subjects["Operator"].kind == "term"
    assert {"rules", "Duties", "Federal Aviation Administration"} <= subjects.keys()
    mentions = {
        (row.subject_name, row.chunk_id[-1]): row.starts
        for row in world.index.mentions(document.document_id)
    }
    assert mentions["FAA", "1"] == (TEXTS[1].index("FAA"),)
    assert mentions["Operator", "1"] == (6,)
    part = world.catalog.documents.part(document.document_id, 1, 1)
    assert part is not None
    assert part.graphed


def test_an_event_delivered_twice_changes_nothing(world: World) -> None:
    document = world.upload()
    event = world.parse(document)
    world.deliver(event)
    before = (
        world.index.subjects(document.document_id),
        world.index.mentions(document.document_id),
    )

    status = world.deliver(event)

    assert status == 204
    after = (world.index.subjects(document.document_id), world.index.mentions(document.document_id))
    assert after == before


def test_a_deleted_document_leaves_nothing_behind(world: World) -> None:
    document = world.upload()
    event = world.parse(document)
    world.catalog.documents.request_deletion(document.document_id)

    status = world.deliver(event)

    assert status == 204
    assert list(world.index.subjects(document.document_id)) == []


def test_a_newer_revision_makes_an_old_event_void(world: World) -> None:
    first = world.upload()
    event = world.parse(first)
    world.upload()

    status = world.deliver(event)

    assert status == 204
    assert list(world.index.subjects(first.document_id)) == []


def test_a_damaged_part_is_final_but_does_not_fail_its_document(
    world: World, broker: list[bytes]
) -> None:
    document = world.upload()
    event = world.parse(document)
    world.store.write(event.chunks_key, b"this is no zstandard")

    status = world.deliver(event)

    after = world.catalog.documents.get(document.document_id)
    part = world.catalog.documents.part(document.document_id, document.revision, 1)
    assert status == 422
    assert after is not None
    assert after.failure is None, "a document can be searched without its graph"
    assert part is not None
    assert part.graphed, "the sweeper does not ask for it for ever"
    assert broker == []
