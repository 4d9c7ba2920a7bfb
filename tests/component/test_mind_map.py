"""Mind maps through the whole answer function: scripted model and documents, real HTTP."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from werkzeug.test import TestResponse

from lectern.api import (
    ChunkList,
    ChunkReply,
    MindMapReply,
    Passage,
    SubjectList,
    SubjectReply,
)
from tests.component.test_answer_conversations import Asking
from tests.component.test_answer_conversations import start as start  # noqa: PLC0414 - a fixture
from tests.component.test_answer_reasoning import OFFICES
from tests.provider.chat import Script, ScriptedChat, refusal
from tests.provider.retrieve import ScriptedRetrieve, passage

DESKS = "The Lisbon office has 120 desks."
QUESTION = "Which office has the most desks?"
DRAWN = {
    "title": "ignored",
    "branches": [
        {
            "title": "Desks",
            "passages": [1],
            "children": [{"title": "120 in Lisbon", "passages": [1]}],
        },
        {"title": "Made up", "passages": [77], "children": [{"title": "Nowhere", "passages": []}]},
    ],
}

Start = Callable[..., Asking]


@pytest.fixture
def retrieve() -> Iterator[ScriptedRetrieve]:
    found = passage(DESKS, number=2, heading_path=["Offices"], name="offices.pdf")
    with ScriptedRetrieve((found,)).running() as running:
        path = "/catalog/v1/documents/d1"
        chunks = [chunk(1, "Welcome", "Introduction"), chunk(2, DESKS, "Offices")]
        running.pages[path] = OFFICES.model_copy(update={"chunks": len(chunks)})
        running.pages[f"{path}/chunks"] = ChunkList(chunks=chunks)
        running.pages[f"{path}/subjects"] = SubjectList(
            subjects=[
                SubjectReply(
                    name="Lisbon",
                    kind="name",
                    definition="",
                    chunk_ids=["d1.1.0001.00002"],
                    mentioned_in=[],
                )
            ]
        )
        yield running


@pytest.fixture
def provider() -> Iterator[ScriptedChat]:
    with ScriptedChat(Script(text=json.dumps(DRAWN))).running() as running:
        yield running


def chunk(number: int, text: str, heading: str) -> ChunkReply:
    return ChunkReply(
        chunk_id=f"d1.1.0001.{number:05d}",
        page_number=number,
        kind="text",
        text=text,
        heading_path=[heading],
        char_start=0,
        char_end=len(text),
        boxes=[],
    )


def post(asking: Asking, **body: Any) -> TestResponse:
    return asking.client.post(
        "/v1/mind-map", json=body, headers={"Authorization": f"Bearer {asking.secret}"}
    )


def mapped(asking: Asking, **body: Any) -> MindMapReply:
    response = post(asking, **body)
    assert response.status_code == 200, response.text
    return MindMapReply.model_validate_json(response.data)


def test_without_a_model_a_document_is_drawn_by_its_headings_and_subjects(start: Start) -> None:
    reply = mapped(start(), document_id="d1")

    assert (reply.kind, reply.root.title) == ("outline", "offices.pdf")
    introduction, offices = reply.root.children
    assert (introduction.title, offices.title) == ("Introduction", "Offices")
    assert [child.title for child in offices.children] == ["Lisbon"]
    assert (offices.places[0].page_number, offices.places[0].document_id) == (2, "d1")
    assert reply.usage.model_calls == 0


def test_a_model_draws_and_what_rests_on_no_passage_is_left_out(
    start: Start, provider: ScriptedChat
) -> None:
    kim = start(provider)

    reply = mapped(kim, document_id="d1")

    assert reply.kind == "generated"
    [branch] = reply.root.children
    assert (branch.title, branch.places[0].page_number) == ("Desks", 1)
    assert branch.children[0].title == "120 in Lisbon"
    assert DESKS in provider.requests[0].prompt
    assert "</passage>" not in DESKS
    assert reply.usage.model == "small"


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(refusal(401), id="refused"),
        pytest.param(Script(text="no map today"), id="no JSON"),
        pytest.param(Script(text='{"title": "x", "branches": []}'), id="empty"),
    ],
)
def test_where_the_model_fails_the_outline_stands_in_and_says_so(
    start: Start, provider: ScriptedChat, script: Script
) -> None:
    provider.play(script)

    reply = mapped(start(provider), document_id="d1")

    assert reply.kind == "outline"
    assert [notice.code for notice in reply.warnings] == ["mind_map_model_failed"]
    assert reply.root.children


def test_an_answer_is_drawn_from_what_it_cites(start: Start) -> None:
    kim = start()
    answer = kim.whole(question=QUESTION, conversation_id="new")

    reply = mapped(kim, conversation_id=answer.conversation_id, message_id=answer.message_id)

    assert reply.root.title == QUESTION
    titles = [child.title for child in reply.root.children]
    assert titles == [DESKS, "Lisbon"]
    assert reply.root.children[0].places[0].number == 1


def test_an_answer_of_somebody_else_does_not_exist(start: Start) -> None:
    kim = start()
    answer = kim.whole(question=QUESTION, conversation_id="new")
    lee = kim.catalog.people.create_user("lee")
    _, secret = kim.catalog.people.create_token(lee.user_id, "test")
    as_lee = Asking(kim.client, kim.catalog, lee, secret)

    response = post(as_lee, conversation_id=answer.conversation_id, message_id=answer.message_id)

    assert response.status_code == 404


def test_what_may_not_be_read_any_more_is_not_in_the_map(
    start: Start, retrieve: ScriptedRetrieve
) -> None:
    kim = start()
    answer = kim.whole(question=QUESTION, conversation_id="new")
    kim.catalog.collections.delete(retrieve.passages[0].collection_id)

    response = post(kim, conversation_id=answer.conversation_id, message_id=answer.message_id)

    assert response.status_code == 400
    assert response.json is not None
    assert response.json["code"] == "nothing_to_map"
    assert DESKS not in response.text


def test_passages_are_drawn_if_their_collection_may_be_read(
    start: Start, retrieve: ScriptedRetrieve
) -> None:
    kim = start()
    [readable] = retrieve.passages
    foreign = readable.model_copy(update={"collection_id": "not-mine"})

    reply = mapped(kim, passages=[dumped(readable)], title="Desks")

    assert [child.title for child in reply.root.children] == ["Lisbon"]
    assert post(kim, passages=[dumped(foreign)]).status_code == 404


@pytest.mark.parametrize(
    "body",
    [{}, {"message_id": "m"}, {"document_id": "d", "conversation_id": "c", "message_id": "m"}],
)
def test_what_to_draw_has_to_be_said_once(start: Start, body: dict[str, str]) -> None:
    assert post(start(), **body).status_code == 400


def dumped(given: Passage) -> dict[str, Any]:
    return given.model_dump(mode="json")
