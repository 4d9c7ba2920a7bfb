"""Assistants over HTTP: saving them, asking them, and whose rights count."""

from typing import Any

import pytest

from tests.component.rights_world import SECRET, Everything, Room, running_everything

ALL, ONE = "catalog POST /v1/assistants", "catalog GET /v1/assistants/<assistant>"
ASK = "answer POST /v1/answer"


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with running_everything(tmp_path_factory.mktemp("home")) as everything:
        yield everything


@pytest.fixture(scope="module")
def room(here: Everything) -> Room:
    return here.room()


def saved(here: Everything, who: str = "owner", **fields: Any) -> dict[str, Any]:
    response = here.call(ALL, "/v1/assistants", who, json={"name": "Desk"} | fields)
    assert response.status_code == 201, response.text
    return dict(response.get_json())


def ask(here: Everything, who: str, **fields: Any) -> Any:
    asked = {"question": f"What is a {SECRET}?", "mode": "text", "stream": False}
    return here.call(ASK, "/v1/answer", who, json=asked | fields)


def searched(response: Any) -> set[str]:
    assert response.status_code == 200, response.text
    return {each["collection_id"] for each in response.get_json()["passages"]}


def test_a_shared_assistant_is_asked_with_the_askers_own_rights(
    here: Everything, room: Room
) -> None:
    collection = room.shelf.collection.collection_id
    made = saved(here, shared=True, collections=[collection])

    assert searched(ask(here, "viewer", assistant=made["slug"])) == {collection}
    refused = ask(here, "stranger", assistant=made["slug"])
    assert (refused.status_code, refused.get_json()["code"]) == (404, "assistant_collections")
    assert SECRET not in refused.text

    path = f"/v1/assistants/{made['slug']}"
    seen = here.call(ONE, path, "stranger").get_json()
    assert (seen["collections"], seen["unreadable"], seen["own"]) == ([], 1, False)


def test_an_assistant_asks_its_collections_alone_unless_the_question_says_otherwise(
    here: Everything, room: Room
) -> None:
    other = here.room()
    collections = [each.shelf.collection.collection_id for each in (room, other)]
    made = saved(here, collections=collections[:1])

    assert searched(ask(here, "owner", assistant=made["assistant_id"])) == {collections[0]}
    elsewhere = ask(here, "owner", assistant=made["slug"], collections=collections[1:])
    assert searched(elsewhere) == {collections[1]}


def test_what_is_not_the_makers_to_read_cannot_be_saved(here: Everything, room: Room) -> None:
    body = {"name": "Spy", "collections": [room.shelf.collection.collection_id]}

    refused = here.call(ALL, "/v1/assistants", "stranger", json=body)

    assert refused.status_code == 404
    assert SECRET not in refused.text


@pytest.mark.parametrize(("who", "status"), [("viewer", 403), ("administrator", 200)])
def test_a_shared_assistant_is_changed_by_its_owner_or_an_administrator(
    here: Everything, who: str, status: int
) -> None:
    made = saved(here, shared=True)
    path = f"/v1/assistants/{made['slug']}"

    changed = here.call(
        "catalog PATCH /v1/assistants/<assistant>", path, who, json={"description": "x"}
    )
    deleted = here.call("catalog DELETE /v1/assistants/<assistant>", path, who)

    assert changed.status_code == status
    assert deleted.status_code == (403 if status == 403 else 204)


def test_a_change_keeps_what_it_leaves_out(here: Everything, room: Room) -> None:
    collection = room.shelf.collection.collection_id
    manner = {"reasoning": "react", "tools": ["search"], "answer_style": "Briefly."}
    made = saved(here, collections=[collection], manner=manner)
    path = f"/v1/assistants/{made['slug']}"

    changed = here.call(
        "catalog PATCH /v1/assistants/<assistant>", path, "owner", json={"name": "Desk 2"}
    ).get_json()

    assert (changed["name"], changed["collections"]) == ("Desk 2", [collection])
    assert changed["manner"] == made["manner"]
    assert {key: changed["manner"][key] for key in manner} == manner


def test_a_change_keeps_collections_that_its_owner_may_no_longer_read(
    here: Everything, room: Room
) -> None:
    lost = room.shelf.collection.collection_id
    catalog, stranger = here.world.needs.catalog, here.world.users["stranger"].user_id
    mine = catalog.collections.create("Own", stranger).collection_id
    made = catalog.assistants.create(stranger, "Desk", collections=[lost], manner={})

    response = here.call(
        "catalog PATCH /v1/assistants/<assistant>",
        f"/v1/assistants/{made.slug}",
        "stranger",
        json={"collections": [mine]},
    )

    assert (response.get_json()["collections"], response.get_json()["unreadable"]) == ([mine], 1)
    kept = catalog.assistants.get(stranger, made.slug)
    assert kept is not None
    assert kept.collections == (lost, mine)


def test_a_conversation_goes_on_with_its_assistant_and_without_one_that_is_gone(
    here: Everything, room: Room
) -> None:
    other = here.room()
    collection = other.shelf.collection.collection_id
    made = saved(here, collections=[collection])
    first = ask(here, "owner", assistant=made["slug"], conversation_id="new")
    conversation = first.get_json()["conversation_id"]

    second = ask(here, "owner", conversation_id=conversation)
    assert searched(first) == searched(second) == {collection}

    here.call(
        "catalog DELETE /v1/assistants/<assistant>", f"/v1/assistants/{made['slug']}", "owner"
    )
    third = ask(here, "owner", conversation_id=conversation)
    assert third.status_code == 200
    assert "assistant_gone" in [each["code"] for each in third.get_json()["warnings"]]


def test_an_assistant_is_a_model_of_the_openai_api(here: Everything, room: Room) -> None:
    collection = room.shelf.collection.collection_id
    made = saved(here, name="Instruments", collections=[collection], shared=True)
    models, chat = "answer GET /v1/models", "answer POST /v1/chat/completions"
    body = {
        "model": made["model"],
        "messages": [{"role": "user", "content": f"What is a {SECRET}?"}],
        "lectern": {"mode": "text"},
    }

    listed = here.call(models, "/v1/models", "viewer").get_json()["data"]
    card = here.call(
        "answer GET /v1/models/<path:model>", f"/v1/models/{made['model']}", "viewer"
    ).get_json()
    said = here.call(chat, "/v1/chat/completions", "viewer", json=body)
    refused = here.call(chat, "/v1/chat/completions", "stranger", json=body)

    assert made["model"] in [each["id"] for each in listed]
    assert (card["id"], card["name"]) == (made["model"], "Instruments")
    assert SECRET in said.get_json()["choices"][0]["message"]["content"]
    assert refused.status_code == 404
    unknown = here.call(
        chat, "/v1/chat/completions", "viewer", json=body | {"model": "assistant/x"}
    )
    assert unknown.get_json()["error"]["code"] == "model_not_found"
