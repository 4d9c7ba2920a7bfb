"""Who may do what: every HTTP route of every function against every kind of caller."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.component.rights_world import (
    ROUTES,
    SECRET,
    Everything,
    Room,
    filled,
    running_everything,
)

COLLECTION = "/v1/collections/<collection>"
DOCUMENT = "/v1/documents/<document_id>"
CONVERSATION = "/v1/conversations/<conversation_id>"

READ = {
    f"catalog GET {COLLECTION}",
    f"catalog GET {COLLECTION}/documents",
    f"catalog GET {COLLECTION}/settings",
    f"catalog GET {COLLECTION}/tags",
    f"catalog GET {DOCUMENT}",
    f"catalog GET {DOCUMENT}/chunks",
    f"catalog GET {DOCUMENT}/content",
    f"catalog GET {DOCUMENT}/figures/<name>",
    f"catalog GET {DOCUMENT}/pages/<int:page_number>.png",
    f"catalog GET {DOCUMENT}/pages/<int:page_number>/words",
    f"catalog GET {DOCUMENT}/subjects",
    "retrieve POST /v1/search",
    "answer POST /v1/answer",
    "answer POST /v1/chat/completions",
    "answer POST /v1/mind-map",
}
WRITE = {
    f"catalog GET {COLLECTION}/grants",
    f"catalog POST {COLLECTION}/documents",
    f"catalog POST {COLLECTION}/documents/bulk",
    f"catalog POST {COLLECTION}/urls",
    f"catalog PATCH {DOCUMENT}",
    f"catalog DELETE {DOCUMENT}",
    f"catalog POST {DOCUMENT}/reprocess",
    f"catalog POST {DOCUMENT}/restore",
    f"catalog POST {DOCUMENT}/retry",
    f"catalog POST {DOCUMENT}/revisions/<int:revision>/uploaded",
}
OWN = {
    f"catalog PATCH {COLLECTION}",
    f"catalog DELETE {COLLECTION}",
    f"catalog PUT {COLLECTION}/grants",
    f"catalog POST {COLLECTION}/owner",
    f"catalog PATCH {COLLECTION}/settings",
    f"catalog POST {COLLECTION}/reembed",
}
MINE = {
    route
    for route in ROUTES
    if CONVERSATION in route or "/v1/answers/" in route or "/v1/assistants/<" in route
}
OPENAI_MODELS = {"answer GET /v1/models", "answer GET /v1/models/<path:model>"}
"""Each caller's collections, named as models."""
ADMINISTRATION = {
    route
    for route in ROUTES
    if route.partition(" ")[2].split("<")[0].rstrip("/").split("/v1/")[-1].split("/")[0]
    in {
        "audit",
        "backups",
        "dead-letters",
        "feedback",
        "groups",
        "invitations",
        "models",
        "tool-servers",
        "usage",
        "users",
    }
    and "invitations/accept" not in route
} - OPENAI_MODELS
PERSONAL = {
    "catalog GET /v1/me",
    "catalog PATCH /v1/me",
    "catalog POST /v1/me/password",
    "catalog GET /v1/api-keys",
    "catalog POST /v1/api-keys",
    "catalog DELETE /v1/api-keys/<key_id>",
    "catalog GET /v1/sessions",
    "catalog POST /v1/sessions",
    "catalog DELETE /v1/sessions/<session_id>",
    "catalog POST /v1/logout",
    "catalog GET /v1/settings",
    "catalog PATCH /v1/settings",
    "catalog DELETE /v1/settings",
    "catalog GET /v1/people",
    "answer GET /v1/prompts",
    "catalog GET /v1/tools",
    "catalog GET /v1/collections",
    "catalog POST /v1/collections",
    "catalog GET /v1/conversations",
    "catalog POST /v1/conversations",
    "catalog GET /v1/assistants",
    "catalog POST /v1/assistants",
    *OPENAI_MODELS,
    "answer POST /mcp",
}
SIGNED = {"catalog GET /v1/objects/<path:key>", "catalog PUT /v1/objects/<path:key>"}
OPEN = {
    "catalog GET /v1/oidc",
    "catalog POST /v1/oidc/start",
    "catalog POST /v1/oidc/finish",
    "catalog GET /v1/setup",
    "catalog POST /v1/setup",
    "catalog POST /v1/login",
    "catalog POST /v1/invitations/accept",
    "catalog GET /v1/shared/<secret>",
    *(route for route in ROUTES if route.endswith("/openapi.json")),
}
HARMLESS = {f"catalog DELETE {CONVERSATION}/messages/<message_id>/feedback": 204}
"""Taking back what one has not given is no error, wherever."""

OF_A_ROOM = sorted(READ | WRITE | OWN)
PROTECTED = sorted(set(ROUTES) - SIGNED - OPEN)

READERS = ("viewer", "member", "everyone")
NOT_SIGNED_IN = ("anonymous", "impostor", "disabled")
MAY = {
    **dict.fromkeys(READERS, READ),
    "editor": READ | WRITE,
    "owner": READ | WRITE | OWN,
    "administrator": READ | WRITE | OWN,
    "reader": READ,
}
NOTHING_TO_DO = {
    f"catalog POST {DOCUMENT}/retry": "not_failed",
    f"catalog POST {COLLECTION}/urls": "url_refused",
    f"catalog DELETE {COLLECTION}": "collection_not_empty",
}
"""Routes that get as far as finding nothing to do here."""


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Everything]:
    with running_everything(tmp_path_factory.mktemp("home")) as everything:
        yield everything


@pytest.fixture(scope="module")
def room(here: Everything) -> Room:
    """A room that nobody changes: who may not do a thing leaves it as it was."""
    return here.room()


@pytest.fixture(scope="module")
def open_room(here: Everything) -> Room:
    return here.room(to_everyone=True)


def test_every_route_is_of_one_kind() -> None:
    kinds = [READ, WRITE, OWN, MINE, ADMINISTRATION, PERSONAL, SIGNED, OPEN]

    assert set().union(*kinds) == set(ROUTES)
    assert sum(map(len, kinds)) == len(ROUTES)


@pytest.mark.parametrize("who", sorted(MAY))
@pytest.mark.parametrize("route", OF_A_ROOM)
def test_a_role_can_do_what_it_may_and_nothing_else(
    here: Everything, room: Room, open_room: Room, route: str, who: str
) -> None:
    place = open_room if who == "everyone" else room
    if route in MAY[who] and route not in READ:
        place = here.room()

    response = ask(here, route, place.path(route), who, body_of(route, place, here))

    if route not in MAY[who]:
        assert response.status_code == 403, response.text
    elif route in NOTHING_TO_DO:
        assert response.get_json()["code"] == NOTHING_TO_DO[route]
    else:
        assert response.status_code < 300, response.text


@pytest.mark.parametrize("route", OF_A_ROOM)
def test_to_a_stranger_what_is_there_looks_like_what_is_not(
    here: Everything, room: Room, route: str
) -> None:
    nowhere = filled(route, {})
    there = ask(here, route, room.path(route), "stranger", body_of(route, room, here))
    missing = ask(here, route, nowhere, "stranger", body_of(route, None, here))

    assert (there.status_code, missing.status_code) == (404, 404), there.text
    assert told(there, room) == told(missing, room)


@pytest.mark.parametrize("who", ["stranger", "viewer", "editor", "administrator"])
@pytest.mark.parametrize("route", sorted(MINE))
def test_a_conversation_is_its_owners_alone(
    here: Everything, room: Room, route: str, who: str
) -> None:
    there = ask(here, route, room.path(route), who, body_of(route, room, here))
    missing = ask(here, route, filled(route, {}), who, body_of(route, room, here))

    assert there.status_code == missing.status_code == HARMLESS.get(route, 404), there.text
    assert told(there, room) == told(missing, room)


@pytest.mark.parametrize("who", ["stranger", "viewer", "editor", "owner", "reader", "member"])
@pytest.mark.parametrize("route", sorted(ADMINISTRATION))
def test_administration_is_for_administrators(
    here: Everything, room: Room, route: str, who: str
) -> None:
    response = ask(here, route, room.path(route), who, body_of(route, room, here))

    assert response.status_code == 403, response.text


@pytest.mark.parametrize("who", NOT_SIGNED_IN)
@pytest.mark.parametrize("route", PROTECTED)
def test_nobody_gets_in_without_a_token_that_counts(
    here: Everything, room: Room, route: str, who: str
) -> None:
    response = ask(here, route, room.path(route), who, body_of(route, room, here))

    assert response.status_code == 401
    assert SECRET not in response.text


@pytest.mark.parametrize("who", ["stranger", *NOT_SIGNED_IN])
@pytest.mark.parametrize("route", sorted(set(ROUTES) - {"catalog POST /v1/logout"}))
def test_no_route_tells_a_stranger_a_name(
    here: Everything, room: Room, route: str, who: str
) -> None:
    response = ask(here, route, room.path(route), who, body_of(route, room, here))

    assert SECRET not in response.text


@pytest.mark.parametrize("who", ["stranger", "everyone"])
@pytest.mark.parametrize("route", ["retrieve POST /v1/search", "answer POST /v1/answer"])
def test_a_question_about_everything_sees_only_what_is_the_callers(
    here: Everything, room: Room, route: str, who: str
) -> None:
    asked = {"query": SECRET, "mode": "text"}
    if route.startswith("answer"):
        asked = {"question": f"What is a {SECRET}?", "mode": "text", "stream": False}

    response = ask(here, route, room.path(route), who, asked)

    found = {each["collection_id"] for each in response.get_json()["passages"]}
    assert response.status_code == 200
    assert room.shelf.collection.collection_id not in found


@pytest.mark.parametrize("who", ["stranger", "viewer"])
@pytest.mark.parametrize(
    "tool", ["ask", "search", "list_collections", "list_documents", "read_document"]
)
def test_a_tool_of_the_mcp_server_has_the_callers_rights_and_no_others(
    here: Everything, room: Room, tool: str, who: str
) -> None:
    collection = room.shelf.collection.collection_id
    arguments: dict[str, dict[str, Any]] = {
        "ask": {"question": f"What is a {SECRET}?", "collections": [collection]},
        "search": {"query": SECRET, "mode": "text", "collections": [collection]},
        "list_documents": {"collection": collection},
        "read_document": {"document_id": room.document_id},
    }
    here.call("catalog PATCH /v1/settings", "/v1/settings", who, json={"mode": "text"})

    refused, text = use(here, tool, arguments.get(tool, {}), who)

    if who == "viewer":
        assert not refused, text
        assert SECRET in text or tool == "read_document"  # there is nothing parsed in this world
    else:
        assert refused or tool == "list_collections"
        assert SECRET not in text


@pytest.mark.parametrize("route", sorted(SIGNED))
def test_a_link_without_its_signature_opens_nothing(here: Everything, route: str) -> None:
    response = ask(here, route, "/v1/objects/uploads/c/d/1/a.txt", "anonymous", None)

    assert response.status_code == 403


def test_a_key_that_only_reads_makes_nothing(here: Everything) -> None:
    for route, body in {
        "catalog POST /v1/collections": {"name": "new"},
        "catalog POST /v1/conversations": {},
        "catalog POST /v1/assistants": {"name": "new"},
        "catalog POST /v1/api-keys": {"label": "more", "scopes": ["write"]},
    }.items():
        response = ask(here, route, route.split(" ")[2], "reader", body)

        assert response.status_code == 403, (route, response.text)


def test_a_key_that_only_reads_asks_in_its_owners_own_conversations(
    here: Everything, room: Room
) -> None:
    asked: dict[str, Any] = {"question": f"What is a {SECRET}?", "mode": "text", "stream": False}
    route = "answer POST /v1/answer"

    first = ask(here, route, "/v1/answer", "reader", asked | {"conversation_id": "new"})
    conversation_id = first.get_json()["conversation_id"]
    goes_on = ask(here, route, "/v1/answer", "reader", asked | {"conversation_id": conversation_id})
    stranger = ask(
        here, route, "/v1/answer", "stranger", asked | {"conversation_id": conversation_id}
    )
    path = f"/v1/conversations/{conversation_id}"

    assert (first.status_code, goes_on.status_code) == (200, 200), first.text
    assert stranger.status_code == 404
    assert ask(here, f"catalog GET {CONVERSATION}", path, "reader", None).status_code == 200
    for route, body in {
        f"catalog PATCH {CONVERSATION}": {"title": "mine"},
        f"catalog DELETE {CONVERSATION}": None,
    }.items():
        assert ask(here, route, path, "reader", body).status_code == 403, route


@pytest.mark.parametrize(
    ("route", "body"),
    [
        (f"catalog PATCH {DOCUMENT}", {}),
        (f"catalog PATCH {DOCUMENT}", {"tags": ["new"]}),
        (f"catalog POST {DOCUMENT}/reprocess", None),
        (f"catalog DELETE {DOCUMENT}", None),
        (f"catalog POST {DOCUMENT}/restore", None),
        (f"catalog POST {COLLECTION}/documents/bulk", {"ids": [], "action": "tag", "tags": ["x"]}),
    ],
)
def test_a_key_that_only_writes_learns_no_name_and_no_metadata(
    here: Everything, route: str, body: dict[str, Any] | None
) -> None:
    place, owner = here.room(), here.world.users["owner"].user_id
    people = here.world.needs.catalog.people
    here.secrets["writer"] = people.create_token(owner, "drop box", scopes=["write"])[1]  # type: ignore[index]
    if body is not None and "ids" in body:
        body = body | {"ids": [place.document_id]}

    response = here.call(route, place.path(route), "writer", json=body)

    assert response.status_code < 300, response.text
    assert place.document_id in response.text
    assert SECRET not in response.text
    read = f"catalog GET {DOCUMENT}"
    assert here.call(read, place.path(read), "writer").status_code == 403


def test_a_document_in_the_trash_is_out_of_everybodys_sight_but_editors(here: Everything) -> None:
    place = here.room()
    path = f"/v1/documents/{place.document_id}"
    here.call(f"catalog DELETE {DOCUMENT}", path, "editor")
    listing = f"catalog GET {COLLECTION}/documents"

    for who, status in {"viewer": 403, "reader": 403, "stranger": 404, "editor": 200}.items():
        trash = here.call(listing, place.path(listing) + "?trashed=true", who)
        assert trash.status_code == status, (who, trash.text)
        assert (place.document_id in trash.text) == (who == "editor")

    for route in sorted(each for each in READ if DOCUMENT in each):
        for who in ("owner", "administrator", "viewer"):
            assert here.call(route, place.path(route), who).status_code == 404
    found = here.call(
        "retrieve POST /v1/search",
        "/v1/search",
        "owner",
        json={"query": SECRET, "mode": "text", "collections": [place.shelf.collection.slug]},
    )
    assert found.get_json()["passages"] == []

    assert (
        here.call(f"catalog POST {DOCUMENT}/restore", f"{path}/restore", "viewer").status_code
        == 403
    )
    assert (
        here.call(f"catalog POST {DOCUMENT}/restore", f"{path}/restore", "editor").status_code
        == 200
    )

    again = here.call(
        "retrieve POST /v1/search",
        "/v1/search",
        "viewer",
        json={"query": SECRET, "mode": "text", "collections": [place.shelf.collection.slug]},
    )
    assert [each["document_id"] for each in again.get_json()["passages"]] == [place.document_id]


def use(here: Everything, tool: str, arguments: dict[str, Any], who: str) -> tuple[bool, str]:
    """Call a tool of the MCP server; return whether it was refused, and all that it said."""
    response = here.clients["answer"].post(
        "/mcp",
        json={
            "jsonrpc": "2.0",
            "id": 1,
            "method": "tools/call",
            "params": {"name": tool, "arguments": arguments},
        },
        headers={
            "Authorization": f"Bearer {here.secrets[who]}",
            "Accept": "application/json, text/event-stream",
        },
    )
    [data] = [line for line in response.text.splitlines() if line.startswith("data:")]
    result = json.loads(data.removeprefix("data:"))["result"]
    return result["isError"], json.dumps(result, ensure_ascii=False)


def ask(here: Everything, route: str, path: str, who: str, body: Any) -> Any:
    caller = "stranger" if who == "everyone" else who
    options = {} if body is None else {"json": body}
    if who == "impostor":
        here.secrets["impostor"] = "lct_wrong"  # type: ignore[index]
    return here.call(route, path, caller, **options)


def told(response: Any, room: Room) -> Any:
    """Return what an answer says, whatever it is about."""
    text = response.text or "{}"
    for known in (
        room.shelf.collection.collection_id,
        room.document_id,
        room.conversation_id,
        room.message_id,
        room.assistant_id,
    ):
        text = text.replace(known, "nothing")
    return {k: v for k, v in json.loads(text).items() if k != "trace_id"}


def body_of(route: str, room: Room | None, here: Everything) -> dict[str, Any] | None:
    """Return a valid body for the route, about what is in the room."""
    collection = room.shelf.collection.collection_id if room else "nothing"
    document_id = room.document_id if room else "nothing"
    heir = here.world.users["viewer"].user_id
    bodies: dict[str, dict[str, Any]] = {
        f"catalog POST {COLLECTION}/documents": {"name": "new.txt"},
        f"catalog POST {COLLECTION}/documents/bulk": {"ids": [document_id], "action": "delete"},
        f"catalog POST {COLLECTION}/urls": {"url": "http://127.0.0.1/"},
        f"catalog PATCH {DOCUMENT}": {"tags": ["new"]},
        f"catalog PATCH {COLLECTION}": {"name": f"{SECRET} {document_id}"},
        f"catalog PUT {COLLECTION}/grants": {"grants": []},
        f"catalog POST {COLLECTION}/owner": {"user_id": heir},
        f"catalog PATCH {COLLECTION}/settings": {"language": "ko"},
        f"catalog PATCH {CONVERSATION}": {"title": "new"},
        f"catalog POST {CONVERSATION}/share": {},
        f"catalog POST {CONVERSATION}/messages/<message_id>/feedback": {"verdict": "up"},
        "catalog POST /v1/users": {"name": "new"},
        "catalog PATCH /v1/users/<user_id>": {"display_name": "new"},
        "catalog POST /v1/groups": {"name": "new"},
        "catalog POST /v1/invitations": {},
        "answer POST /v1/models/test": {"role": "embedder"},
        "retrieve POST /v1/search": {
            "query": SECRET,
            "mode": "text",
            "collections": [collection],
            "documents": [document_id],
        },
        "answer POST /v1/answer": {
            "question": f"What is a {SECRET}?",
            "mode": "text",
            "collections": [collection],
            "stream": False,
        },
        "answer POST /v1/mind-map": {"document_id": document_id},
        "answer POST /v1/chat/completions": {
            "model": f"lectern/{collection}",
            "messages": [{"role": "user", "content": f"What is a {SECRET}?"}],
            "lectern": {"mode": "text"},
        },
    }
    known = bodies.get(route)
    return {} if known is None and route.split(" ")[1] not in {"GET", "DELETE"} else known
