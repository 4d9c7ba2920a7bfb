"""Maintain as a broker, a timer and an administrator reach it."""

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import functions_framework
import pytest
from werkzeug.test import TestResponse

from functions.maintain.cleaning import AREAS
from functions.maintain.dead_letters import LetterBox
from functions.maintain.sweep import Sweeper
from functions.maintain.upkeep import Upkeep
from functions.maintain.wiring import dependencies, letters
from functions.maintain.wiring import settings as maintain_settings
from lectern.catalog.records import Document, Failure, PartPlan
from lectern.documents import DocumentState, chunks_key
from lectern.errors import TransientError
from lectern.events import (
    DocumentDeleted,
    DocumentIndexed,
    DocumentUploaded,
    Envelope,
    Event,
    MaintenanceDue,
    PartParsed,
    encode,
)
from lectern.index.port import UpkeepReport
from lectern.objects import ObjectInfo, object_store
from lectern.settings import Settings
from tests.component.maintain_world import SOURCE, World, maintain_world


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    with maintain_world(tmp_path, monkeypatch) as world:
        yield world


def indexed(document: Document) -> DocumentIndexed:
    return DocumentIndexed(
        collection_id=document.collection_id,
        document_id=document.document_id,
        revision=document.revision,
        pages=1,
        chunks=1,
    )


def deleted(document: Document) -> DocumentDeleted:
    return DocumentDeleted(
        collection_id=document.collection_id,
        document_id=document.document_id,
        revision=document.revision,
    )


# --- cleaning -------------------------------------------------------------------------------------


def test_deletion_leaves_no_row_and_no_object(world: World) -> None:
    gone, kept = world.ready(), world.upload(b"other", "b.txt")
    world.catalog.documents.request_deletion(gone.document_id)
    for _ in range(2):
        response = world.send(deleted(gone))
        assert (response.status_code, response.data) == (204, b"")

    assert world.catalog.documents.get(gone.document_id) is None
    assert world.index.count() == 0
    assert world.keys(*AREAS) == [kept.object_key]


def test_a_document_nobody_asked_to_delete_stays(world: World) -> None:
    document = world.ready()

    assert world.send(deleted(document)).status_code == 204
    assert world.state(document) == DocumentState.READY
    assert world.index.count() == 1
    assert len(world.keys(*AREAS)) == 3


def test_a_deletion_that_was_cut_off_is_finished_by_the_sweeper(world: World) -> None:
    document = world.ready()
    world.catalog.documents.request_deletion(document.document_id)
    world.embed(document)  # finishes late
    world.send(MaintenanceDue(task="sweep", older_than_s=0))
    (event,) = world.sink.events
    world.send(event.read(DocumentDeleted))

    assert world.catalog.documents.get(document.document_id) is None
    assert world.index.count() == 0


def test_older_revisions_go_when_a_newer_one_is_indexed(world: World) -> None:
    first = world.ready(b"one")
    second = world.ready(b"two")
    for event in (indexed(second), indexed(second), indexed(first)):
        assert world.send(event).status_code == 204

    assert {key.split("/")[3] for key in world.keys(*AREAS)} == {"2"}
    assert [row.chunk.revision for row in world.index.chunks(second.document_id)] == [2]


# --- upkeep ---------------------------------------------------------------------------------------


class CountingIndex:
    """Stands where an index stands and counts how often it is put in order."""

    def __init__(self, *, broken: bool = False) -> None:
        self.upkeeps = 0
        self._broken = broken

    def upkeep(self) -> UpkeepReport:
        self.upkeeps += 1
        if self._broken:
            raise OSError("the disk is on fire")
        return UpkeepReport(1, 1, 0, "", 0.0)


def test_upkeep_waits_for_the_end_of_a_burst_but_not_for_long(world: World) -> None:
    index: Any = CountingIndex()
    clock = iter((0.0, 1.0, 59.0, 60.0, 61.0, 62.0))
    now = next(clock)
    upkeep = Upkeep(world.catalog, lambda _: index, clock=lambda: now)
    collection_id = world.collection.collection_id
    waiting = world.upload()
    counts = []
    for later in clock:
        upkeep.after_document(collection_id)
        counts.append(index.upkeeps)
        now = later
    world.parse(waiting)
    world.embed(waiting)
    upkeep.after_document(collection_id)

    assert counts == [0, 0, 0, 1, 1]
    assert index.upkeeps == 2


def test_a_broken_collection_does_not_stop_the_others_and_is_reported(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    owner = world.collection.owner_id
    names = [world.catalog.collections.create(name, owner).collection_id for name in "ABC"]
    indexes: dict[str, Any] = {
        name: CountingIndex(broken=name == names[0])
        for name in (*names, world.collection.collection_id)
    }
    with pytest.raises(TransientError, match="1 of 4"):
        Upkeep(world.catalog, indexes.__getitem__).run_all()

    assert [index.upkeeps for index in indexes.values()] == [1, 1, 1, 1]


@pytest.mark.parametrize("kind", ["dev.lectern.maintenance.due.v1", "dev.knative.sources.ping"])
def test_a_timer_of_either_kind_has_indexes_put_in_order(world: World, kind: str) -> None:
    world.ready()
    headers = {
        "ce-specversion": "1.0",
        "ce-id": "1",
        "ce-type": kind,
        "ce-source": "/apis/v1/namespaces/lectern/pingsources/optimize",
        "content-type": "application/json",
    }
    response = world.client.post("/", headers=headers, data=b'{"task": "optimize"}')

    assert (response.status_code, response.data) == (204, b"")
    assert world.index.upkeep().unindexed_rows_before <= 1


# --- the sweeper ----------------------------------------------------------------------------------


def sweep(world: World) -> list[str]:
    """Sweep at once; return the ids of what was published."""
    assert world.send(MaintenanceDue(task="sweep", older_than_s=0)).status_code == 204
    return world.sink.ids


def test_an_uploaded_document_is_announced_again(world: World) -> None:
    document = world.upload()
    ids = sweep(world)

    assert ids == [f"document.uploaded:{document.document_id}:1"]
    assert world.sink.events[0].read(DocumentUploaded).object_key == document.object_key


def test_a_document_whose_parser_died_is_announced_again(world: World) -> None:
    document = world.upload()
    world.catalog.documents.begin_parsing(document.document_id, 1)

    assert sweep(world) == [f"document.uploaded:{document.document_id}:1"]


def test_parts_are_handed_out_again_where_they_stopped(world: World) -> None:
    document = world.upload()
    documents, where = world.catalog.documents, (document.collection_id, document.document_id, 1)
    documents.begin_parsing(document.document_id, 1)
    plans = [
        PartPlan(1, 1, 9, chunks_key(*where, 1), 1),
        PartPlan(2, 10, 19, chunks_key(*where, 2), 1),
        PartPlan(3, 20, 29),
        PartPlan(4, 30, 39, chunks_key(*where, 4), 1),
    ]
    documents.plan_parts(document.document_id, 1, plans, pages=39)
    for part in (1, 4):
        documents.part_embedded(document.document_id, 1, part)
    documents.part_graphed(document.document_id, 1, 1)

    assert sweep(world) == [
        f"part.parsed:{document.document_id}:1:2",
        f"part.assigned:{document.document_id}:1:3",
        f"part.parsed:{document.document_id}:1:4",
    ]
    event = world.sink.events[0].read(PartParsed)
    assert (event.parts, event.chunks_key) == (4, chunks_key(*where, 2))


def test_a_document_that_was_gathered_but_not_announced_is_finished(world: World) -> None:
    document = world.upload()
    world.parse(document)
    world.embed(document)
    world.catalog.documents.part_graphed(document.document_id, 1, 1)

    assert sweep(world) == [f"document.indexed:{document.document_id}:1"]
    assert world.state(document) == DocumentState.READY


def test_a_ready_document_without_its_graph_gets_it(world: World) -> None:
    document = world.upload()
    world.parse(document)
    world.embed(document)
    world.catalog.documents.finish(document.document_id, 1)

    assert sweep(world) == [f"part.parsed:{document.document_id}:1:1"]
    assert world.state(document) == DocumentState.READY


def test_what_rests_and_what_has_just_moved_is_left_alone(world: World) -> None:
    failed = world.upload(b"bad", "bad.txt")
    world.catalog.documents.fail(failed.document_id, 1, Failure("parse", "unreadable", "damaged"))
    world.ready()
    world.upload(b"fresh", "fresh.txt")
    response = world.send(MaintenanceDue(task="sweep"))

    assert response.status_code == 204
    assert world.sink.events == []


def test_a_document_is_not_announced_again_by_the_next_sweep(world: World) -> None:
    world.upload()
    sweep(world)
    world.send(MaintenanceDue(task="sweep", older_than_s=60))

    assert len(world.sink.events) == 1


def test_a_sweep_goes_beyond_one_page_of_documents(world: World) -> None:
    real = world.catalog.documents

    class SmallPages:
        def __getattr__(self, name: str) -> Any:
            return getattr(real, name)

        def unmoved(self, *, older_than_s: float) -> Any:
            return real.unmoved(older_than_s=older_than_s, limit=2)

    @dataclass
    class PagedCatalog:
        documents: Any

    for number in range(5):
        world.upload(b"%d" % number, f"{number}.txt")
    have = dependencies()
    paged: Any = PagedCatalog(SmallPages())
    Sweeper(paged, world.store, have.publisher, have.sweeper.registrar, lambda _: None, 900).sweep(
        0
    )

    assert len(set(world.sink.ids)) == len(world.sink.ids) == 5


def test_a_sweep_measures_what_an_operator_is_told_of(world: World) -> None:
    world.ready(b"done")
    stuck = world.upload(b"stuck", "stuck.txt")
    event = DocumentUploaded.model_validate(
        {
            "collection_id": stuck.collection_id,
            "document_id": "gone",
            "revision": 1,
            "object_key": "uploads/gone",
            "size_bytes": 1,
            "sha256": "",
            "content_type": "text/plain",
            "name": "gone.txt",
        }
    )
    world.send(event, knativeerrorcode="500")
    sweep(world)

    gauges = world.client.get("/metrics").get_data(as_text=True).splitlines()

    assert 'lectern_documents{state="ready"} 1.0' in gauges
    assert 'lectern_documents{state="failed"} 0.0' in gauges
    assert "lectern_documents_unmoved 1.0" in gauges
    assert "lectern_dead_letters 1.0" in gauges
    assert any(line.startswith("lectern_sweep_timestamp_seconds 1.") for line in gauges)


def test_an_upload_whose_notification_was_lost_is_confirmed(world: World) -> None:
    documents = world.catalog.documents
    here = documents.reserve(world.collection.collection_id, world.collection.owner_id, "a.txt")
    documents.reserve(world.collection.collection_id, world.collection.owner_id, "b.txt")
    world.store.write(here.object_key, b"hello")

    assert sweep(world) == [f"document.uploaded:{here.document_id}:1"]
    (document,) = documents.list(world.collection.collection_id)[0]
    assert (document.state, document.size_bytes) == (DocumentState.UPLOADED, 5)


def test_an_upload_that_never_came_is_forgotten_after_a_day(world: World) -> None:
    documents = world.catalog.documents
    lost = documents.reserve(world.collection.collection_id, world.collection.owner_id, "a.txt")

    class Tomorrow:
        def __getattr__(self, name: str) -> Any:
            return getattr(documents, name)

        def abandoned_uploads(self, *, older_than_s: float) -> Any:
            return documents.abandoned_uploads(older_than_s=older_than_s - 24 * 3600 - 1)

    @dataclass
    class LaterCatalog:
        documents: Any

    have = dependencies()
    later: Any = LaterCatalog(Tomorrow())
    sweep(world)
    assert documents.get(lost.document_id) is not None
    Sweeper(later, world.store, have.publisher, have.sweeper.registrar, lambda _: None, 900).sweep()

    assert documents.get(lost.document_id) is None


def test_files_that_rest_in_the_inbox_are_announced_to_intake(world: World) -> None:
    announced: list[ObjectInfo] = []
    have = dependencies()
    for key in ("inbox/papers/a b.txt", "inbox/papers/c.txt"):
        world.store.write(key, b"data")
    for stuck_after_s in (900.0, 0.0):
        Sweeper(
            world.catalog,
            world.store,
            have.publisher,
            have.sweeper.registrar,
            announced.extend,
            stuck_after_s,
        ).sweep(0)

    assert [info.key for info in announced] == ["inbox/papers/a b.txt", "inbox/papers/c.txt"]


# --- dead letters ---------------------------------------------------------------------------------

PROBLEM = json.dumps({"code": "unreadable", "detail": "The file is damaged; save it anew."})


def bury(world: World, event: Event, **changes: str) -> TestResponse:
    extensions = {
        "knativeerrordest": "http://parse.lectern.svc.cluster.local/",
        "knativeerrorcode": "422",
        "knativeerrordata": base64.b64encode(PROBLEM.encode()).decode(),
        "knativebrokerttl": "254",
    }
    return world.send(event, **extensions | changes)


def uploaded(document: Document) -> DocumentUploaded:
    return DocumentUploaded(
        collection_id=document.collection_id,
        document_id=document.document_id,
        revision=document.revision,
        object_key=document.object_key,
        size_bytes=4,
        name=document.name,
    )


def api(world: World, method: str, path: str, *, admin: bool = True) -> TestResponse:
    people = world.catalog.people
    users = {user.name: user for user in people.users()}
    user = users["me"] if admin else users.get("you") or people.create_user("you")
    _, secret = people.create_token(user.user_id, "test")
    return world.client.open(path, method=method, headers={"Authorization": f"Bearer {secret}"})


def list_letters(world: World) -> list[dict[str, Any]]:
    response = api(world, "GET", "/v1/dead-letters")
    assert response.json is not None
    found: list[dict[str, Any]] = response.json["dead_letters"]
    return found


def test_a_dead_letter_is_kept_once_and_its_document_says_why(world: World) -> None:
    document = world.upload()
    for _ in range(2):
        response = bury(world, uploaded(document))
        assert (response.status_code, response.data) == (204, b"")

    failure = world.get(document).failure
    assert failure == Failure("parse", "unreadable", "The file is damaged; save it anew.")
    assert [event.event_type for event in world.sink.events] == ["dev.lectern.document.failed.v1"]
    (letter,) = list_letters(world)
    assert letter | {"letter_id": "", "stored_at": ""} == {
        "letter_id": "",
        "event_type": "dev.lectern.document.uploaded.v1",
        "subject": document.document_id,
        "error_code": "422",
        "error_detail": "The file is damaged; save it anew.",
        "destination": "http://parse.lectern.svc.cluster.local/",
        "stored_at": "",
    }
    age = datetime.now().astimezone() - datetime.fromisoformat(letter["stored_at"])
    assert timedelta() <= age < timedelta(minutes=1)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param(
            {"knativeerrordata": PROBLEM},
            ("parse", "unreadable", "The file is damaged; save it anew."),
            id="a problem as plain text",
        ),
        pytest.param(
            {"knativeerrordest": "http://127.0.0.1:8080/graph-extract/"},
            ("graph-extract", "unreadable", "The file is damaged; save it anew."),
            id="all functions at one host",
        ),
        pytest.param(
            {"knativeerrordata": "", "knativeerrorcode": "503"},
            ("parse", "undelivered", "kept failing: 503"),
            id="no answer body",
        ),
        pytest.param(
            {"knativeerrordata": base64.b64encode(PROBLEM.encode()[:60]).decode()},
            ("parse", "unreadable", "The file is damaged; save "),
            id="a body that was cut",
        ),
        pytest.param(
            {"knativeerrordata": PROBLEM[:20], "knativeerrorcode": "-1"},
            ("parse", "unreadable", "kept failing: -1"),
            id="a body that was cut early",
        ),
        pytest.param(
            {"knativeerrordata": base64.b64encode(b"[1]").decode(), "knativeerrordest": "http://["},
            ("unknown", "undelivered", "kept failing: 422"),
            id="nonsense",
        ),
    ],
)
def test_a_failure_is_told_in_words_where_there_are_any(
    world: World, changes: dict[str, str], expected: tuple[str, str, str]
) -> None:
    document = world.upload()
    bury(world, uploaded(document), **changes)

    assert world.get(document).failure == Failure(*expected)


def test_a_ready_document_stays_ready_when_a_letter_comes_late(world: World) -> None:
    document = world.ready()

    assert bury(world, uploaded(document)).status_code == 204
    assert world.state(document) == DocumentState.READY
    assert len(list_letters(world)) == 1


def test_a_letter_of_any_kind_is_kept(world: World) -> None:
    headers = {
        "ce-specversion": "1.0",
        "ce-id": "7",
        "ce-type": "com.amazonaws.s3:ObjectCreated:Put",
        "ce-source": "ceph:s3.a.b",
        "ce-knativeerrorcode": "400",
        "content-type": "text/plain",
    }
    response = world.client.post("/", headers=headers, data=b"\xff no JSON")

    assert response.status_code == 204
    (letter,) = list_letters(world)
    assert LetterBox(world.store).open(letter["letter_id"]).data == b"\xff no JSON"


def test_a_letter_is_kept_while_the_catalog_is_down(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LECTERN_HOME", str(tmp_path))
    for cached in (dependencies, letters, maintain_settings):
        cached.cache_clear()
    client = functions_framework.create_app("maintain", str(SOURCE)).test_client()
    event = DocumentUploaded(
        collection_id="c", document_id="d", revision=1, object_key="k", size_bytes=1, name="n"
    )
    headers, body = encode(Envelope.of(event, source="/x", extensions={"knativeerrorcode": "503"}))
    statuses = [client.post("/", headers=headers, data=body).status_code for _ in range(2)]

    assert statuses == [503, 503]
    assert len(list(object_store(Settings()).list("dead-letters/"))) == 1


def test_a_replayed_document_begins_again(world: World) -> None:
    document = world.upload()
    bury(world, uploaded(document))
    world.sink.events.clear()
    (letter,) = list_letters(world)
    response = api(world, "POST", f"/v1/dead-letters/{letter['letter_id']}/replay")

    assert response.status_code == 204
    assert world.state(document) == DocumentState.UPLOADED
    assert world.sink.ids == [f"document.uploaded:{document.document_id}:1"]
    assert list_letters(world) == []
    bury(world, uploaded(document))
    assert len(list_letters(world)) == 1


def test_a_replayed_event_is_the_original_one(world: World) -> None:
    document = world.ready()
    bury(world, indexed(document), traceparent=f"00-{'a' * 32}-{'b' * 16}-01")
    world.sink.events.clear()
    (letter,) = list_letters(world)
    api(world, "POST", f"/v1/dead-letters/{letter['letter_id']}/replay")

    (event,) = world.sink.events
    assert event.read(DocumentIndexed) == indexed(document)
    assert event.source == "/lectern/test"
    assert event.extensions == {"traceparent": f"00-{'a' * 32}-{'b' * 16}-01"}


def test_a_replay_the_broker_refuses_keeps_the_letter(world: World) -> None:
    bury(world, indexed(world.ready()))
    (letter,) = list_letters(world)
    world.sink.status = 500
    response = api(world, "POST", f"/v1/dead-letters/{letter['letter_id']}/replay")

    assert response.status_code == 503
    assert len(list_letters(world)) == 1


def test_letters_come_newest_first_and_can_be_removed(world: World) -> None:
    document = world.upload()
    for code in ("500", "502", "503"):
        bury(world, uploaded(document), knativeerrorcode=code)
    found = list_letters(world)
    removed = api(world, "DELETE", f"/v1/dead-letters/{found[0]['letter_id']}")

    assert [letter["error_code"] for letter in found] == ["503", "502", "500"]
    assert [len(LetterBox(world.store).newest(limit)) for limit in (1, 9)] == [1, 2]
    assert removed.status_code == 204
    assert [letter["error_code"] for letter in list_letters(world)] == ["502", "500"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/dead-letters"),
        ("POST", "/v1/dead-letters/x/replay"),
        ("DELETE", "/v1/dead-letters/x"),
    ],
)
def test_dead_letters_are_for_administrators(world: World, method: str, path: str) -> None:
    assert world.client.open(path, method=method).status_code == 401
    assert api(world, method, path, admin=False).status_code == 403


def test_a_letter_that_does_not_exist_cannot_be_replayed(world: World) -> None:
    for letter_id in ("x", "..%2f..%2fcatalog", "20261120T091411.123456Z-0123456789abcdef"):
        assert api(world, "POST", f"/v1/dead-letters/{letter_id}/replay").status_code == 404
    assert api(world, "DELETE", "/v1/dead-letters/x").status_code == 204


def test_probes_and_the_description_are_served(world: World) -> None:
    assert world.client.get("/healthz").status_code == 204
    assert world.client.get("/readyz").status_code == 200
    assert "/v1/dead-letters" in world.client.get("/openapi.json").json["paths"]  # type: ignore[index]


def test_the_sweeper_removes_for_good_what_was_long_enough_in_the_trash(world: World) -> None:
    due, waiting = world.ready(b"due"), world.upload(b"waiting", "b.txt")
    world.catalog.documents.trash(due.document_id, undo_s=0)
    world.catalog.documents.trash(waiting.document_id, undo_s=3600)

    swept = world.send(MaintenanceDue(task="sweep", older_than_s=3600))

    assert swept.status_code == 204
    assert [event.event_id for event in world.sink.events] == [
        f"document.deleted:{due.document_id}:1"
    ]
    assert world.state(due) is DocumentState.DELETING
    assert world.catalog.documents.restore(waiting.document_id).trashed_until is None
