"""A maintain function with real adapters in a temporary folder."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import functions_framework
import numpy as np
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from functions.maintain.wiring import dependencies, letters
from functions.maintain.wiring import settings as maintain_settings
from lectern.catalog import migrate, open_catalog
from lectern.catalog.port import Catalog
from lectern.catalog.records import Collection, Document, PartPlan
from lectern.documents import Chunk, DocumentState, chunk_id, chunks_key, figure_key
from lectern.events import Envelope, Event, encode
from lectern.index import collection_index
from lectern.index.port import CollectionIndex
from lectern.index.rows import ChunkRow
from lectern.objects import ObjectStore, object_store
from lectern.settings import Settings
from tests.component.event_sink import EventSink

SOURCE = Path(__file__).resolve().parents[2] / "functions" / "maintain" / "main.py"


@dataclass(frozen=True)
class World:
    """A maintain function with real adapters in a temporary folder, and one collection."""

    settings: Settings
    catalog: Catalog
    store: ObjectStore
    sink: EventSink
    client: FlaskClient
    collection: Collection

    @property
    def index(self) -> CollectionIndex:
        return collection_index(self.settings, self.collection.collection_id)

    def send(self, event: Event, **extensions: str) -> TestResponse:
        headers, body = encode(Envelope.of(event, source="/lectern/test", extensions=extensions))
        return self.client.post("/", headers=headers, data=body)

    def upload(self, data: bytes = b"data", name: str = "a.txt") -> Document:
        documents = self.catalog.documents
        reserved = documents.reserve(self.collection.collection_id, self.collection.owner_id, name)
        self.store.write(reserved.object_key, data)
        return documents.confirm(
            reserved.document_id,
            reserved.revision,
            size_bytes=len(data),
            sha256=hashlib.sha256(data).hexdigest(),
        ).document

    def parse(self, document: Document, parts: int = 1) -> None:
        """Do what parse does, for parts of one chunk each."""
        documents = self.catalog.documents
        documents.begin_parsing(document.document_id, document.revision)
        where = (self.collection.collection_id, document.document_id, document.revision)
        plans = [
            PartPlan(part, part, part, chunks_key(*where, part), 1) for part in range(1, parts + 1)
        ]
        for plan in plans:
            self.store.write(plan.chunks_key, b"chunks")
        self.store.write(figure_key(*where, 1, ordinal=1, extension="png"), b"figure")
        documents.plan_parts(document.document_id, document.revision, plans, pages=parts)

    def embed(self, document: Document, part: int = 1) -> bool:
        """Do what embed does; return whether the revision is complete."""
        revision = document.revision
        chunk = Chunk(
            chunk_id=chunk_id(document.document_id, revision, part, 0),
            document_id=document.document_id,
            revision=revision,
            part=part,
            ordinal=0,
            page_number=1,
            text="the wheels of the cart",
        )
        vector = np.zeros(8, np.float32)
        vector[0] = 1
        row = ChunkRow(chunk, vector, document.name)
        self.index.replace_part(document.document_id, revision, part, [row])
        return self.catalog.documents.part_embedded(document.document_id, revision, part)

    def ready(self, data: bytes = b"data", name: str = "a.txt") -> Document:
        """Return a document that has come the whole way, its graph included."""
        document = self.upload(data, name)
        self.parse(document)
        self.embed(document)
        self.catalog.documents.part_graphed(document.document_id, document.revision, 1)
        self.catalog.documents.finish(document.document_id, document.revision)
        return self.get(document)

    def get(self, document: Document) -> Document:
        found = self.catalog.documents.get(document.document_id)
        assert found is not None
        return found

    def state(self, document: Document) -> DocumentState:
        return self.get(document).state

    def keys(self, *prefixes: str) -> list[str]:
        return [info.key for prefix in prefixes for info in self.store.list(f"{prefix}/")]


@contextmanager
def maintain_world(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Give a world in `home`, which the environment variables name."""
    with EventSink() as sink:
        monkeypatch.setenv("LECTERN_HOME", str(home))
        monkeypatch.setenv("K_SINK", sink.url)
        monkeypatch.setenv("LECTERN_FUNCTION_URL", f"{sink.url}{{function}}")
        settings = Settings()
        migrate(settings)
        catalog = open_catalog(settings)
        for cached in (dependencies, letters, maintain_settings):
            cached.cache_clear()
        owner = catalog.people.ensure_owner("me")
        yield World(
            settings,
            catalog,
            object_store(settings),
            sink,
            functions_framework.create_app("maintain", str(SOURCE)).test_client(),
            catalog.collections.create("Papers", owner.user_id),
        )
        catalog.close()
        open_catalog.cache_clear()
