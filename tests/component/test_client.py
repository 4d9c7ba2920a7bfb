"""The client against the real catalog function."""

import io
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from lectern.api import DocumentQuery, UploadRequest
from lectern.client import Lectern
from lectern.errors import (
    Forbidden,
    InvalidRequest,
    NotFound,
    TooLarge,
    TransientError,
    Unauthorized,
)
from tests.component.catalog_world import MAX_UPLOAD_BYTES, World, running_world


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with running_world(tmp_path_factory.mktemp("client")) as world:
        yield world


def client_of(world: World, who: str) -> Lectern:
    transport = httpx.WSGITransport(world.client.application)
    return Lectern("http://localhost", world.secrets.get(who, "nobody's"), transport=transport)


@pytest.fixture
def lectern(world: World) -> Lectern:
    return client_of(world, "owner")


def test_a_token_is_somebody(world: World, lectern: Lectern) -> None:
    assert lectern.me().name == "owner"
    with pytest.raises(Unauthorized):
        client_of(world, "anonymous").me()


def test_api_keys_come_and_go(lectern: Lectern) -> None:
    key = lectern.api_keys.create("laptop", expires_in_days=3)
    assert key.secret

    lectern.api_keys.revoke(key.key_id)

    assert key.key_id not in {each.key_id for each in lectern.api_keys.list()}


def test_collections_come_and_go(lectern: Lectern) -> None:
    made = lectern.collections.create("Travel rules")

    same = lectern.collections.ensure("Travel rules")
    lectern.collections.delete(made.slug)

    assert same == made
    with pytest.raises(NotFound):
        lectern.collections.get(made.collection_id)


def test_a_document_is_uploaded_listed_read_and_deleted(lectern: Lectern, tmp_path: Path) -> None:
    file = tmp_path / 'a "quoted" 이름.txt'
    file.write_bytes(b"hello world")
    shelf = lectern.collections.create("Uploads").slug

    made = lectern.documents.upload(shelf, file, tags=["x", "y"], metadata={"year": "2026"})
    again = lectern.documents.upload(shelf, file)
    found = list(lectern.documents.all(shelf, DocumentQuery(tag=["x"], limit=1)))
    window = lectern.documents.content(made.document_id, start=6, end=9)

    assert (made.name, made.tags, made.metadata) == (file.name, ["x", "y"], {"year": "2026"})
    assert (made.duplicate, again.duplicate) == (False, True)
    assert [each.document_id for each in found] == [made.document_id]
    assert window == b"wor"
    assert lectern.documents.content(made.document_id) == b"hello world"
    assert lectern.documents.get(made.document_id).timeline
    assert lectern.documents.set_tags(made.document_id, ["z"]).tags == ["z"]
    assert lectern.documents.delete(made.document_id, final=True).state == "deleting"
    with pytest.raises(NotFound):
        lectern.documents.get(made.document_id)


def test_bytes_can_go_straight_into_the_store(lectern: Lectern, world: World) -> None:
    shelf = lectern.collections.create("Tickets").slug
    ticket = lectern.documents.ticket(shelf, UploadRequest(name="a.txt", size_bytes=3))

    put = world.client.put(ticket.upload_url.removeprefix("http://localhost"), data=b"abc")
    document = lectern.documents.confirm(ticket)

    assert put.status_code in {200, 201}, put.text
    assert document.size_bytes == 3


def test_waiting_ends_with_the_document_or_with_patience(lectern: Lectern, world: World) -> None:
    shelf = world.shelf()
    done = shelf.upload()["document_id"]
    waiting = shelf.upload(name="b.txt", data=b"b")["document_id"]
    shelf.ready(done)

    assert lectern.documents.wait(done, timeout_s=5).state == "ready"
    with pytest.raises(TransientError) as caught:
        lectern.documents.wait(waiting, timeout_s=0)
    assert caught.value.code == "still_working"


def test_errors_have_their_class(lectern: Lectern, world: World) -> None:
    shelf = world.shelf()

    with pytest.raises(TooLarge):
        lectern.documents.upload(
            shelf.collection.slug, io.BytesIO(b"x" * (MAX_UPLOAD_BYTES + 1)), name="big.txt"
        )
    with pytest.raises(Forbidden):
        client_of(world, "viewer").documents.upload(
            shelf.collection.slug, io.BytesIO(b"x"), name="a.txt"
        )
    with pytest.raises(NotFound):
        client_of(world, "stranger").collections.get(shelf.collection.slug)
    lectern.collections.create("Twice")
    with pytest.raises(InvalidRequest):
        lectern.collections.create("Twice")
