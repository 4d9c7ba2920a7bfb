"""The function `embed`: what ends up in the index, the catalog and on the broker."""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import functions_framework
import numpy as np
import pytest
from flask.testing import FlaskClient
from numpy.typing import NDArray
from werkzeug.test import TestResponse

from functions.embed.stage import embed_part
from functions.embed.wiring import dependencies
from lectern.catalog import Catalog, migrate, open_catalog
from lectern.catalog.records import Document, PartPlan
from lectern.documents import Chunk, DocumentState, chunk_id, chunks_key
from lectern.errors import Busy, PermanentError, SourceGone, UnreadableDocument
from lectern.events import (
    DocumentFailed,
    DocumentIndexed,
    Envelope,
    Event,
    PartEmbedded,
    PartParsed,
    encode,
)
from lectern.index import collection_index
from lectern.index.port import CollectionIndex
from lectern.index.rows import SearchFilter
from lectern.models import AtHand, Embedder, Embedders, embedder
from lectern.objects import ObjectStore, object_store
from lectern.parts import encode_part
from lectern.settings import Settings
from tests.component.event_sink import EventSink

WHEELS = "The wheels of the cart are made of oak and bound with iron."
BREAD = "Bread dough rests for two hours before it is baked."
STARS = "The brightest star of the northern sky is Sirius."


class CountingEmbedder:
    """An embedder that notes which texts it was asked for."""

    def __init__(self, inner: Embedder, *, fingerprint: str = "") -> None:
        self.name = inner.name
        self.max_tokens = inner.max_tokens
        self.dimensions = inner.dimensions
        self.fingerprint = fingerprint or inner.fingerprint
        self.texts: list[str] = []
        self.before: Callable[[], None] = lambda: None
        self._inner = inner

    def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.before()
        self.texts += texts
        return self._inner.embed_passages(texts)

    def embed_query(self, text: str) -> NDArray[np.float32]:
        return self._inner.embed_query(text)

    def count_tokens(self, text: str) -> int:
        return self._inner.count_tokens(text)


def at_hand(**embedders: Any) -> Embedders:
    """Return these embedders, by id; the first is the default."""

    def one(embedder: Any) -> AtHand:
        return AtHand(lambda: embedder, lambda fingerprint, _: fingerprint == embedder.fingerprint)

    return Embedders(
        next(iter(embedders)), {name: one(embedder) for name, embedder in embedders.items()}
    )


@dataclass
class RecordingPublisher:
    events: list[Event] = field(default_factory=list)

    def publish(self, event: Event) -> None:
        self.events.append(event)

    def check(self) -> None:
        pass

    def of(self, kind: type[Event]) -> list[Event]:
        return [event for event in self.events if isinstance(event, kind)]


@dataclass(frozen=True)
class World:
    """Real adapters in a temporary folder, and a collection to put documents into."""

    settings: Settings
    catalog: Catalog
    store: ObjectStore
    embedder: CountingEmbedder
    publisher: RecordingPublisher
    collection_id: str
    owner_id: str

    def index_of(self, collection_id: str) -> CollectionIndex:
        return collection_index(self.settings, collection_id)

    @property
    def index(self) -> CollectionIndex:
        return self.index_of(self.collection_id)

    def upload(self, name: str = "cart.pdf", **options: Any) -> Document:
        documents = self.catalog.documents
        reserved = documents.reserve(self.collection_id, self.owner_id, name, **options)
        sha256 = f"{reserved.document_id}{reserved.revision}"
        return documents.confirm(
            reserved.document_id, reserved.revision, size_bytes=1, sha256=sha256
        ).document

    def parse(self, document: Document, *parts: Sequence[str | Chunk]) -> list[PartParsed]:
        """Do what parse does for chunks of these texts; return the events it publishes."""
        plans = []
        for number, texts in enumerate(parts, start=1):
            key = chunks_key(self.collection_id, document.document_id, document.revision, number)
            chunks = [
                text if isinstance(text, Chunk) else chunk_of(document, number, ordinal, text)
                for ordinal, text in enumerate(texts)
            ]
            self.store.write(key, encode_part([], chunks))
            plans.append(PartPlan(number, number, number, key, len(chunks)))
        planned = self.catalog.documents.plan_parts(
            document.document_id, document.revision, plans, pages=len(plans)
        )
        assert planned is not None
        return [
            PartParsed(
                collection_id=self.collection_id,
                document_id=document.document_id,
                revision=document.revision,
                part=plan.part,
                parts=len(plans),
                chunks_key=plan.chunks_key,
                chunk_count=plan.chunk_count,
            )
            for plan in plans
        ]

    def embed(self, event: PartParsed, **instead: Any) -> None:
        have = {
            "catalog": self.catalog,
            "store": self.store,
            "embedders": at_hand(offline=self.embedder),
            "index_of": self.index_of,
            "publisher": self.publisher,
        }
        embed_part(event, **(have | instead))

    def state(self, document: Document) -> DocumentState:
        found = self.catalog.documents.get(document.document_id)
        assert found is not None
        return found.state

    def texts(self, document: Document) -> list[tuple[int, str]]:
        return [
            (row.chunk.revision, row.chunk.text) for row in self.index.chunks(document.document_id)
        ]


def chunk_of(document: Document, part: int, ordinal: int, text: str, **fields: Any) -> Chunk:
    return Chunk(
        chunk_id=chunk_id(document.document_id, document.revision, part, ordinal),
        document_id=document.document_id,
        revision=document.revision,
        part=part,
        ordinal=ordinal,
        page_number=part,
        text=text,
        **fields,
    )


@pytest.fixture(scope="module")
def offline(tmp_path_factory: pytest.TempPathFactory) -> Embedder:
    return embedder(Settings(home=tmp_path_factory.mktemp("home")))


@pytest.fixture
def world(tmp_path: Path, offline: Embedder) -> Iterator[World]:
    settings = Settings(home=tmp_path)
    migrate(settings)
    catalog = open_catalog(settings)
    owner = catalog.people.ensure_owner("ada")
    yield World(
        settings=settings,
        catalog=catalog,
        store=object_store(settings),
        embedder=CountingEmbedder(offline),
        publisher=RecordingPublisher(),
        collection_id=catalog.collections.ensure("Carts", owner.user_id).collection_id,
        owner_id=owner.user_id,
    )
    catalog.close()


def test_a_document_of_one_part_becomes_searchable_and_ready(world: World) -> None:
    document = world.upload(tags=["oak"])
    (event,) = world.parse(document, [WHEELS, BREAD])

    world.embed(event)

    query = world.embedder.embed_query("What are the wheels made of?")
    (nearest, *_) = world.index.search_vector(query, where=SearchFilter(), limit=2)
    assert nearest.row.chunk.text == WHEELS
    assert nearest.row.document_name == "cart.pdf"
    assert nearest.row.tags == ("oak",)
    assert world.state(document) is DocumentState.READY
    assert [type(published) for published in world.publisher.events] == [
        PartEmbedded,
        DocumentIndexed,
    ]
    (indexed,) = world.publisher.of(DocumentIndexed)
    assert (indexed.pages, indexed.chunks) == (1, 2)


def test_the_last_part_completes_the_document_whatever_the_order(world: World) -> None:
    document = world.upload()
    first, second, third = world.parse(document, [WHEELS], [BREAD], [STARS])

    for event in (third, first):
        world.embed(event)
    before = world.state(document)
    world.embed(second)

    assert before is DocumentState.EMBEDDING
    assert world.state(document) is DocumentState.READY
    assert len(world.publisher.of(PartEmbedded)) == 3
    assert len(world.publisher.of(DocumentIndexed)) == 1
    assert [text for _, text in world.texts(document)] == [WHEELS, BREAD, STARS]


def test_the_same_event_twice_changes_nothing_and_repeats_the_same_id(world: World) -> None:
    document = world.upload()
    (event,) = world.parse(document, [WHEELS])

    world.embed(event)
    world.embed(event)

    assert world.texts(document) == [(1, WHEELS)]
    assert world.embedder.texts == [WHEELS]
    assert len({published.event_id() for published in world.publisher.of(PartEmbedded)}) == 1
    assert len(world.publisher.of(DocumentIndexed)) == 1


def test_two_at_once_leave_the_rows_of_one(world: World) -> None:
    document = world.upload()
    (event,) = world.parse(document, [WHEELS, BREAD])
    both_are_embedding = threading.Barrier(2)
    world.embedder.before = both_are_embedding.wait

    with ThreadPoolExecutor(2) as pool:
        for outcome in [pool.submit(world.embed, event) for _ in range(2)]:
            outcome.result()

    assert world.texts(document) == [(1, WHEELS), (1, BREAD)]
    assert world.state(document) is DocumentState.READY
    assert len(world.publisher.of(DocumentIndexed)) == 1


def test_a_redelivery_while_the_document_is_announced_is_told_to_come_later(world: World) -> None:
    document = world.upload()
    (event,) = world.parse(document, [WHEELS])
    refusals: list[Busy] = []

    def deliver_again() -> None:
        with pytest.raises(Busy) as refused:
            world.embed(event)
        refusals.append(refused.value)

    world.embed(event, index_of=lambda _: BeforeDeletion(world.index, deliver_again))
    world.embed(event)

    assert [0 < refusal.retry_after_s <= 30 for refusal in refusals] == [True]
    assert len(world.publisher.of(DocumentIndexed)) == 1
    assert world.state(document) is DocumentState.READY


def test_a_redelivery_that_looked_before_the_document_was_complete_does_not_announce_it(
    world: World,
) -> None:
    document = world.upload()
    (event,) = world.parse(document, [WHEELS])

    def complete() -> None:
        assert world.catalog.documents.part_embedded(document.document_id, 1, 1)

    with pytest.raises(Busy):
        world.embed(event, catalog=BeforePart(world.catalog, complete))

    assert world.publisher.of(DocumentIndexed) == []


class BeforePart:
    """A catalog in which something happens between a look at a document and at its part."""

    def __init__(self, catalog: Any, happens: Callable[[], None]) -> None:
        self._inner = catalog
        self._happens = happens
        self.documents = self

    def part(self, *key: Any) -> Any:
        self._happens()
        return self._inner.documents.part(*key)

    def get(self, document_id: str) -> Any:
        return self._inner.documents.get(document_id)


class BeforeDeletion:
    """An index that lets something happen before older revisions are removed."""

    def __init__(self, index: CollectionIndex, happens: Callable[[], None]) -> None:
        self._index = index
        self._happens = happens

    def delete_document(self, document_id: str, *, before_revision: int | None = None) -> None:
        self._happens()
        self._index.delete_document(document_id, before_revision=before_revision)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._index, name)


def test_an_empty_part_counts_as_embedded(world: World) -> None:
    document = world.upload()
    empty, full = world.parse(document, [], [BREAD])

    world.embed(empty)
    world.embed(full)

    assert world.state(document) is DocumentState.READY
    assert world.texts(document) == [(1, BREAD)]


def test_copies_of_a_text_are_embedded_once_with_their_headings(world: World) -> None:
    document = world.upload()
    chunks = [
        chunk_of(document, 1, 0, WHEELS, heading_path=("Carts", "Wheels")),
        chunk_of(document, 1, 1, WHEELS, heading_path=("Carts", "Wheels")),
        chunk_of(document, 1, 2, WHEELS),
    ]
    (event,) = world.parse(document, chunks)

    world.embed(event)

    assert world.embedder.texts == [f"Carts\nWheels\n{WHEELS}", WHEELS]
    assert world.index.count(document.document_id) == 3


def test_a_new_revision_replaces_the_old_and_reuses_its_vectors(world: World) -> None:
    (event,) = world.parse(world.upload(), [WHEELS, BREAD])
    world.embed(event)
    world.embedder.texts.clear()

    newer = world.upload()
    (event,) = world.parse(newer, [WHEELS, STARS])
    world.embed(event)

    assert newer.revision == 2
    assert world.embedder.texts == [STARS]
    assert world.texts(newer) == [(2, WHEELS), (2, STARS)]


def test_the_old_revision_is_found_until_the_new_one_is_complete(world: World) -> None:
    old = world.upload()
    (event,) = world.parse(old, [WHEELS])
    world.embed(event)

    newer = world.upload()
    first, second = world.parse(newer, [BREAD], [STARS])
    world.embed(first)
    world.embed(event)
    halfway = world.texts(newer)
    world.embed(second)

    assert halfway == [(1, WHEELS), (2, BREAD)]
    assert world.texts(newer) == [(2, BREAD), (2, STARS)]


def test_tags_that_change_while_a_part_is_embedded_are_those_of_its_rows(world: World) -> None:
    document = world.upload(tags=["old"])
    (event,) = world.parse(document, ["the wheels of the cart"])

    def change_tags() -> None:
        world.catalog.documents.edit(document.document_id, tags=["new"])

    world.embedder.before = change_tags
    world.embed(event)

    assert [each.tags for each in world.index.chunks(document.document_id)] == [("new",)]


def test_work_that_is_superseded_midway_is_removed_and_not_announced(world: World) -> None:
    document = world.upload()
    (event,) = world.parse(document, [WHEELS])
    world.embedder.before = world.upload

    world.embed(event)

    assert world.texts(document) == []
    assert world.publisher.events == []


def test_work_for_a_document_that_is_deleted_midway_is_removed(world: World) -> None:
    document = world.upload()
    (event,) = world.parse(document, [WHEELS])

    def delete() -> None:
        world.catalog.documents.request_deletion(document.document_id)
        world.index.delete_document(document.document_id)
        world.catalog.documents.forget(document.document_id)

    world.embedder.before = delete
    world.embed(event)

    assert world.texts(document) == []
    assert world.publisher.events == []


def test_a_part_deleted_from_the_store_with_its_document_is_no_failure(world: World) -> None:
    document = world.upload()
    (event,) = world.parse(document, [WHEELS])
    world.catalog.documents.request_deletion(document.document_id)
    world.store.delete([event.chunks_key])

    world.embed(event)

    assert world.publisher.events == []


def test_a_part_missing_from_the_store_is_a_permanent_failure(world: World) -> None:
    document = world.upload()
    (event,) = world.parse(document, [WHEELS])
    world.store.delete([event.chunks_key])

    with pytest.raises(SourceGone):
        world.embed(event)


def test_a_part_that_is_to_be_parsed_again_is_left_alone(world: World) -> None:
    document = world.upload()
    world.catalog.documents.plan_parts(
        document.document_id, document.revision, [PartPlan(1, 1, 1)], pages=1
    )
    event = PartParsed(
        collection_id=world.collection_id,
        document_id=document.document_id,
        revision=1,
        part=1,
        parts=1,
        chunks_key="parsed/gone",
        chunk_count=1,
    )

    world.embed(event)

    assert world.publisher.events == []
    assert world.texts(document) == []


def test_chunks_of_another_document_are_refused(world: World) -> None:
    mine, other = world.upload("mine.pdf"), world.upload("other.pdf")
    (event,) = world.parse(mine, [chunk_of(other, 1, 0, WHEELS)])

    with pytest.raises(UnreadableDocument, match="another part"):
        world.embed(event)

    assert world.texts(other) == []


def test_another_embedder_than_the_collections_says_what_to_run(world: World) -> None:
    (event,) = world.parse(world.upload("first.pdf"), [WHEELS])
    world.embed(event)
    (event,) = world.parse(world.upload("second.pdf"), [BREAD])
    another = CountingEmbedder(world.embedder, fingerprint="another")

    with pytest.raises(PermanentError, match="lectern reembed --collection carts") as caught:
        world.embed(event, embedders=at_hand(another=another))

    assert caught.value.code == "embedder_mismatch"
    assert another.texts == []


def test_a_collection_is_embedded_with_what_it_chose_and_stays_with_it(world: World) -> None:
    endpoint = CountingEmbedder(world.embedder, fingerprint="endpoint-1")
    both = at_hand(offline=world.embedder, endpoint=endpoint)
    first = world.upload("first.pdf")
    settings = world.catalog.collections.change_settings
    settings(first.collection_id, {"embedder": "endpoint"})
    (event,) = world.parse(first, [WHEELS])
    world.embed(event, embedders=both)
    settings(first.collection_id, {"embedder": "offline"})
    (event,) = world.parse(world.upload("second.pdf"), [BREAD])

    world.embed(event, embedders=both)

    bound = world.catalog.collections.get(first.collection_id)
    assert endpoint.texts == [WHEELS, BREAD], "until it is embedded anew"
    assert bound is not None
    assert bound.embedder_fingerprint == "endpoint-1"


def test_an_embedder_that_is_no_longer_configured_says_what_to_set(world: World) -> None:
    document = world.upload()
    world.catalog.collections.change_settings(document.collection_id, {"embedder": "endpoint"})
    (event,) = world.parse(document, [WHEELS])

    with pytest.raises(PermanentError, match="LECTERN_EMBEDDING_URL") as caught:
        world.embed(event)

    assert caught.value.code == "embedding_settings"


@dataclass(frozen=True)
class Served:
    """The function's HTTP side and the broker it publishes to."""

    client: FlaskClient
    sink: EventSink

    def deliver(self, event: Event) -> TestResponse:
        headers, body = encode(Envelope.of(event, source="/lectern/parse"))
        return self.client.post("/", headers=headers, data=body)

    @property
    def published(self) -> list[str]:
        return [envelope.event_type for envelope in self.sink.events]


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, world: World) -> Iterator[Served]:
    """The function as a container runs it, on the same folder as `world`."""
    dependencies.cache_clear()
    with EventSink() as sink:
        monkeypatch.setenv("LECTERN_HOME", str(tmp_path))
        monkeypatch.setenv("K_SINK", sink.url)
        source = Path(__file__).parents[2] / "functions" / "embed" / "main.py"
        app = functions_framework.create_app("embed", str(source))
        yield Served(app.test_client(), sink)
        dependencies().catalog.close()
    dependencies.cache_clear()


def test_served_to_a_broker_it_answers_nothing_and_publishes(world: World, served: Served) -> None:
    document = world.upload()
    (event,) = world.parse(document, [WHEELS])

    ready = served.client.get("/readyz")
    response = served.deliver(event)

    assert ready.status_code == 200
    assert (response.status_code, response.data) == (204, b"")
    assert world.state(document) is DocumentState.READY
    assert served.published == [PartEmbedded.event_type, DocumentIndexed.event_type]


def test_served_a_permanent_failure_marks_the_document_and_is_not_redelivered(
    world: World, served: Served
) -> None:
    document = world.upload()
    (event,) = world.parse(document, [WHEELS])
    world.store.delete([event.chunks_key])

    response = served.deliver(event)

    failed = world.catalog.documents.get(document.document_id)
    assert response.status_code == 410
    assert failed is not None
    assert failed.failure is not None
    assert (failed.state, failed.failure.stage) == (DocumentState.FAILED, "embed")
    assert served.published == [DocumentFailed.event_type]


class Killed(BaseException):
    """The process died here."""


class Fuse:
    """Dies at the `at`-th call that any of the adapters it guards receives."""

    def __init__(self, at: int) -> None:
        self.calls: list[str] = []
        self._at = at

    def guard(self, adapter: Any) -> Any:
        fuse = self

        class Guarded:
            def __getattr__(self, name: str) -> Any:
                value = getattr(adapter, name)
                return fuse._guarded(value, name) if callable(value) else value

        return Guarded()

    def _guarded(self, method: Callable[..., Any], name: str) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            self.calls.append(name)
            if len(self.calls) == self._at:
                raise Killed(name)
            return method(*arguments, **named)

        return call


STEPS = (
    "get",
    "part",
    "read",
    "get",
    "count_tokens",
    "known_vectors",
    "embed_passages",
    "replace_part",
    "get",
    "part_embedded",
    "part",
    "publish",
    "get",
    "delete_document",
    "publish",
    "finish",
)


def embed_under(fuse: Fuse, world: World, event: PartParsed) -> None:
    catalog = SimpleNamespace(
        documents=fuse.guard(world.catalog.documents),
        collections=fuse.guard(world.catalog.collections),
    )
    world.embed(
        event,
        catalog=catalog,
        store=fuse.guard(world.store),
        embedders=at_hand(offline=fuse.guard(world.embedder)),
        index_of=lambda collection_id: fuse.guard(world.index_of(collection_id)),
        publisher=fuse.guard(world.publisher),
    )


def test_the_steps_below_are_all_there_are(world: World) -> None:
    fuse = Fuse(at=0)
    (event,) = world.parse(world.upload(), [WHEELS])
    world.embed(event)
    document = world.upload()
    (event,) = world.parse(document, [chunk_of(document, 1, 0, BREAD, heading_path=("Baking",))])

    embed_under(fuse, world, event)

    assert tuple(fuse.calls) == STEPS


@pytest.mark.parametrize("step", range(1, len(STEPS) + 1), ids=lambda n: f"{n}-{STEPS[n - 1]}")
def test_killed_before_any_step_a_redelivery_heals(world: World, step: int) -> None:
    (event,) = world.parse(world.upload(), [WHEELS])
    world.embed(event)
    newer = world.upload()
    (event,) = world.parse(newer, [chunk_of(newer, 1, 0, BREAD, heading_path=("Baking",))])
    world.publisher.events.clear()

    with pytest.raises(Killed):
        embed_under(Fuse(at=step), world, event)
    world.embed(event, abandoned_after_s=0)

    assert world.texts(newer) == [(2, BREAD)]
    assert world.state(newer) is DocumentState.READY
    assert world.publisher.of(PartEmbedded)
    assert world.publisher.of(DocumentIndexed)
    again = STEPS[step - 1] == "replace_part"
    assert len(world.embedder.texts) == 2 + again, "only vectors not yet written are made again"
