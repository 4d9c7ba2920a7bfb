"""What must hold whatever dies and whatever is delivered twice: no row lost, none doubled."""

import json
import os
import random
import signal
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import httpx
import pymupdf
import pytest

from lectern.api import ChunkReply, DocumentReply
from lectern.client import Lectern
from lectern.documents import DocumentState
from lectern.events import (
    DocumentUploaded,
    Envelope,
    Event,
    PartAssigned,
    PartEmbedded,
    PartParsed,
    encode,
)
from lectern.index import collection_index
from lectern.settings import Settings
from tests.e2e.lectern_up import LecternUp, lectern_up

PAGES = 24
SMALL_PARTS = {
    "LECTERN_PAGES_PER_PART": "4",
    "LECTERN_WORKER_IDLE_S": "5",
    "LECTERN_UNDO_S": "1",
}
WAIT_S = 60.0
STATIONS = sorted(f"Station {number}" for number in range(1, PAGES + 1))
FreshUp = Callable[..., LecternUp]
Contents = list[tuple[int, str, tuple[str, ...]]]


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A PDF of many parts, no two pages alike."""
    path = tmp_path_factory.mktemp("report") / "report.pdf"
    document = pymupdf.open()
    for number in range(1, PAGES + 1):
        page = document.new_page()
        page.insert_text((72, 80), f"Station {number}", fontsize=18)
        text = " ".join(
            f"Reading {number}.{line} at the weather station gave {number * 37 + line} units."
            for line in range(1, 13)
        )
        page.insert_textbox(pymupdf.Rect(72, 100, 523, 700), text, fontsize=11)
    document.save(path)
    document.close()
    return path


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory, report: Path) -> Contents:
    """What the report's index holds when nothing goes wrong."""
    home = tmp_path_factory.mktemp("reference") / "home"
    with lectern_up(home, SMALL_PARTS) as up, up.client() as client:
        return contents_of(up, client, add(client, report))


def add(client: Lectern, path: Path) -> DocumentReply:
    collection = client.collections.ensure("Faults")
    return client.documents.upload(collection.collection_id, path)


def contents_of(up: LecternUp, client: Lectern, document: DocumentReply) -> Contents:
    """Wait until the document is ready; return its rows, each exactly once."""

    def settled() -> DocumentReply | None:
        now = client.documents.get(document.document_id)
        return now if now.state in {DocumentState.READY, DocumentState.FAILED} else None

    now = up.eventually(settled, timeout_s=WAIT_S)
    assert now.state is DocumentState.READY, now.failure
    chunks = list(every_chunk(client, document.document_id))
    assert len(chunks) == now.chunks, "the catalog and the index count alike"
    assert max(Counter(chunk.chunk_id for chunk in chunks).values()) == 1, "no row is doubled"
    assert rows(up, document) == now.chunks
    return [(chunk.page_number, chunk.text, tuple(chunk.heading_path)) for chunk in chunks]


def every_chunk(client: Lectern, document_id: str) -> Iterator[ChunkReply]:
    offset = 0
    while chunks := client.documents.chunks(document_id, offset=offset).chunks:
        yield from chunks
        offset += len(chunks)


def named_stations(client: Lectern, document: DocumentReply) -> list[str]:
    """Return the headings among the subjects, each as often as it is stored."""
    subjects = client.documents.subjects(document.document_id).subjects
    return sorted(subject.name for subject in subjects if subject.name in STATIONS)


def rows(up: LecternUp, document: DocumentReply) -> int:
    index = collection_index(Settings(home=up.home), document.collection_id)
    return index.count(document.document_id)


def announcements(up: LecternUp, document: DocumentReply) -> list[str]:
    """Return the events whose handling by embed made the document ready.

    One that failed for now and came again is one.
    """
    lines = (up.home / "logs" / "embed.log").read_text().splitlines()
    entries = [json.loads(line) for line in lines]
    return [
        entry["event_id"]
        for entry in entries
        if entry.get("subject") == document.document_id
        and entry.get("indexed")
        and entry["outcome"] in {"done", "repeated"}
    ]


@pytest.mark.parametrize(("victim", "kills"), [("parse", 2), ("embed", 2), ("graph-extract", 1)])
def test_a_worker_killed_at_work_loses_and_doubles_nothing(
    fresh_up: FreshUp, report: Path, undisturbed: Contents, victim: str, kills: int
) -> None:
    up = fresh_up(**SMALL_PARTS)
    with up.client() as client:
        document = add(client, report)

        def is_ready() -> bool:
            return client.documents.get(document.document_id).state is DocumentState.READY

        assert up.kill_worker(victim, only_busy=True), "it was killed at work"
        for _ in range(kills - 1):  # unless the rest of the work was too quick to be seen
            up.kill_worker(victim, only_busy=True, unless=is_ready)

        assert contents_of(up, client, document) == undisturbed
        up.eventually(lambda: named_stations(client, document) == STATIONS, timeout_s=WAIT_S)


@pytest.mark.parametrize("seed", [1, 2])
def test_everything_killed_at_any_moment_goes_on_at_the_next_start(
    fresh_up: FreshUp, report: Path, undisturbed: Contents, seed: int
) -> None:
    moments = random.Random(seed)  # noqa: S311 - moments, not secrets
    up = fresh_up(**SMALL_PARTS)
    with up.client() as client:
        document = add(client, report)
    for _ in range(2):
        time.sleep(moments.uniform(0.0, 4.0))  # the moment is what is tested

        for process in up.processes():
            if process["pid"] != os.getpid() and process["name"] != "lectern":
                os.kill(process["pid"], signal.SIGKILL)
        up.kill()
        up.start()

    with up.client() as client:
        assert contents_of(up, client, document) == undisturbed


def test_the_front_killed_while_uploading_keeps_every_confirmed_upload(
    fresh_up: FreshUp, report: Path, undisturbed: Contents
) -> None:
    up = fresh_up(**SMALL_PARTS)
    with up.client() as client:
        document = add(client, report)
        up.kill_worker("front")

    up.eventually(lambda: httpx.get(f"{up.running.address}/catalog/healthz").status_code == 204)
    with up.client() as client:
        assert contents_of(up, client, document) == undisturbed


def test_events_twice_at_once_and_out_of_order_change_nothing(
    fresh_up: FreshUp, report: Path, undisturbed: Contents
) -> None:
    up = fresh_up(**SMALL_PARTS)
    with up.client() as client:
        document = add(client, report)
        events = everything_that_was_published(document)
        random.Random(5).shuffle(events)  # noqa: S311 - an order, not a secret

        with ThreadPoolExecutor(8) as together:
            list(together.map(lambda event: publish(up, event), events * 2))
        contents = contents_of(up, client, document)
        list(map(lambda event: publish(up, event), events))  # noqa: C417 - and once it is ready
        time.sleep(1)

        assert contents == undisturbed
        assert contents_of(up, client, document) == undisturbed
        up.eventually(lambda: announcements(up, document))
        up.eventually(lambda: quiet(up))
    assert len(announcements(up, document)) == 1, "however often its parts were embedded"


def everything_that_was_published(document: DocumentReply) -> list[Event]:
    """Return the events of the whole ingest, as the stages derive them."""
    ids = {
        "collection_id": document.collection_id,
        "document_id": document.document_id,
        "revision": document.revision,
    }
    prefix = f"{document.collection_id}/{document.document_id}/{document.revision}"
    parts = PAGES // 4
    events: list[Event] = [
        DocumentUploaded(
            **ids,
            object_key=f"uploads/{prefix}/{document.name}",
            size_bytes=document.size_bytes,
            sha256=document.sha256,
            name=document.name,
        )
    ]
    for part in range(1, parts + 1):
        place = {"part": part, "parts": parts}
        first = (part - 1) * 4 + 1
        events.append(PartAssigned(**ids, **place, first_page=first, last_page=first + 3))
        key = f"parsed/{prefix}/part-{part:04d}.jsonl.zst"
        events.append(PartParsed(**ids, **place, chunks_key=key, chunk_count=4))
        events.append(PartEmbedded(**ids, **place))
    return events


def publish(up: LecternUp, event: Event) -> None:
    headers, body = encode(Envelope.of(event, source="/lectern/test"))
    url = f"{up.running.internal_url}/broker"
    httpx.post(url, headers=headers, content=body, timeout=30).raise_for_status()


def test_deleting_a_document_leaves_no_row_and_no_object(fresh_up: FreshUp, report: Path) -> None:
    up = fresh_up(**SMALL_PARTS)
    with up.client() as client:
        document = add(client, report)
        contents_of(up, client, document)

        client.documents.delete(document.document_id)
        up.eventually(lambda: not objects_of(up, document), timeout_s=WAIT_S)

    assert rows(up, document) == 0
    index = collection_index(Settings(home=up.home), document.collection_id)
    assert not index.subjects(document.document_id)
    assert not index.mentions(document.document_id)
    up.eventually(lambda: tables_naming(up, document) == {"audit_entries"})  # who deleted it stays


def test_a_document_deleted_while_it_is_read_leaves_nothing_either(
    fresh_up: FreshUp, report: Path
) -> None:
    up = fresh_up(**SMALL_PARTS)
    with up.client() as client:
        document = add(client, report)
        up.eventually(lambda: client.documents.get(document.document_id).parts_done >= 1)

        client.documents.delete(document.document_id)
        up.eventually(lambda: quiet(up) and not objects_of(up, document), timeout_s=WAIT_S)

    assert rows(up, document) == 0


def objects_of(up: LecternUp, document: DocumentReply) -> list[str]:
    """Return the files of the document; folders may vanish while they are walked."""
    store = up.home / "store"
    return [
        f"{folder}/{file}"
        for area in ("uploads", "parsed", "figures")
        for folder, _, files in os.walk(store / area)
        for file in files
        if document.document_id in Path(folder).parts
    ]


def quiet(up: LecternUp) -> bool:
    return not any(process["busy"] for process in up.processes())


def tables_naming(up: LecternUp, document: DocumentReply) -> set[str]:
    """Return the tables of the catalog in which the document's id still stands."""
    with closing(sqlite3.connect(up.home / "catalog.db")) as connection:
        rows = [row for row in connection.iterdump() if document.document_id in row]
    return {row.split('"')[1] for row in rows}
