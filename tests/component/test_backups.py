"""Backups as a timer, an operator and a disaster need them, on real stores and a real index."""

import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from functions.maintain.wiring import dependencies
from lectern.backup import names
from lectern.backup.disaster import copy_to
from lectern.backup.making import Backups, backups
from lectern.backup.metrics import LAST_SUCCESS, watch
from lectern.backup.restoring import reconcile, restore
from lectern.backup.shelf import Shelf
from lectern.backup.verifying import Verification, verify
from lectern.catalog import migrate, open_catalog
from lectern.documents import DocumentState, upload_key
from lectern.errors import InvalidRequest, NotFound, PermanentError, SourceGone
from lectern.events import MaintenanceDue
from lectern.index import collection_index
from lectern.objects import object_store
from lectern.objects.folder import FolderStore
from lectern.settings import Settings
from tests.component.maintain_world import World, maintain_world


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    with maintain_world(tmp_path / "home", monkeypatch) as world:
        yield world


@pytest.fixture
def made(world: World) -> Backups:
    return backups(world.settings)


def another(tmp_path: Path) -> Settings:
    """Return the settings of an empty installation on another machine."""
    return Settings(home=tmp_path / "another")


def checked(settings: Settings, name: str = "", *, read_data: bool = False) -> Verification:
    shelf = Shelf(object_store(settings))
    return verify(shelf, name, index_of=partial(collection_index, settings), read_data=read_data)


def metric(world: World) -> float:
    lines = world.client.get("/metrics").text.splitlines()
    return float(next(line for line in lines if line.startswith(f"{LAST_SUCCESS} ")).split()[1])


# --- made by a timer ------------------------------------------------------------------------------


def test_a_timer_makes_one_backup_however_often_its_event_comes(
    world: World, made: Backups
) -> None:
    dependencies()
    assert metric(world) == 0

    for _ in range(2):
        assert world.send(MaintenanceDue(task="backup", tick="monday")).status_code == 204
    assert len(made.shelf.names()) == 1
    assert world.send(MaintenanceDue(task="backup", tick="tuesday")).status_code == 204

    (_, newest) = made.shelf.manifests()
    watch(made.shelf)  # as another process, or this one a minute later
    assert newest.tick == "tuesday"
    assert metric(world) == pytest.approx(newest.created_at.timestamp(), abs=0.002)


def test_a_backup_that_was_killed_is_none_and_is_cleared_away_in_time(
    world: World, made: Backups
) -> None:
    class Killed(Exception):
        pass

    class Dying(FolderStore):
        def write_stream(self, key: str, *args: object, **options: object) -> int:  # type: ignore[override]
            if key.endswith("/revisions.jsonl.zst"):
                raise Killed
            return super().write_stream(key, *args, **options)  # type: ignore[arg-type]

    dying = Dying(world.settings.home / "store", links_base_url="", signing_secret=lambda: b"")
    with pytest.raises(Killed):
        Backups(Shelf(dying), made.database_url, made.retention).make()

    assert world.keys("backups"), "it had begun to write"
    with pytest.raises(NotFound, match="no backup in this store"):
        made.shelf.open()
    assert made.shelf.remove_unfinished(datetime.now(UTC)) == 0, "it may still be under way"
    assert made.shelf.remove_unfinished(datetime.now(UTC) + timedelta(days=2)) == 1
    assert world.keys("backups") == []


def test_old_backups_go_but_those_that_shall_stay(world: World, made: Backups) -> None:
    first = made.make(keep=True)
    ages = {"kept": 300, "old": 200, "damaged": 100}
    aged = {
        what: names.name_of(datetime.now(UTC) - timedelta(days=days)) for what, days in ages.items()
    }
    for what, name in aged.items():
        made.shelf.add(first.model_copy(update={"name": name, "keep": what == "kept"}))
    world.store.write(names.manifest_key(aged["damaged"]), b"{}")
    rule = Backups(made.shelf, made.database_url, type(made.retention)(daily=1, weekly=1))

    newest = rule.make()

    assert made.shelf.names() == [aged["kept"], aged["damaged"], first.name, newest.name]


# --- from the bucket alone ------------------------------------------------------------------------


def test_the_bucket_alone_restores_what_a_lost_database_held(world: World, made: Backups) -> None:
    document = world.ready()
    name = made.make().name
    world.catalog.close()
    for file in world.settings.home.glob("catalog.db*"):
        file.unlink()

    report = restore(world.settings)

    assert (report.manifest.name, dict(report.reconciled)) == (name, {})
    assert world.state(document) is DocumentState.READY
    (entry, *_), _ = world.catalog.audit.list()
    assert (entry.action, entry.subject) == ("installation.restored", name)


def test_what_changed_after_the_backup_is_brought_together(world: World, made: Backups) -> None:
    kept, gone, replaced, unindexed = (
        world.ready(name.encode(), name) for name in ("kept", "gone", "replaced", "unindexed")
    )
    under_way = world.upload(b"under way", "way.txt")
    made.make()
    store = world.store
    for document in (gone, replaced):  # deleted; and replaced by a newer revision
        world.index.delete_document(document.document_id)
        for area in ("uploads", "parsed"):
            store.delete_prefix(f"{area}/{world.collection.collection_id}/{document.document_id}/")
    newer = upload_key(world.collection.collection_id, replaced.document_id, 2, replaced.name)
    store.write(newer, b"new")
    world.index.delete_document(unindexed.document_id)
    late = world.ready(b"late", "late")

    report = restore(world.settings, force=True)

    assert dict(report.reconciled) == {
        "file_gone": 1,
        "newer_files": 2,
        "embedded_again": 1,
        "rows_removed": 1,
    }
    assert world.state(kept) is DocumentState.READY
    assert world.state(gone) is DocumentState.FAILED
    assert "upload it again" in world.get(gone).failure.detail  # type: ignore[union-attr]
    assert world.state(unindexed) is DocumentState.EMBEDDING
    assert set(world.index.held()) == {(kept.document_id, 1)}

    world.send(MaintenanceDue(task="sweep", older_than_s=0))
    events = {event.event_id for event in world.sink.events}
    assert f"document.uploaded:{under_way.document_id}:1" in events
    assert f"part.parsed:{unindexed.document_id}:1:1" in events
    assert f"document.uploaded:{replaced.document_id}:2" in events, "nothing newer is lost"
    assert f"document.uploaded:{late.document_id}:1" in events


def test_files_that_are_newer_stay_untouched_if_one_wants_just_the_backup(
    world: World, made: Backups
) -> None:
    made.make()
    late = world.ready(b"late", "late")

    report = restore(world.settings, force=True, take_in_newer=False)

    assert dict(report.reconciled) == {"rows_removed": 1}
    assert world.catalog.documents.get(late.document_id) is None
    assert late.object_key in world.keys("uploads")
    assert reconcile(world.settings) == {"newer_files": 1}, "and can be taken in later"


# --- a copy elsewhere -----------------------------------------------------------------------------


def test_a_copy_brings_the_installation_to_another_machine(world: World, tmp_path: Path) -> None:
    document = world.ready(b"words")
    copy = str(tmp_path / "copy")
    first = copy_to(copy, world.settings)
    again = copy_to(copy, world.settings)
    tables = 1
    assert (first.copied.new_objects, again.copied.new_objects) == (first.copied.objects, tables)

    elsewhere = another(tmp_path)
    report = restore(elsewhere, source=copy)

    catalog = open_catalog(elsewhere)
    found = catalog.documents.get(document.document_id)
    catalog.close()
    assert found is not None
    assert (found.state, dict(report.reconciled)) == (DocumentState.READY, {})
    assert object_store(elsewhere).read(document.object_key) == b"words"
    held = collection_index(elsewhere, world.collection.collection_id).held()
    assert held == {(document.document_id, 1): 1}


def test_a_copy_keeps_what_one_of_its_backups_needs_and_nothing_else(
    world: World, tmp_path: Path
) -> None:
    gone = world.ready(b"gone", "gone")
    copy = str(tmp_path / "copy")
    store = object_store(world.settings.of_copy(copy))
    first = copy_to(copy, world.settings).manifest
    world.catalog.documents.request_deletion(gone.document_id)
    world.store.delete([gone.object_key])
    world.ready(b"stays")

    copy_to(copy, world.settings)
    assert checked(world.settings.of_copy(copy), first.name, read_data=True).files_gone == 0
    Shelf(store).remove(first.name)
    copy_to(copy, world.settings)
    assert store.info(gone.object_key), "it may be for a backup that is under way"
    os.utime(tmp_path / "copy" / gone.object_key, (0, 0))
    copy_to(copy, world.settings)

    with pytest.raises(SourceGone):
        store.info(gone.object_key)
    assert checked(world.settings.of_copy(copy), read_data=True).files_gone == 0


def test_a_copy_follows_an_index_that_was_made_anew(world: World, tmp_path: Path) -> None:
    document = world.ready()
    copy = world.settings.of_copy(str(tmp_path / "copy"))
    for _ in range(3):
        world.embed(document)
    copy_to(copy.store, world.settings)
    world.index.drop()  # embedded anew: another table of the same name, its versions from 1 again
    other = world.ready(b"other", "other")

    copy_to(copy.store, world.settings)

    index = collection_index(copy, world.collection.collection_id)
    assert index.held() == {(other.document_id, 1): 1}
    manifests = [key.key for key in object_store(copy).list("index/") if "_versions" in key.key]
    assert len(manifests) == 1


def test_a_copy_made_while_others_write_is_whole(world: World, tmp_path: Path) -> None:
    written = world.ready(b"before", "before")
    copy = world.settings.of_copy(str(tmp_path / "copy"))
    stop = threading.Event()

    def write() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            world.ready(b"%d" % number, f"{number}.txt")
            world.index.upkeep()

    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(write)
        try:
            for _ in range(3):
                copy_to(copy.store, world.settings)
                assert checked(copy, read_data=True).files_gone == 0
        finally:
            stop.set()
        writing.result()
    elsewhere = another(tmp_path)
    report = restore(elsewhere, source=copy.store)

    held = collection_index(elsewhere, world.collection.collection_id).held()
    assert (written.document_id, 1) in held
    assert len(held) >= report.manifest.count("documents") - 1, "one may have been under way"


@pytest.mark.parametrize("damage", ["missing", "shorter", "changed", "index"])
def test_damage_of_a_copy_is_found(world: World, tmp_path: Path, damage: str) -> None:
    document = world.ready(b"words")
    copy_to(str(tmp_path / "copy"), world.settings)
    (tmp_path / "copy").rename(tmp_path / "moved")  # LanceDB keeps files open that it has read
    there = world.settings.of_copy(str(tmp_path / "moved"))
    store = object_store(there)
    if damage == "missing":
        store.delete([document.object_key])
    elif damage == "index":
        store.delete(info.key for info in store.list("index/") if "/data/" in info.key)
    else:
        store.write(document.object_key, b"word" if damage == "shorter" else b"WORDS")

    with pytest.raises(PermanentError) as found:
        checked(there, read_data=True)

    assert found.value.code == "damaged_backup"


def test_no_place_that_holds_something_else_is_taken_for_a_copy(
    world: World, tmp_path: Path
) -> None:
    filled = another(tmp_path)
    object_store(filled).write("uploads/c/d/1/a.txt", b"somebody's")
    copy = str(tmp_path / "copy")
    copy_to(copy, world.settings)
    migrate(filled)

    for place, source in [
        (filled.resolved_store(), world.settings),
        (copy, filled),
        (world.settings.resolved_store(), world.settings),
        (f"{world.settings.resolved_store()}/inside", world.settings),
    ]:
        with pytest.raises(InvalidRequest) as refused:
            copy_to(place, source)
        assert refused.value.code == "not_a_copy"
    assert object_store(filled).read("uploads/c/d/1/a.txt") == b"somebody's"


def test_a_restored_installation_goes_on_with_the_copy_it_came_from(
    world: World, tmp_path: Path
) -> None:
    world.ready(b"words")
    copy = str(tmp_path / "copy")
    before = copy_to(copy, world.settings).manifest
    restored = another(tmp_path)
    restore(restored, source=copy)

    with pytest.raises(InvalidRequest, match=r"restored from.*--adopt"):
        copy_to(copy, restored)
    adopted = copy_to(copy, restored, adopt=True)
    copy_to(copy, restored)

    names = Shelf(object_store(restored.of_copy(copy))).names()
    assert {before.name, adopted.manifest.name} <= set(names), "older backups stay"
    assert checked(restored.of_copy(copy), read_data=True).files_gone == 0
    with pytest.raises(InvalidRequest, match="another installation"):
        copy_to(copy, world.settings)


def test_nobody_adopts_a_copy_that_they_did_not_come_from(world: World, tmp_path: Path) -> None:
    world.ready()
    copy = str(tmp_path / "copy")
    copy_to(copy, world.settings)
    stranger = another(tmp_path)
    migrate(stranger)

    with pytest.raises(InvalidRequest, match="another installation"):
        copy_to(copy, stranger, adopt=True)
    copy_to(copy, world.settings)


def test_a_copy_that_is_restored_in_its_place_is_no_copy_any_more(
    world: World, tmp_path: Path
) -> None:
    world.ready()
    copy = str(tmp_path / "copy")
    copy_to(copy, world.settings)
    promoted = Settings(home=tmp_path / "promoted", store=copy)

    restore(promoted)

    with pytest.raises(InvalidRequest, match="holds something that is no copy"):
        copy_to(copy, world.settings)


def test_a_restore_killed_before_the_catalog_changes_nothing_and_can_be_repeated(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = world.ready()
    copy = str(tmp_path / "copy")
    manifest = copy_to(copy, world.settings).manifest
    store = object_store(world.settings.of_copy(copy))
    key = names.rows_key(manifest.name, "parts")
    rows = store.read(key)
    store.delete([key])
    elsewhere = another(tmp_path)

    with pytest.raises(PermanentError, match="is missing"):
        restore(elsewhere, source=copy)
    migrate(elsewhere)
    assert open_catalog(elsewhere).documents.get(document.document_id) is None
    store.write(key, rows)
    restore(elsewhere, source=copy)

    restored = open_catalog(elsewhere)
    assert restored.documents.get(document.document_id) is not None
    restored.close()
