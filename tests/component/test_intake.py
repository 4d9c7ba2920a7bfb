"""Intake as senders reach it: over HTTP, with a real catalog, a real store and a broker."""

import json
import logging
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import functions_framework
import pytest
from flask.testing import FlaskClient
from werkzeug.serving import make_server

from functions.intake.inbox import CLAIMS, Inbox
from functions.intake.keys import InboxKey
from functions.intake.notifications import UploadedObject
from functions.intake.stage import take_in
from functions.intake.wiring import dependencies
from functions.maintain.announcing import announce, announcement
from lectern.catalog import migrate, open_catalog
from lectern.catalog.port import Catalog
from lectern.catalog.records import Collection, Document, Failure
from lectern.documents import DocumentState
from lectern.errors import SourceGone, TransientError
from lectern.objects import ObjectStore, object_store
from lectern.registration import Registrar
from lectern.settings import Settings
from tests.component.event_sink import EventSink

SOURCE = Path(__file__).resolve().parents[2] / "functions" / "intake" / "main.py"


@pytest.fixture
def sink() -> Iterator[EventSink]:
    with EventSink() as sink:
        yield sink


@pytest.fixture
def environment(
    tmp_path: Path, sink: EventSink, monkeypatch: pytest.MonkeyPatch
) -> pytest.MonkeyPatch:
    monkeypatch.setenv("LECTERN_HOME", str(tmp_path))
    monkeypatch.setenv("LECTERN_MAX_UPLOAD_BYTES", "1000")
    monkeypatch.setenv("K_SINK", sink.url)
    return monkeypatch


@pytest.fixture
def catalog(environment: pytest.MonkeyPatch) -> Iterator[Catalog]:
    migrate(Settings())
    catalog = open_catalog(Settings())
    yield catalog
    catalog.close()
    open_catalog.cache_clear()


@pytest.fixture
def store(environment: pytest.MonkeyPatch) -> ObjectStore:
    return object_store(Settings())


@pytest.fixture
def client(catalog: Catalog, store: ObjectStore) -> Iterator[FlaskClient]:
    dependencies.cache_clear()
    yield functions_framework.create_app("intake", str(SOURCE)).test_client()
    dependencies().registrar.publisher._client.close()  # type: ignore[attr-defined]
    dependencies.cache_clear()


@pytest.fixture
def collection(catalog: Catalog) -> Collection:
    return catalog.collections.create("Papers", catalog.people.ensure_owner("me").user_id)


def notify(client: FlaskClient, *keys: str, store: ObjectStore, **options: Any) -> int:
    infos = [info for key in keys for info in store.list(key)]
    return client.post("/", data=announcement(infos, key_prefix=""), **options).status_code


def documents(catalog: Catalog, collection: Collection) -> list[Document]:
    found, _ = catalog.documents.list(collection.collection_id)
    return list(found)


def upload(catalog: Catalog, store: ObjectStore, collection: Collection, data: bytes) -> str:
    reservation = catalog.documents.reserve(
        collection.collection_id, collection.owner_id, "a b.pdf", content_type="application/pdf"
    )
    store.write(reservation.object_key, data)
    return reservation.object_key


def keys(store: ObjectStore) -> list[str]:
    return [info.key for info in store.list("")]


def test_a_reserved_upload_becomes_a_document(
    client: FlaskClient,
    catalog: Catalog,
    store: ObjectStore,
    sink: EventSink,
    collection: Collection,
) -> None:
    key = upload(catalog, store, collection, b"hello")

    assert notify(client, key, store=store) == 204
    (document,) = documents(catalog, collection)
    assert (document.state, document.size_bytes) == (DocumentState.UPLOADED, 5)
    (event,) = sink.events
    assert event.event_id == f"document.uploaded:{document.document_id}:1"
    assert json.loads(event.data) == {
        "collection_id": collection.collection_id,
        "document_id": document.document_id,
        "revision": 1,
        "object_key": key,
        "size_bytes": 5,
        "sha256": "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
        "content_type": "application/pdf",
        "name": "a b.pdf",
    }


def test_a_second_notification_repeats_the_event_until_work_has_begun(
    client: FlaskClient,
    catalog: Catalog,
    store: ObjectStore,
    sink: EventSink,
    collection: Collection,
) -> None:
    key = upload(catalog, store, collection, b"hello")
    notify(client, key, store=store)
    notify(client, key, store=store)
    (document,) = documents(catalog, collection)
    catalog.documents.begin_parsing(document.document_id, 1)
    status = notify(client, key, store=store)

    assert status == 204
    assert sink.ids == [f"document.uploaded:{document.document_id}:1"] * 2


def test_the_same_bytes_again_are_a_duplicate(
    client: FlaskClient,
    catalog: Catalog,
    store: ObjectStore,
    sink: EventSink,
    collection: Collection,
) -> None:
    first = upload(catalog, store, collection, b"hello")
    notify(client, first, store=store)
    (document,) = documents(catalog, collection)
    catalog.documents.begin_parsing(document.document_id, 1)
    second = upload(catalog, store, collection, b"hello")
    assert notify(client, second, store=store) == 204

    assert [d.revision for d in documents(catalog, collection)] == [1]
    assert len(sink.events) == 1
    assert keys(store) == [first]


def test_what_nobody_reserved_is_ignored_and_said_so(
    *,
    client: FlaskClient,
    catalog: Catalog,
    store: ObjectStore,
    sink: EventSink,
    collection: Collection,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, "lectern")
    logging.getLogger("lectern").addHandler(caplog.handler)
    key = upload(catalog, store, collection, b"hello")
    folder = key.rpartition("/")[0]
    strays = [f"{folder}/other.pdf", "uploads/c/d/1/a.pdf", f"{folder[:-1]}7/a b.pdf", "index/c/x"]
    for stray in strays:
        store.write(stray, b"stray")
    status = notify(client, *strays, store=store)
    logging.getLogger("lectern").removeHandler(caplog.handler)

    assert status == 204
    assert sink.events == []
    assert [r.levelname for r in caplog.records if "nobody reserved" in r.message] == [
        "WARNING"
    ] * 3
    (line,) = [r for r in caplog.records if r.message == "handled"]
    assert (line.outcome, line.ignored) == ("ignored", 4)  # type: ignore[attr-defined]
    assert keys(store) == sorted([key, *strays])


def test_an_upload_beyond_the_limit_fails_and_goes(
    client: FlaskClient,
    catalog: Catalog,
    store: ObjectStore,
    sink: EventSink,
    collection: Collection,
) -> None:
    key = upload(catalog, store, collection, bytes(1001))

    assert notify(client, key, store=store) == 204
    (document,) = documents(catalog, collection)
    assert document.state == DocumentState.FAILED
    assert document.failure is not None
    assert document.failure.code == "too_large"
    assert "1,000" in document.failure.detail
    assert [event.event_type for event in sink.events] == ["dev.lectern.document.failed.v1"]
    assert keys(store) == []


def test_a_broker_that_refuses_makes_the_sender_try_again(
    client: FlaskClient,
    catalog: Catalog,
    store: ObjectStore,
    sink: EventSink,
    collection: Collection,
) -> None:
    key = upload(catalog, store, collection, b"hello")
    sink.status = 500
    first = notify(client, key, store=store)
    sink.status = 202
    second = notify(client, key, store=store)

    assert (first, second) == (503, 204)
    assert len(sink.events) == 1


def test_a_file_in_the_inbox_becomes_a_document_of_its_folder(
    client: FlaskClient,
    catalog: Catalog,
    store: ObjectStore,
    sink: EventSink,
    collection: Collection,
) -> None:
    store.write("inbox/papers/q3/r é.pdf", b"hello")

    assert notify(client, "inbox/", store=store) == 204
    (document,) = documents(catalog, collection)
    assert (document.name, document.content_type) == ("q3 - r é.pdf", "application/pdf")
    assert document.owner_id == collection.owner_id
    assert sink.ids == [f"document.uploaded:{document.document_id}:1"]
    assert store.read(document.object_key) == b"hello"
    assert keys(store) == [document.object_key]


def test_a_new_folder_makes_a_collection_of_the_first_administrator(
    client: FlaskClient, catalog: Catalog, store: ObjectStore
) -> None:
    store.write("inbox/New Things/a.txt", b"a")
    store.write("inbox/b.txt", b"b")
    notify(client, "inbox/", store=store)

    owner = catalog.people.ensure_owner("anybody")
    new, plain = (catalog.collections.of_folder(slug) for slug in ("new-things", "inbox"))
    assert new is not None
    assert plain is not None
    assert (new.name, new.owner_id) == ("New Things", owner.user_id)
    assert [d.name for d in documents(catalog, plain)] == ["b.txt"]


def test_the_inbox_tells_duplicates_from_new_revisions(
    client: FlaskClient,
    catalog: Catalog,
    store: ObjectStore,
    sink: EventSink,
    collection: Collection,
) -> None:
    for data in (b"one", b"one", b"two"):
        store.write("inbox/papers/a.txt", data)
        assert notify(client, "inbox/", store=store) == 204

    (document,) = documents(catalog, collection)
    assert document.sha256.startswith("3fc4ccfe")  # of b"two"
    assert keys(store) == sorted([document.object_key, document.object_key.replace("/3/", "/1/")])
    assert sorted(set(sink.ids)) == [
        f"document.uploaded:{document.document_id}:1",
        f"document.uploaded:{document.document_id}:3",
    ]


def test_the_same_file_announced_at_once_is_one_revision(
    client: FlaskClient,
    catalog: Catalog,
    store: ObjectStore,
    sink: EventSink,
    collection: Collection,
) -> None:
    store.write("inbox/papers/a.txt", b"one")
    body = announcement(store.list("inbox/"), key_prefix="")
    start = threading.Barrier(4)

    def post(_: int) -> int:
        start.wait()
        return client.application.test_client().post("/", data=body).status_code

    with ThreadPoolExecutor(4) as threads:
        statuses = set(threads.map(post, range(4)))
    if statuses - {204}:
        notify(client, "inbox/", store=store)

    (document,) = documents(catalog, collection)
    confirmed = [
        e for e in catalog.documents.timeline(document.document_id) if e.stage == "uploaded"
    ]
    assert statuses <= {204, 409, 503}
    assert len(confirmed) == 1
    assert len(set(sink.ids)) == 1
    assert keys(store) == [document.object_key]


def test_a_file_too_large_for_the_inbox_stays_and_its_document_says_why(
    client: FlaskClient, catalog: Catalog, store: ObjectStore, collection: Collection
) -> None:
    store.write("inbox/papers/a.bin", bytes(1001))
    for _ in range(2):
        assert notify(client, "inbox/", store=store) == 204

    (document,) = documents(catalog, collection)
    assert (document.state, document.revision) == (DocumentState.FAILED, 1)
    assert store.info("inbox/papers/a.bin").size_bytes == 1001


class Crash(BaseException):
    """The process dies here."""


class CrashingStore:
    """Hands on to a real store and dies before or after one call of one method."""

    def __init__(self, store: ObjectStore, method: str, *, after: bool) -> None:
        self._store, self._method, self._after = store, method, after

    def __getattr__(self, name: str) -> Any:
        real = getattr(self._store, name)
        if name != self._method:
            return real

        def call(*args: Any, **options: Any) -> Any:
            if self._after:
                real(*args, **options)
            raise Crash

        return call


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("method", ["claim", "copy", "stream", "delete_unchanged", "delete"])
def test_a_crash_between_two_steps_loses_and_doubles_nothing(
    *,
    client: FlaskClient,
    catalog: Catalog,
    store: ObjectStore,
    sink: EventSink,
    collection: Collection,
    method: str,
    after: bool,
) -> None:
    store.write("inbox/papers/a.txt", b"one")
    body = announcement(store.list("inbox/"), key_prefix="")
    mortal: Any = CrashingStore(store, method, after=after)
    registrar = Registrar(catalog, mortal, dependencies().registrar.publisher, "intake", 1000)
    with pytest.raises(Crash):
        Inbox(catalog, mortal, registrar).take(InboxKey("inbox/papers/a.txt", "papers", "a.txt"))
    for _ in range(2):
        assert client.post("/", data=body).status_code == 204

    (document,) = documents(catalog, collection)
    confirmed = [
        e for e in catalog.documents.timeline(document.document_id) if e.stage == "uploaded"
    ]
    assert len(confirmed) == 1
    assert len(set(sink.ids)) == 1
    assert store.read(document.object_key) == b"one"
    assert [key for key in keys(store) if not key.startswith(CLAIMS)] == [document.object_key]


def test_a_claim_of_a_document_that_was_deleted_is_given_up(
    client: FlaskClient,
    catalog: Catalog,
    store: ObjectStore,
    sink: EventSink,
    collection: Collection,
) -> None:
    store.write("inbox/papers/a.txt", b"one")
    body = announcement(store.list("inbox/"), key_prefix="")
    mortal: Any = CrashingStore(store, "delete_unchanged", after=False)
    registrar = Registrar(catalog, mortal, dependencies().registrar.publisher, "intake", 1000)
    with pytest.raises(Crash):
        Inbox(catalog, mortal, registrar).take(InboxKey("inbox/papers/a.txt", "papers", "a.txt"))
    (old,) = documents(catalog, collection)
    catalog.documents.request_deletion(old.document_id)
    catalog.documents.forget(old.document_id)
    assert client.post("/", data=body).status_code == 204

    (document,) = documents(catalog, collection)
    assert document.document_id != old.document_id
    assert store.read(document.object_key) == b"one"
    assert not [key for key in keys(store) if key.startswith(("inbox/", CLAIMS))]


def test_a_file_replaced_meanwhile_is_not_removed(
    catalog: Catalog, store: ObjectStore, client: FlaskClient, collection: Collection
) -> None:
    class Replaced(CrashingStore):
        def delete_unchanged(self, key: str, etag: str) -> bool:
            self._store.write(key, b"newer")
            return self._store.delete_unchanged(key, etag)

    store.write("inbox/papers/a.txt", b"one")
    busy: Any = Replaced(store, "nothing", after=False)
    Inbox(catalog, busy, dependencies().registrar).take(
        InboxKey("inbox/papers/a.txt", "papers", "a.txt")
    )

    assert store.read("inbox/papers/a.txt") == b"newer"


def test_a_file_that_is_gone_is_ignored(
    client: FlaskClient, catalog: Catalog, store: ObjectStore, collection: Collection
) -> None:
    store.write("inbox/papers/a.txt", b"one")
    body = announcement(store.list("inbox/"), key_prefix="")
    store.delete(["inbox/papers/a.txt"])

    assert client.post("/", data=body).status_code == 204
    assert documents(catalog, collection) == []
    with pytest.raises(SourceGone):
        dependencies().inbox.take(InboxKey("inbox/papers/a.txt", "papers", "a.txt"))


def test_a_failed_document_is_not_published_again_by_a_late_notification(
    client: FlaskClient,
    catalog: Catalog,
    store: ObjectStore,
    sink: EventSink,
    collection: Collection,
) -> None:
    key = upload(catalog, store, collection, b"hello")
    notify(client, key, store=store)
    (document,) = documents(catalog, collection)
    catalog.documents.fail(document.document_id, 1, Failure("parse", "unreadable", "damaged"))

    assert notify(client, key, store=store) == 204
    assert len(sink.events) == 1
    assert documents(catalog, collection)[0].state == DocumentState.FAILED


CLOUD_EVENT = {
    "ce-specversion": "1.0",
    "ce-id": "1",
    "ce-type": "com.amazonaws.s3:ObjectCreated:Put",
    "ce-source": "ceph:s3.a.b",
    "content-type": "application/json",
}


@pytest.mark.parametrize(
    ("headers", "address", "trusts", "status"),
    [
        pytest.param({}, "/", False, 401, id="no token"),
        pytest.param({"Authorization": "wrong"}, "/", False, 401, id="wrong token"),
        pytest.param({"Authorization": "é"}, "/?token=%ff", False, 401, id="odd token"),
        pytest.param({"Authorization": "Bearer "}, "/?token=", False, 401, id="empty token"),
        pytest.param({"Authorization": "s3cret"}, "/", False, 204, id="as MinIO sends it"),
        pytest.param({"Authorization": "bearer s3cret"}, "/", False, 204, id="bearer"),
        pytest.param({}, "/?token=s3cret", False, 204, id="in the address"),
        pytest.param(CLOUD_EVENT, "/", False, 401, id="an event, brokers are not trusted"),
        pytest.param(CLOUD_EVENT, "/", True, 204, id="an event, brokers are trusted"),
        pytest.param({}, "/", True, 401, id="a webhook, brokers are trusted"),
    ],
)
def test_a_token_is_needed_when_there_is_one(
    *,
    catalog: Catalog,
    environment: pytest.MonkeyPatch,
    headers: dict[str, str],
    address: str,
    trusts: bool,
    status: int,
) -> None:
    environment.setenv("LECTERN_INTAKE_TOKEN", "s3cret")
    environment.setenv("LECTERN_INTAKE_TRUSTS_BROKER", str(trusts))
    dependencies.cache_clear()
    client = functions_framework.create_app("intake", str(SOURCE)).test_client()
    response = client.post(address, data=b'{"Records": []}', headers=headers)
    dependencies.cache_clear()

    assert response.status_code == status
    assert response.data == b"" or status != 204


@pytest.mark.parametrize("body", [b"{", b"{}", b" " * ((1 << 20) + 1)])
def test_what_is_no_notification_gets_a_clear_400(client: FlaskClient, body: bytes) -> None:
    response = client.post("/", data=body)

    assert response.status_code == 400
    assert response.json is not None
    assert response.json["code"] == "invalid_event"


@pytest.mark.parametrize("token", ["", "s3cret"])
def test_the_sweeper_reaches_intake(
    catalog: Catalog, store: ObjectStore, environment: pytest.MonkeyPatch, token: str
) -> None:
    environment.setenv("LECTERN_INTAKE_TOKEN", token)
    dependencies.cache_clear()
    app = functions_framework.create_app("intake", str(SOURCE))
    server = make_server("127.0.0.1", 0, app)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    store.write("inbox/papers/a b+c%.txt", b"one")
    address = {"intake_url": f"http://127.0.0.1:{server.server_port}", "key_prefix": ""}
    try:
        announce(store.list("inbox/"), token=token, **address)
        if token:
            with pytest.raises(TransientError, match="401"):
                announce([], token="wrong", **address)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        dependencies.cache_clear()

    papers = catalog.collections.of_folder("papers")
    assert papers is not None
    assert [d.name for d in documents(catalog, papers)] == ["a b+c%.txt"]
    with pytest.raises(TransientError, match="cannot be reached"):
        announce([], token=token, **address)


def test_one_object_in_trouble_does_not_stop_the_others(
    client: FlaskClient,
    catalog: Catalog,
    store: ObjectStore,
    sink: EventSink,
    collection: Collection,
) -> None:
    class Troubled(CrashingStore):
        def info(self, key: str) -> Any:
            if key.endswith("a.txt"):
                raise TransientError("the store is in trouble")
            return self._store.info(key)

    store.write("inbox/papers/a.txt", b"a")
    store.write("inbox/papers/b.txt", b"b")
    troubled: Any = Troubled(store, "nothing", after=False)
    needs = dependencies()
    inbox = Inbox(catalog, troubled, needs.registrar)

    arrived = [UploadedObject(f"inbox/papers/{name}.txt", "", "minio") for name in "ab"]
    with pytest.raises(TransientError):
        take_in(arrived, registrar=needs.registrar, inbox=inbox, key_prefix="")

    assert [d.name for d in documents(catalog, collection)] == ["b.txt"]


def test_probes_and_the_description_are_served(client: FlaskClient) -> None:
    assert client.get("/healthz").status_code == 204
    assert client.get("/readyz").status_code == 200
    assert "/" in client.get("/openapi.json").json["paths"]  # type: ignore[index]
    assert client.get("/").status_code == 405
