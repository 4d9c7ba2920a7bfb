"""Sharing, settings, trash and bulk actions over HTTP."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from functions.catalog import changes
from functions.catalog.trash_timer import TrashTimer
from lectern.api import (
    BulkRequest,
    CollectionSettingsChange,
    DocumentChange,
)
from lectern.catalog.records import Failure
from lectern.documents import Chunk
from lectern.index.rows import ChunkRow, SearchFilter
from tests.component.catalog_world import Shelf, World, running_world


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LECTERN_UNDO_S", "3600")
        patch.setenv("LECTERN_DOCLING_URL", "http://docling.example.org:5001")
        with running_world(tmp_path_factory.mktemp("home")) as world:
            yield world


@pytest.fixture
def shelf(world: World) -> Shelf:
    return world.shelf()


def call(world: World, method: str, path: str, body: Any = None, who: str = "owner") -> Any:
    sent = {} if body is None else {"data": body.model_dump_json(exclude_unset=True)}
    response = world.call(method, path, who, **sent)
    assert response.status_code < 300, response.text
    return response.get_json()


def indexed(world: World, shelf: Shelf, document_id: str) -> Any:
    """Index a chunk of the document and return a search by tag in its collection."""
    index = world.needs.index_of(shelf.collection.collection_id)
    chunk = Chunk(
        chunk_id=f"{document_id}.1",
        document_id=document_id,
        revision=1,
        part=1,
        ordinal=0,
        page_number=1,
        text="an instrument",
    )
    index.replace_part(
        document_id, 1, 1, [ChunkRow(chunk, np.eye(4, dtype=np.float32)[0], "a.txt")]
    )
    return lambda tag: len(
        index.search_text("instrument", where=SearchFilter(tags=(tag,)), limit=5)
    )


def test_a_collection_is_shared_and_taken_back(world: World, shelf: Shelf) -> None:
    stranger = world.users["stranger"]
    body = {"grants": [{"kind": "user", "id": stranger.user_id, "role": "viewer"}]}

    shared = world.call("PUT", f"{shelf.path}/grants", json=body)

    assert [each["name"] for each in shared.get_json()["grants"]] == [stranger.name]
    assert call(world, "GET", shelf.path, who="stranger")["role"] == "viewer"
    assert world.call("GET", shelf.path, "viewer").status_code == 404
    world.call("PUT", f"{shelf.path}/grants", json={"grants": []})
    assert world.call("GET", shelf.path, "stranger").status_code == 404


@pytest.mark.parametrize(
    "grant",
    [
        {"kind": "everyone", "id": "x", "role": "viewer"},
        {"kind": "user", "role": "viewer"},
        {"kind": "user", "id": "nobody", "role": "viewer"},
        {"kind": "everyone", "role": "owner"},
        {"kind": "planet", "id": "x", "role": "viewer"},
    ],
)
def test_a_grant_that_makes_no_sense_changes_nothing(
    world: World, shelf: Shelf, grant: dict[str, str]
) -> None:
    response = world.call("PUT", f"{shelf.path}/grants", json={"grants": [grant]})

    assert response.status_code == 400
    assert len(call(world, "GET", f"{shelf.path}/grants")["grants"]) == 2


def test_the_new_owner_decides_and_the_old_one_edits(world: World, shelf: Shelf) -> None:
    heir = world.users["viewer"]

    moved = world.call("POST", f"{shelf.path}/owner", json={"user_id": heir.user_id})

    assert (moved.status_code, moved.get_json()["role"]) == (200, "editor")
    assert call(world, "GET", shelf.path, who="viewer")["role"] == "owner"
    assert world.call("PUT", f"{shelf.path}/grants", json={"grants": []}).status_code == 403


def test_settings_are_set_and_set_back(world: World, shelf: Shelf) -> None:
    path = f"{shelf.path}/settings"
    change = CollectionSettingsChange(chunk_tokens=64, language="ko", description="Of the year")

    call(world, "PATCH", path, change)
    after = call(world, "PATCH", path, CollectionSettingsChange(chunk_tokens=None))

    assert (after["chunk_tokens"], after["language"]) == (None, "ko")
    assert call(world, "GET", shelf.path)["description"] == "Of the year"
    assert world.call("PATCH", path, json={"colour": "red"}).status_code == 400


def test_an_embedder_that_is_not_configured_cannot_be_chosen(world: World, shelf: Shelf) -> None:
    path = f"{shelf.path}/settings"

    refused = world.call("PATCH", path, json={"embedder": "endpoint"})
    chosen = call(world, "PATCH", path, CollectionSettingsChange(embedder="offline"))

    assert refused.get_json()["code"] == "embedder_not_configured"
    assert [each["embedder"] for each in chosen["choices"]["embedders"]] == ["offline"]
    assert (chosen["embedder"], chosen["reembedding_needed"]) == ("offline", False)


def test_a_parser_that_is_not_configured_cannot_be_chosen(world: World, shelf: Shelf) -> None:
    path = f"{shelf.path}/settings"

    refused = world.call("PATCH", path, json={"parser": "azure"})
    chosen = call(world, "PATCH", path, CollectionSettingsChange(parser="docling"))
    unknown = world.call("PATCH", path, json={"parser": "magic"})

    assert (refused.status_code, refused.get_json()["code"]) == (400, "parser_not_configured")
    assert "LECTERN_AZURE_DOCUMENT_URL" in refused.get_json()["detail"]
    assert chosen["choices"]["parsers"] == ["builtin", "docling"]
    assert (chosen["parser"], chosen["warnings"]) == ("docling", [])
    assert unknown.status_code == 400


def test_a_parser_that_is_gone_is_told_and_keeps_nothing_else_from_being_set(
    world: World, shelf: Shelf
) -> None:
    path = f"{shelf.path}/settings"
    collection_id = shelf.collection.collection_id
    world.needs.catalog.collections.change_settings(collection_id, {"parser": "azure"})

    after = call(
        world, "PATCH", path, CollectionSettingsChange(parser="azure", description="Of the year")
    )

    assert (after["parser"], after["description"]) == ("azure", "Of the year")
    (warning,) = after["warnings"]
    assert warning["code"] == "parser_not_configured"
    assert warning["parameters"] == {"parser": "azure", "setting": "LECTERN_AZURE_DOCUMENT_URL"}


def test_what_the_documents_are_embedded_with_is_told_until_it_is_what_was_chosen(
    world: World, shelf: Shelf
) -> None:
    collection_id = shelf.collection.collection_id
    world.needs.catalog.collections.bind_embedder(
        collection_id, name="older", fingerprint="older", dimensions=4
    )

    before = call(world, "GET", f"{shelf.path}/settings")
    world.call("POST", f"{shelf.path}/reembed")
    after = call(world, "GET", f"{shelf.path}/settings")

    assert before["reembedding_needed"]
    assert [each["code"] for each in before["warnings"]] == ["embedder_gone"]
    assert not after["reembedding_needed"]


def test_ocr_languages_that_are_not_installed_are_warned_of(world: World, shelf: Shelf) -> None:
    path = f"{shelf.path}/settings"

    asked = call(world, "PATCH", path, CollectionSettingsChange(ocr_languages=["zzz"]))
    back = call(world, "PATCH", path, CollectionSettingsChange(ocr_languages=None))

    assert [each["code"] for each in asked["warnings"]] == ["ocr_languages_missing"]
    assert asked["warnings"][0]["parameters"]["missing"] == "zzz"
    assert (back["ocr_languages"], back["warnings"]) == ([], [])
    assert world.call("PATCH", path, json={"ocr_languages": ["../etc"]}).status_code == 400


def test_people_are_found_by_name_and_nothing_else_is_told(world: World) -> None:
    found = call(world, "GET", "/v1/people?query=EDIT", who="stranger")["people"]

    editor = world.users["editor"].user_id
    assert found == [{"kind": "user", "id": editor, "name": "editor", "account": "editor"}]


def test_a_deleted_document_waits_in_the_trash(world: World, shelf: Shelf) -> None:
    document_id = shelf.upload()["document_id"]
    path = f"/v1/documents/{document_id}"

    trashed = call(world, "DELETE", path)

    assert trashed["trashed_until"]
    assert world.call("GET", path).status_code == 404
    assert call(world, "GET", f"{shelf.path}/documents")["documents"] == []
    trash = call(world, "GET", f"{shelf.path}/documents?trashed=true")["documents"]
    assert [each["document_id"] for each in trash] == [document_id]
    assert world.published(document_id) == [f"document.uploaded:{document_id}:1"]
    assert call(world, "POST", f"{path}/restore")["trashed_until"] is None
    assert call(world, "GET", path)["state"] == "uploaded"


def test_the_trash_is_emptied_when_its_time_has_come(world: World, shelf: Shelf) -> None:
    document_id = shelf.upload()["document_id"]
    emptied = threading.Event()
    needs = replace(world.needs, undo_s=0.0)

    def empty() -> None:
        changes.empty_trash(needs)
        emptied.set()

    needs = replace(needs, trash_timer=TrashTimer(empty))
    document = world.needs.catalog.documents.get(document_id)
    assert document is not None
    changes.trash(needs, document)

    assert emptied.wait(10)
    assert world.published(document_id)[-1] == f"document.deleted:{document_id}:1"


def test_a_timer_that_is_asked_again_while_it_waits_works_again() -> None:
    worked = threading.Semaphore(0)
    timer = TrashTimer(worked.release)

    timer.ask(0)
    timer.ask(0)

    assert worked.acquire(timeout=10)
    assert worked.acquire(timeout=10)


def test_what_is_in_the_trash_can_be_deleted_for_good(world: World, shelf: Shelf) -> None:
    document_id = shelf.upload()["document_id"]
    call(world, "DELETE", f"/v1/documents/{document_id}")

    gone = call(world, "DELETE", f"/v1/documents/{document_id}?final=true")

    assert (gone["state"], gone["trashed_until"]) == ("deleting", None)
    assert world.call("POST", f"/v1/documents/{document_id}/restore").status_code == 404


def test_a_collection_goes_with_its_trash(world: World, shelf: Shelf) -> None:
    document_id = shelf.upload()["document_id"]
    call(world, "DELETE", f"/v1/documents/{document_id}")

    assert world.call("DELETE", f"{shelf.path}?force=true").status_code == 204


def test_bytes_under_another_name_are_answered_with_their_document(
    world: World, shelf: Shelf
) -> None:
    first = shelf.upload(b"the same", "first.txt")
    once = {"allow_duplicate": "false"}

    reply = shelf.post(b"the same", "second.txt", fields=once)

    found = reply.get_json()
    assert (reply.status_code, found["duplicate"]) == (200, True)
    assert found["duplicate_of"] == found["document_id"] == first["document_id"]
    assert shelf.upload(b"the same", "second.txt")["document_id"] != first["document_id"]


def test_a_ticket_for_known_bytes_is_confirmed_as_often_as_asked(
    world: World, shelf: Shelf
) -> None:
    first = shelf.upload(b"known", "first.txt")
    ticket = shelf.ticket("second.txt")
    path = f"/v1/documents/{ticket['document_id']}/revisions/1/uploaded"
    url = ticket["upload_url"].removeprefix("http://localhost")

    sent = world.call("PUT", url, "anonymous", data=b"known").get_json()

    assert sent["duplicate_of"] == first["document_id"]
    for _ in range(2):
        assert call(world, "POST", path)["duplicate_of"] == first["document_id"]
    stranger = world.call("POST", path, "stranger")
    assert stranger.status_code == 404
    assert first["document_id"] not in stranger.text


def test_tags_are_searchable_at_once(world: World, shelf: Shelf) -> None:
    document_id = shelf.upload(fields={"tags": "old"})["document_id"]
    hits = indexed(world, shelf, document_id)

    call(
        world,
        "PATCH",
        f"/v1/documents/{document_id}",
        DocumentChange(tags=["it's new"], metadata={"year": "2026"}),
    )

    assert (hits("old"), hits("it's new")) == (0, 1)
    call(world, "PATCH", f"/v1/documents/{document_id}", DocumentChange(metadata={"year": None}))
    after = call(world, "GET", f"/v1/documents/{document_id}")
    assert (after["tags"], after["metadata"]) == (["it's new"], {})


def test_tags_of_a_collection_are_listed_with_their_numbers(world: World, shelf: Shelf) -> None:
    for name, tags in {"a.txt": ["2026", "travel"], "b.txt": ["2026"]}.items():
        shelf.upload(name.encode(), name, fields={"tags": tags})

    found = call(world, "GET", f"{shelf.path}/tags")

    assert found == {"tags": [{"tag": "2026", "documents": 2}, {"tag": "travel", "documents": 1}]}


def test_documents_are_listed_in_the_order_that_is_asked_for(world: World, shelf: Shelf) -> None:
    for name in ("b.txt", "C.txt", "a.txt"):
        shelf.upload(name.encode(), name)

    def names(query: str) -> list[str]:
        listed = call(world, "GET", f"{shelf.path}/documents{query}")["documents"]
        return [each["name"] for each in listed]

    assert names("") == ["a.txt", "C.txt", "b.txt"]
    assert names("?sort=name") == ["a.txt", "b.txt", "C.txt"]
    assert names("?sort=-name") == ["C.txt", "b.txt", "a.txt"]
    refused = world.call("GET", f"{shelf.path}/documents?sort=colour")
    assert (refused.status_code, refused.get_json()["code"]) == (400, "invalid_request")


def test_a_bulk_action_has_a_result_for_every_document(world: World, shelf: Shelf) -> None:
    mine, failed = shelf.upload(name="a.txt"), shelf.upload(name="b.txt")
    elsewhere = world.shelf().upload()
    world.needs.catalog.documents.fail(
        failed["document_id"], 1, Failure("parse", "unreadable", "it is damaged")
    )
    ids = [mine["document_id"], failed["document_id"], elsewhere["document_id"], "gone"]

    retried = call(
        world, "POST", f"{shelf.path}/documents/bulk", BulkRequest(ids=ids, action="retry")
    )["results"]

    assert [each["document_id"] for each in retried] == ids
    assert [each["code"] for each in retried] == ["not_failed", "", "not_found", "not_found"]
    assert retried[1]["document"]["state"] == "uploaded"
    assert world.published(failed["document_id"])[-1].startswith("document.uploaded")


@pytest.mark.parametrize("action", ["delete", "restore", "reprocess", "tag", "untag"])
def test_every_bulk_action_works(world: World, shelf: Shelf, action: Any) -> None:
    document_id = shelf.upload(fields={"tags": "b"})["document_id"]
    hits = indexed(world, shelf, document_id)
    if action == "restore":
        call(world, "DELETE", f"/v1/documents/{document_id}")
    tags = {"tags": ["a" if action == "tag" else "b"]} if action in {"tag", "untag"} else {}

    reply = call(
        world,
        "POST",
        f"{shelf.path}/documents/bulk",
        BulkRequest(ids=[document_id, document_id], action=action, **tags),
    )

    (result,) = reply["results"]
    assert result["done"], result
    document = result["document"]
    assert document["revision"] == (2 if action == "reprocess" else 1)
    assert bool(document["trashed_until"]) == (action == "delete")
    assert document["tags"] == {"tag": ["b", "a"], "untag": []}.get(action, ["b"])
    if action == "tag":
        assert hits("a") == 1


def test_a_bulk_action_needs_what_it_is_about(world: World, shelf: Shelf) -> None:
    for body in (
        {"ids": [], "action": "delete"},
        {"ids": ["x"], "action": "tag"},
        {"ids": ["x"], "action": "delete", "tags": ["a"]},
        {"ids": ["x"], "action": "explode"},
        {"ids": ["x"] * 201, "action": "delete"},
    ):
        response = world.call("POST", f"{shelf.path}/documents/bulk", json=body)

        assert response.status_code == 400, body
