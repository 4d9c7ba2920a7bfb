"""The catalog function: what its endpoints do to catalog, store, index and broker."""

import hashlib
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pytest

from lectern.documents import Chunk, Line, chunk_id, figure_key
from lectern.index.rows import ChunkRow, MentionRow, SubjectRow
from tests.component.catalog_world import MAX_UPLOAD_BYTES, ROUTES, Shelf, World, running_world

HANDBOOK = Path(__file__).parents[2] / "samples" / "files" / "lectern-handbook.pdf"
PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with running_world(tmp_path_factory.mktemp("home")) as world:
        yield world


@pytest.fixture
def shelf(world: World) -> Shelf:
    return world.shelf()


def local(url: str) -> str:
    """Return a signed link as the test client takes it."""
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}"


# --- people and collections -------------------------------------------------------------------


def test_an_api_key_works_until_it_is_revoked(world: World) -> None:
    made = world.call("POST", "/v1/api-keys", json={"label": "ci", "expires_in_days": 1}).get_json()
    headers = {"Authorization": f"Bearer {made['secret']}"}

    assert world.call("GET", "/v1/me", "nobody", headers=headers).get_json()["name"] == "owner"
    keys = world.call("GET", "/v1/api-keys").get_json()["api_keys"]
    assert keys[0]["key_id"] == made["key_id"]
    assert all(key["secret"] is None for key in keys)

    world.call("DELETE", f"/v1/api-keys/{made['key_id']}")

    assert world.call("GET", "/v1/me", "nobody", headers=headers).status_code == 401


def test_a_collection_is_found_by_id_and_by_slug(world: World) -> None:
    made = world.call("POST", "/v1/collections", json={"name": "Große Öfen"}).get_json()

    by_id = world.call("GET", f"/v1/collections/{made['collection_id']}").get_json()
    by_slug = world.call("GET", f"/v1/collections/{made['slug']}").get_json()

    assert made["role"] == "owner"
    assert made == by_id == by_slug
    again = world.call("POST", "/v1/collections", json={"name": "Große Öfen"})
    assert (again.status_code, again.get_json()["code"]) == (400, "invalid_request")


def test_a_collection_with_documents_goes_only_by_force(world: World, shelf: Shelf) -> None:
    document = shelf.upload()
    refused = world.call("DELETE", shelf.path)

    assert (refused.status_code, refused.get_json()["code"]) == (400, "collection_not_empty")
    assert world.call("DELETE", f"{shelf.path}?force=true").status_code == 204
    assert world.call("GET", shelf.path).status_code == 404
    assert world.needs.catalog.documents.get(document["document_id"]) is None
    assert list(world.needs.store.list(f"uploads/{shelf.collection.collection_id}/")) == []


def test_a_collection_is_embedded_anew(world: World, shelf: Shelf) -> None:
    document_id = shelf.upload()["document_id"]
    shelf.ready(document_id)
    here = shelf.collection.collection_id
    world.needs.catalog.collections.bind_embedder(here, name="m", fingerprint="f", dimensions=2)
    index_one_chunk(world, shelf, document_id)

    reply = world.call("POST", f"{shelf.path}/reembed")

    assert reply.get_json()["embedder"] == ""
    assert world.published(document_id)[-1] == f"part.parsed:{document_id}:1:1"
    assert world.call("GET", f"/v1/documents/{document_id}").get_json()["state"] == "embedding"
    assert world.call("GET", f"/v1/documents/{document_id}/chunks").get_json() == {"chunks": []}


# --- uploads ----------------------------------------------------------------------------------


def test_an_uploaded_file_is_stored_confirmed_and_announced(world: World, shelf: Shelf) -> None:
    data = b"%PDF-1.7 " + bytes(range(256)) * 5000
    fields = {"tags": ["x", "y"], "metadata": json.dumps({"author": "Ada"})}

    response = shelf.post(data, "Ünïcode 보고서.pdf", fields=fields)

    document = response.get_json()
    assert response.status_code == 201
    assert (document["state"], document["revision"]) == ("uploaded", 1)
    assert document["name"] == "Ünïcode 보고서.pdf"
    assert document["sha256"] == hashlib.sha256(data).hexdigest()
    assert document["size_bytes"] == len(data)
    assert document["content_type"] == "application/pdf"
    assert (document["tags"], document["metadata"]) == (["x", "y"], {"author": "Ada"})
    stored = world.needs.catalog.documents.get(document["document_id"])
    assert stored is not None
    assert world.needs.store.read(stored.object_key) == data
    assert world.published(document["document_id"]) == [
        f"document.uploaded:{document['document_id']}:1"
    ]


def test_the_same_bytes_again_bring_nothing_new(world: World, shelf: Shelf) -> None:
    first = shelf.upload(b"same")

    again = shelf.post(b"same")

    assert again.status_code == 200
    assert again.get_json()["duplicate"] is True
    assert again.get_json()["revision"] == first["revision"]
    assert len(world.published(first["document_id"])) == 1
    assert len(list(world.needs.store.list(f"uploads/{shelf.collection.collection_id}/"))) == 1


def test_new_bytes_under_the_same_name_are_a_new_revision(world: World, shelf: Shelf) -> None:
    first = shelf.upload(b"one")

    second = shelf.upload(b"two")

    assert second["document_id"] == first["document_id"]
    assert second["revision"] == 2
    content = world.call("GET", f"/v1/documents/{first['document_id']}/content")
    assert content.data == b"two"


def test_an_upload_is_kept_when_the_broker_is_away(world: World, shelf: Shelf) -> None:
    world.sink.status = 503
    try:
        response = shelf.post(b"kept")
    finally:
        world.sink.status = 202

    assert response.status_code == 201
    document = response.get_json()
    assert document["state"] == "uploaded"
    assert world.published(document["document_id"]) == []
    unmoved = world.needs.catalog.documents.unmoved(older_than_s=0)
    assert document["document_id"] in [each.document_id for each in unmoved]


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"metadata": "[1]"}, "metadata"),
        ({"metadata": "{"}, "metadata"),
        ({"name": "x" * 501}, "name"),
        ({"tags": [str(n) for n in range(51)]}, "tags"),
    ],
)
def test_a_form_that_does_not_fit_says_where(
    shelf: Shelf, fields: dict[str, Any], place: str
) -> None:
    response = shelf.post(fields=fields)

    assert response.status_code == 400
    assert place in response.get_json()["detail"]


def test_a_form_without_a_file_is_refused(world: World, shelf: Shelf) -> None:
    response = world.call(
        "POST",
        f"{shelf.path}/documents",
        data={"file": "text", "x": "y"},
        content_type="multipart/form-data",
    )

    assert response.status_code == 400
    assert "'file'" in response.get_json()["detail"]


def test_a_file_beyond_the_limit_is_refused_and_leaves_nothing(world: World, shelf: Shelf) -> None:
    slightly = shelf.post(b"x" * (MAX_UPLOAD_BYTES + 1))
    far = shelf.post(b"x" * (MAX_UPLOAD_BYTES + (2 << 20)))

    assert (slightly.status_code, far.status_code) == (413, 413)
    assert "LECTERN_MAX_UPLOAD_BYTES" in far.get_json()["detail"]
    everything = world.call("GET", f"{shelf.path}/documents?state=awaiting_upload").get_json()
    assert everything["documents"] == []
    assert list(world.needs.store.list(f"uploads/{shelf.collection.collection_id}/")) == []


@pytest.mark.parametrize(
    "name",
    ["../../etc/passwd", "..\\..\\x.txt", 'a"b\r\nSet-Cookie: x.txt', "\u202efdp.exe", "." * 9],
)
def test_hostile_names_stay_names(world: World, shelf: Shelf, name: str) -> None:
    document = shelf.upload(b"data", "file", fields={"name": name})

    stored = world.needs.catalog.documents.get(document["document_id"])
    assert stored is not None
    prefix = f"uploads/{shelf.collection.collection_id}/{document['document_id']}/1/"
    assert stored.object_key.startswith(prefix)
    assert "/" not in stored.object_key.removeprefix(prefix)
    content = world.call("GET", f"/v1/documents/{document['document_id']}/content")
    assert content.status_code == 200
    assert "Set-Cookie" not in content.headers
    assert re.fullmatch(
        r"(inline|attachment); filename=\"[ -~]+\"(; filename\*=UTF-8''[!-~]+)?",
        content.headers["Content-Disposition"],
    )


# --- tickets and links ------------------------------------------------------------------------


def test_the_bytes_of_a_ticket_are_put_by_its_link_and_announced(
    world: World, shelf: Shelf
) -> None:
    ticket = shelf.ticket("big.txt", tags=["x"])
    link = local(ticket["upload_url"])

    response = world.client.put(link, data=b"bytes of the ticket")

    document = response.get_json()
    assert response.status_code == 201
    assert document["document_id"] == ticket["document_id"]
    assert (document["state"], document["tags"]) == ("uploaded", ["x"])
    assert len(world.published(ticket["document_id"])) == 1
    used = world.client.put(link, data=b"other bytes")
    assert (used.status_code, used.get_json()["code"]) == (403, "link_used")


def test_a_failed_put_can_be_repeated(world: World, shelf: Shelf) -> None:
    link = local(shelf.ticket()["upload_url"])

    too_large = world.client.put(link, data=b"x" * (MAX_UPLOAD_BYTES + 1))
    chunked = world.client.put(
        link,
        input_stream=io.BytesIO(b"x" * (MAX_UPLOAD_BYTES + 1)),
        environ_overrides={"wsgi.input_terminated": True},
    )

    assert (too_large.status_code, chunked.status_code) == (413, 413)
    assert world.client.put(link, data=b"small").status_code == 201


def test_a_changed_link_is_refused(world: World, shelf: Shelf) -> None:
    link = local(shelf.ticket()["upload_url"])

    for changed in (
        link.replace("a.txt", "b.txt"),
        link.replace("expires=", "expires=9"),
        link[:-1],
    ):
        assert world.client.put(changed, data=b"x").status_code == 403
    assert world.client.get(link).status_code == 403


def test_an_upload_that_no_store_announced_is_confirmed_by_its_sender(
    world: World, shelf: Shelf
) -> None:
    ticket = shelf.ticket()
    uploaded = f"/v1/documents/{ticket['document_id']}/revisions/1/uploaded"
    early = world.call("POST", uploaded)
    reserved = world.needs.catalog.documents.reserved(ticket["document_id"], 1)
    assert reserved is not None
    world.needs.store.write(reserved.object_key, b"written to the bucket")

    confirmed, again = world.call("POST", uploaded), world.call("POST", uploaded)

    assert (early.status_code, early.get_json()["code"]) == (400, "not_uploaded")
    assert (confirmed.status_code, again.status_code) == (201, 200)
    assert confirmed.get_json()["sha256"] == hashlib.sha256(b"written to the bucket").hexdigest()
    assert len(world.published(ticket["document_id"])) == 1
    for unknown in ("0", "7", str(10**30)):
        path = uploaded.replace("/1/", f"/{unknown}/")
        assert world.call("POST", path).status_code == 404


def test_the_older_of_two_tickets_is_superseded_by_the_newer(world: World, shelf: Shelf) -> None:
    older, newer = shelf.ticket(), shelf.ticket()
    world.client.put(local(newer["upload_url"]), data=b"newer")

    late = world.client.put(local(older["upload_url"]), data=b"older")

    document_id = newer["document_id"]
    assert late.get_json()["revision"] == newer["revision"] == 2
    assert world.call("GET", f"/v1/documents/{document_id}/content").data == b"newer"
    assert world.published(document_id) == [f"document.uploaded:{document_id}:2"]
    assert len(list(world.needs.store.list(f"uploads/{shelf.collection.collection_id}/"))) == 1


def test_a_download_link_serves_the_file_under_its_name(world: World, shelf: Shelf) -> None:
    document = world.needs.catalog.documents.get(shelf.upload(b"content")["document_id"])
    assert document is not None
    url = world.needs.store.download_url(document.object_key, expires_s=60, file_name="ü.txt")

    response = world.client.get(local(url))

    assert response.data == b"content"
    assert response.headers["Content-Disposition"].startswith("attachment; ")
    assert "filename*=UTF-8''%C3%BC.txt" in response.headers["Content-Disposition"]


# --- documents --------------------------------------------------------------------------------


def test_documents_are_listed_page_by_page_with_filters(world: World, shelf: Shelf) -> None:
    for n in range(5):
        shelf.upload(name=f"report {n}.txt", fields={"tags": ["even"] if n % 2 == 0 else []})
    seen, cursor = [], ""

    while True:
        query = {"limit": "2", "cursor": cursor}
        page = world.call("GET", f"{shelf.path}/documents", query_string=query).get_json()
        seen += [each["name"] for each in page["documents"]]
        if not (cursor := page["cursor"]):
            break

    assert seen == [f"report {n}.txt" for n in (4, 3, 2, 1, 0)]
    query = {"tag": "even", "name": "REPORT", "state": "uploaded"}
    filtered = world.call("GET", f"{shelf.path}/documents", query_string=query).get_json()
    assert len(filtered["documents"]) == 3
    bad = world.call("GET", f"{shelf.path}/documents?cursor=nonsense")
    assert bad.status_code == 400


def test_a_document_tells_its_timeline(world: World, shelf: Shelf) -> None:
    document_id = shelf.upload()["document_id"]
    shelf.ready(document_id)

    document = world.call("GET", f"/v1/documents/{document_id}").get_json()

    stages = [entry["stage"] for entry in document["timeline"]]
    assert stages == ["uploaded", "parsing", "embedding", "indexed", "ready"]


def test_tags_are_replaced(world: World, shelf: Shelf) -> None:
    path = f"/v1/documents/{shelf.upload(fields={'tags': ['old']})['document_id']}"

    assert world.call("PATCH", path, json={"tags": ["b", "a"]}).get_json()["tags"] == ["b", "a"]
    assert world.call("PATCH", path, json={"tags": ["x" * 201]}).status_code == 400


def test_a_deleted_document_is_gone_for_everybody_and_its_name_free(
    world: World, shelf: Shelf
) -> None:
    document_id = shelf.upload()["document_id"]

    reply = world.call("DELETE", f"/v1/documents/{document_id}?final=true")

    assert (reply.status_code, reply.get_json()["state"]) == (202, "deleting")
    assert world.published(document_id)[-1] == f"document.deleted:{document_id}:1"
    assert world.call("GET", f"/v1/documents/{document_id}").status_code == 404
    assert shelf.upload()["document_id"] != document_id


def test_reprocessing_makes_a_new_revision_of_the_same_bytes(world: World, shelf: Shelf) -> None:
    document_id = shelf.upload(b"again")["document_id"]

    reply = world.call("POST", f"/v1/documents/{document_id}/reprocess")

    assert (reply.status_code, reply.get_json()["revision"]) == (202, 2)
    assert reply.get_json()["state"] == "uploaded"
    assert world.call("GET", f"/v1/documents/{document_id}/content").data == b"again"
    assert world.published(document_id)[-1] == f"document.uploaded:{document_id}:2"


def test_chunks_and_subjects_come_from_the_index(world: World, shelf: Shelf) -> None:
    document_id = shelf.upload()["document_id"]
    index_one_chunk(world, shelf, document_id)

    chunks = world.call("GET", f"/v1/documents/{document_id}/chunks").get_json()["chunks"]
    beyond = world.call("GET", f"/v1/documents/{document_id}/chunks?offset=1").get_json()
    subjects = world.call("GET", f"/v1/documents/{document_id}/subjects").get_json()["subjects"]

    assert [chunk["text"] for chunk in chunks] == ["the cart"]
    assert chunks[0]["boxes"] == [{"page_number": 1, "x0": 1, "y0": 2, "x1": 3, "y1": 4}]
    assert beyond == {"chunks": []}
    assert subjects[0]["name"] == "cart"
    assert subjects[0]["mentioned_in"] == [chunks[0]["chunk_id"]]


def index_one_chunk(world: World, shelf: Shelf, document_id: str) -> None:
    """Put one chunk with a subject into the shelf's index."""
    index = world.needs.index_of(shelf.collection.collection_id)
    name = chunk_id(document_id, 1, 1, 0)
    chunk = Chunk(
        chunk_id=name,
        document_id=document_id,
        revision=1,
        part=1,
        ordinal=0,
        page_number=1,
        text="the cart",
        char_end=8,
        lines=(Line(0, 8, 1, 2, 3, 4),),
    )
    vector = np.array([1, 0], dtype=np.float32)
    index.replace_part(document_id, 1, 1, [ChunkRow(chunk, vector, "a.txt")])
    index.replace_subjects(
        document_id,
        1,
        1,
        [SubjectRow("s", document_id, 1, 1, "cart", "term", chunk_ids=(name,))],
        [MentionRow("m", document_id, 1, 1, "cart", name, (4,))],
    )


# --- content ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "status", "expected", "content_range"),
    [
        ("", 200, b"0123456789", None),
        ("bytes=2-4", 206, b"234", "bytes 2-4/10"),
        ("bytes=7-", 206, b"789", "bytes 7-9/10"),
        ("bytes=-3", 206, b"789", "bytes 7-9/10"),
        ("bytes=5-99", 206, b"56789", "bytes 5-9/10"),
        ("bytes=0-1,4-5", 200, b"0123456789", None),
        ("lines=0-1", 200, b"0123456789", None),
        ("bytes=x-y", 200, b"0123456789", None),
        ("bytes=10-", 416, None, "bytes */10"),
    ],
)
def test_ranges_of_the_content(
    world: World,
    shelf: Shelf,
    *,
    asked: str,
    status: int,
    expected: bytes | None,
    content_range: str | None,
) -> None:
    path = f"/v1/documents/{shelf.upload(b'0123456789')['document_id']}/content"

    response = world.call("GET", path, headers={"Range": asked} if asked else {})

    assert response.status_code == status
    assert response.headers.get("Content-Range") == content_range
    if expected is not None:
        assert response.data == expected
        assert response.content_length == len(expected)


def test_content_known_to_the_caller_is_not_sent_again(world: World, shelf: Shelf) -> None:
    path = f"/v1/documents/{shelf.upload(b'0123456789')['document_id']}/content"
    etag = world.call("GET", path).headers["ETag"]

    known = world.call("GET", path, headers={"If-None-Match": etag})
    partly = world.call("GET", path, headers={"If-Range": etag, "Range": "bytes=1-2"})
    changed = world.call("GET", path, headers={"If-Range": '"other"', "Range": "bytes=1-2"})
    head = world.call("HEAD", path)

    assert (known.status_code, known.data) == (304, b"")
    assert (partly.status_code, partly.data) == (206, b"12")
    assert (changed.status_code, changed.data) == (200, b"0123456789")
    assert (head.status_code, head.data, head.content_length) == (200, b"", 10)


@pytest.mark.parametrize(
    ("declared", "name", "served", "kind"),
    [
        ("text/html", "a.html", "text/plain", "inline"),
        ("image/svg+xml", "a.svg", "text/plain", "inline"),
        ("application/xhtml+xml", "a.xhtml", "text/plain", "inline"),
        ("text/javascript", "a.js", "text/plain", "inline"),
        ("application/pdf", "a.pdf", "application/pdf", "inline"),
        ("image/png", "a.png", "image/png", "inline"),
        ("application/x-shockwave-flash", "a.swf", "application/octet-stream", "attachment"),
        ("", "a.unknown", "application/octet-stream", "attachment"),
    ],
)
def test_no_browser_executes_content(
    world: World, shelf: Shelf, *, declared: str, name: str, served: str, kind: str
) -> None:
    document_id = shelf.upload(b"<script>", name, content_type=declared)["document_id"]

    response = world.call("GET", f"/v1/documents/{document_id}/content")

    assert response.mimetype == served
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response.headers["Content-Security-Policy"]
    assert response.headers["Content-Disposition"].startswith(f"{kind}; ")


def test_a_document_without_bytes_has_no_content(world: World, shelf: Shelf) -> None:
    ticket = shelf.ticket()

    response = world.call("GET", f"/v1/documents/{ticket['document_id']}/content")

    assert response.status_code == 404


def test_figures_are_served_by_name_and_revision(world: World, shelf: Shelf) -> None:
    document_id = shelf.upload()["document_id"]
    here = shelf.collection.collection_id
    key = figure_key(here, document_id, 1, 1, ordinal=1, extension="png")
    world.needs.store.write(key, PNG)
    path = f"/v1/documents/{document_id}/figures"
    name = key.rpartition("/")[2]

    response = world.call("GET", f"{path}/{name}")
    shelf.upload(b"a second revision")

    assert (response.data, response.mimetype) == (PNG, "image/png")
    assert world.call("GET", f"{path}/{name}").status_code == 404
    assert world.call("GET", f"{path}/{name}?revision=1").data == PNG
    assert world.call("GET", f"{path}/..%2f..%2fx.png").status_code == 404


# --- pictures ---------------------------------------------------------------------------------


def test_a_page_is_painted_once_and_kept(world: World, shelf: Shelf) -> None:
    document_id = shelf.upload(HANDBOOK.read_bytes(), "handbook.pdf")["document_id"]
    path = f"/v1/documents/{document_id}/pages/1.png?width=600"

    first, second = world.call("GET", path), world.call("GET", path)

    assert first.data.startswith(PNG)
    assert int.from_bytes(first.data[16:20]) == 640, "the next larger usual width"
    assert second.data == first.data
    kept = world.needs.store.list(f"figures/{shelf.collection.collection_id}/")
    assert [info.key.rpartition("/")[2] for info in kept] == ["00001-640.png"]
    known = world.call("GET", path, headers={"If-None-Match": first.headers["ETag"]})
    assert known.status_code == 304


@pytest.mark.parametrize(
    ("data", "name", "page", "status", "code"),
    [
        (b"text", "a.txt", "1", 404, "no_pages"),
        (b"not a pdf", "a.pdf", "1", 422, "unreadable"),
        (HANDBOOK.read_bytes(), "b.pdf", "9999", 404, "not_found"),
        (HANDBOOK.read_bytes(), "b.pdf", "0", 404, "not_found"),
    ],
    ids=["no pdf", "damaged", "beyond the end", "before the start"],
)
def test_a_page_that_cannot_be_painted_says_why(
    world: World, shelf: Shelf, *, data: bytes, name: str, page: str, status: int, code: str
) -> None:
    document_id = shelf.upload(data, name)["document_id"]

    response = world.call("GET", f"/v1/documents/{document_id}/pages/{page}.png")

    assert (response.status_code, response.get_json()["code"]) == (status, code)


# --- the function itself ----------------------------------------------------------------------


def test_the_openapi_document_lists_every_route(world: World) -> None:
    paths = world.client.get("/openapi.json").get_json()["paths"]

    described = {f"{method.upper()} {path}" for path, item in paths.items() for method in item}
    plain = {re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route) for route in ROUTES}
    assert described == plain - {"GET /openapi.json"}


def test_the_function_is_ready_when_its_catalog_is(world: World) -> None:
    assert world.client.get("/healthz").status_code == 204
    assert world.client.get("/readyz").status_code == 200
