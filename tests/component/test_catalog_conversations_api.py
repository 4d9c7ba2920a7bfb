"""Conversations, links, feedback and settings over HTTP, through the client."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from werkzeug.test import TestResponse

from lectern.api import (
    AnswerReply,
    AnswerUsage,
    Citation,
    ConversationChange,
    ConversationExport,
    ConversationQuery,
    ConversationRequest,
    ConversationScope,
    EvaluationCase,
    FeedbackQuery,
    FeedbackRequest,
    MessageQuery,
    UserSettings,
    UserSettingsChange,
)
from lectern.catalog.records_conversations import Breakdown, Turn
from lectern.client import Lectern
from lectern.documents import new_id
from lectern.errors import Forbidden, InvalidRequest, NotFound, Unauthorized
from tests.component.catalog_world import Shelf, World, running_world
from tests.provider.retrieve import passage

QUOTE = "Hotels may cost up to 140 euros a night."
NAME = "travel rules.pdf"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with running_world(tmp_path_factory.mktemp("conversations")) as world:
        yield world


@dataclass(frozen=True)
class Reader:
    """Somebody with a client, whose answers rest on a collection of the owner's."""

    world: World
    who: str
    lectern: Lectern
    shelf: Shelf

    @property
    def user_id(self) -> str:
        return self.world.users[self.who].user_id

    def told(self, question: str = "What is the limit?", **where: Any) -> Turn:
        conversations = self.world.needs.catalog.conversations
        turn = conversations.begin_turn(self.user_id, question, **where)
        reply = reply_of(self.shelf.collection.collection_id, self.document_id())
        assert conversations.finish_turn(
            turn, state="complete", text=reply.answer, reply=reply.model_dump(mode="json")
        )
        return turn

    def document_id(self) -> str:
        """Return the document that answers quote; it is made at the first call."""
        documents, place = self.world.needs.catalog.documents, self.shelf.collection
        found = documents.find(place.collection_id, NAME)
        if found is not None:
            return found.document_id
        reserved = documents.reserve(place.collection_id, place.owner_id, NAME)
        documents.confirm(reserved.document_id, 1, size_bytes=1, sha256=place.collection_id)
        return reserved.document_id


def reply_of(collection_id: str, document_id: str = "d1") -> AnswerReply:
    found = passage(
        QUOTE, number=3, name=NAME, collection_id=collection_id, document_id=document_id
    )
    answer = f"The documents say:\n\n> “{QUOTE}” [1]\n\nSee {NAME}."
    start = answer.index(QUOTE)
    citation = Citation(
        number=1,
        answer_start=start,
        answer_end=start + len(QUOTE),
        chunk_id=found.chunk_id,
        collection_id=collection_id,
        document_id=found.document_id,
        document_name=NAME,
        revision=1,
        page_number=3,
        quote=QUOTE,
        quote_start=0,
        quote_end=len(QUOTE),
        boxes=found.boxes,
        supported=True,
        support=0.9,
    )
    usage = AnswerUsage(model="", model_calls=0, prompt_tokens=0, completion_tokens=0)
    return AnswerReply(
        answer=answer,
        kind="extractive",
        found=True,
        citations=[citation],
        passages=[found],
        usage=usage,
        timings_ms={"total": 3.0},
        warnings=[],
    )


def lectern_of(world: World, secret: str) -> Lectern:
    transport = httpx.WSGITransport(world.client.application)
    return Lectern("http://localhost", secret, transport=transport)


def reader(world: World, who: str, shelf: Shelf) -> Reader:
    return Reader(world, who, lectern_of(world, world.secrets.get(who, "")), shelf)


@pytest.fixture
def shelf(world: World) -> Shelf:
    return world.shelf()


@pytest.fixture
def viewer(world: World, shelf: Shelf) -> Reader:
    return reader(world, "viewer", shelf)


@pytest.fixture
def admin(world: World, shelf: Shelf) -> Reader:
    people = world.needs.catalog.people
    boss = people.create_user(f"boss {new_id()}", is_admin=True)
    _, secret = people.create_token(boss.user_id, "test")
    return Reader(world, "owner", lectern_of(world, secret), shelf)


def test_a_conversation_is_made_found_changed_and_removed(viewer: Reader) -> None:
    conversations = viewer.lectern.conversations
    scope = ConversationScope(collections=[viewer.shelf.collection.slug], documents=["d1"])

    made = conversations.create(ConversationRequest(title="Hotels", scope=scope))
    changed = conversations.change(
        made.conversation_id, ConversationChange(title="Inns", pinned=True)
    )

    assert made.scope.collections == [viewer.shelf.collection.collection_id]
    assert (changed.title, changed.pinned, changed.scope) == ("Inns", True, made.scope)
    assert conversations.get(made.conversation_id) == changed
    assert conversations.list(ConversationQuery(query="inns")).conversations == [changed]
    conversations.delete(made.conversation_id)
    with pytest.raises(NotFound):
        conversations.get(made.conversation_id)


def test_a_scope_that_is_not_the_callers_is_refused(world: World, shelf: Shelf) -> None:
    stranger = reader(world, "stranger", shelf)
    scope = ConversationScope(collections=[shelf.collection.slug])

    with pytest.raises(NotFound):
        stranger.lectern.conversations.create(ConversationRequest(scope=scope))


def test_messages_come_whole_with_siblings_and_positions(viewer: Reader) -> None:
    first = viewer.told()
    there = first.conversation_id
    viewer.told("And in Seoul?", conversation_id=there)
    edited = viewer.told("And in Busan?", conversation_id=there, parent_id=first.answer_id)
    conversations = viewer.lectern.conversations

    everything = conversations.messages(there)
    last = conversations.messages(there, MessageQuery(limit=1))
    back = conversations.select(there, everything.messages[2].siblings[0])

    assert [m.role for m in everything.messages] == ["question", "answer"] * 2
    assert (everything.messages[2].text, everything.messages[2].position) == ("And in Busan?", 2)
    assert everything.messages[1].answer == reply_of(
        viewer.shelf.collection.collection_id, viewer.document_id()
    )
    assert (last.messages[0].message_id, last.earlier) == (edited.answer_id, 3)
    assert back.messages[2].text == "And in Seoul?"
    assert all(message.withheld == 0 for message in everything.messages)


def test_what_a_reader_lost_is_blank_in_stored_answers_and_said(
    world: World, viewer: Reader
) -> None:
    turn = viewer.told()
    shared = viewer.lectern.conversations.share(turn.conversation_id)
    world.needs.catalog.collections.set_member(
        viewer.shelf.collection.collection_id, viewer.user_id, None
    )

    answer = viewer.lectern.conversations.messages(turn.conversation_id).messages[1]
    texts = (
        answer.model_dump_json(),
        viewer.lectern.conversations.export(turn.conversation_id).decode(),
        viewer.lectern.conversations.export(turn.conversation_id, "json").decode(),
        viewer.lectern.conversations.shared(shared.secret or "").model_dump_json(),
    )

    assert answer.withheld == 1
    assert answer.text.startswith("███ █████████ ███:\n\n> “██████ ███ ████")
    assert answer.answer is not None
    assert len(answer.text) == len(reply_of("").answer)
    for text in texts:
        assert "140 euros" not in text
        assert "travel rules" not in text
        assert viewer.shelf.collection.collection_id not in text
    assert "can no longer read" in texts[1]


def test_a_reader_who_gets_access_back_sees_everything_again(world: World, viewer: Reader) -> None:
    turn, members = viewer.told(), world.needs.catalog.collections
    there = (viewer.shelf.collection.collection_id, viewer.user_id)
    members.set_member(*there, None)
    members.set_member(*there, "viewer")

    answer = viewer.lectern.conversations.messages(turn.conversation_id).messages[1]

    assert (answer.withheld, QUOTE in answer.text) == (0, True)


def test_an_answer_of_another_version_is_said_to_be_one(world: World, viewer: Reader) -> None:
    conversations = world.needs.catalog.conversations
    turn = conversations.begin_turn(viewer.user_id, "What is the limit?")
    conversations.finish_turn(turn, state="complete", text="secret", reply={"from": "tomorrow"})

    answer = viewer.lectern.conversations.messages(turn.conversation_id).messages[1]

    assert (answer.text, answer.answer) == ("", None)
    assert answer.failure is not None
    assert answer.failure.code == "answer_of_another_version"


def test_a_conversation_is_exported_to_be_read_and_to_be_processed(viewer: Reader) -> None:
    turn = viewer.told("What is\nthe limit?")
    conversations = viewer.lectern.conversations
    viewer.told("What is\nthe limit?", conversation_id=turn.conversation_id, parent_id="")
    failed = viewer.world.needs.catalog.conversations.begin_turn(
        viewer.user_id, "And now?", conversation_id=turn.conversation_id
    )
    viewer.world.needs.catalog.conversations.finish_turn(
        failed,
        state="failed",
        text="",
        reply=reply_of("x").model_copy(update={"citations": []}).model_dump(mode="json"),
        failure=Breakdown("stream_broken", "it broke"),
    )

    markdown = conversations.export(turn.conversation_id).decode()
    export = ConversationExport.model_validate_json(
        conversations.export(turn.conversation_id, "json")
    )

    assert markdown.startswith(
        "# What is the limit?\n\n## What is the limit?\n\nThe documents say:"
    )
    assert f"\nSources:\n\n- [1] {NAME}, page 3\n" in markdown
    assert "*(This answer broke off.)*" in markdown
    assert len(export.messages) == 6
    assert export.active_id == failed.answer_id
    response = viewer.world.call(
        "GET", f"/v1/conversations/{turn.conversation_id}/export?format=json", "viewer"
    )
    assert response.headers["Content-Disposition"].startswith("attachment;")


def test_a_link_opens_without_signing_in_and_shows_no_id(world: World, viewer: Reader) -> None:
    turn = viewer.told()
    made = viewer.lectern.conversations.share(turn.conversation_id, expires_in_days=7)
    stranger = lectern_of(world, "")

    shown = stranger.conversations.shared(made.secret or "")
    response = world.call("GET", f"/v1/shared/{made.secret}", "anonymous")

    assert [m.role for m in shown.messages] == ["question", "answer"]
    [source] = shown.messages[1].sources
    assert (source.document_name, source.page_number, source.quote) == (NAME, 3, QUOTE)
    assert response.headers["X-Robots-Tag"].startswith("noindex")
    assert response.headers["Cache-Control"] == "private, no-store"
    for hidden in (
        turn.conversation_id,
        turn.answer_id,
        viewer.shelf.collection.collection_id,
        viewer.user_id,
        "d1.1.0001",
    ):
        assert hidden not in response.text
    conversation = viewer.lectern.conversations.get(turn.conversation_id)
    assert conversation.share is not None
    assert conversation.share.secret is None
    assert conversation.share.expires_at == made.expires_at


@pytest.mark.parametrize("final", [True, False])
def test_a_link_does_not_go_on_publishing_a_deleted_document(
    world: World, viewer: Reader, *, final: bool
) -> None:
    turn = viewer.told()
    made = viewer.lectern.conversations.share(turn.conversation_id)
    documents, document_id = world.needs.catalog.documents, viewer.document_id()
    if final:
        documents.request_deletion(document_id)
    else:
        documents.trash(document_id, undo_s=60)

    shown = lectern_of(world, "").conversations.shared(made.secret or "")

    text = shown.model_dump_json()
    assert QUOTE not in text
    assert NAME not in text
    assert [m.role for m in shown.messages] == ["question", "answer"]


def test_a_revoked_link_opens_nothing(world: World, viewer: Reader) -> None:
    turn = viewer.told()
    secret = viewer.lectern.conversations.share(turn.conversation_id).secret or ""

    viewer.lectern.conversations.unshare(turn.conversation_id)

    for gone in (secret, "never-made"):
        with pytest.raises(NotFound):
            lectern_of(world, "").conversations.shared(gone)
    assert viewer.lectern.conversations.get(turn.conversation_id).share is None


def test_a_flood_of_openings_from_one_address_is_slowed_down(world: World) -> None:
    def opened_from(address: str) -> TestResponse:
        return world.call(
            "GET", "/v1/shared/guess", "anonymous", environ_base={"REMOTE_ADDR": address}
        )

    flood = [opened_from("203.0.113.9") for _ in range(80)]

    assert flood[0].status_code == 404
    assert flood[-1].status_code == 429
    assert int(flood[-1].headers["Retry-After"]) > 0
    assert opened_from("203.0.113.10").status_code == 404


def test_feedback_reaches_administrators_and_nobody_else(viewer: Reader, admin: Reader) -> None:
    turn = viewer.told()
    there = (turn.conversation_id, turn.answer_id)
    given = FeedbackRequest(verdict="down", reasons=["incorrect"], comment="it is 150")

    viewer.lectern.conversations.give_feedback(*there, given)

    entry = next(
        each
        for each in admin.lectern.feedback.all(FeedbackQuery(limit=1, verdict="down"))
        if each.message_id == turn.answer_id
    )
    assert (entry.question, entry.comment) == ("What is the limit?", "it is 150")
    assert entry.user_name == "viewer"
    assert entry.chunk_ids == ["d1.1.0001.00003"]
    cases = [
        EvaluationCase.model_validate(json.loads(line))
        for line in admin.lectern.feedback.export().decode().splitlines()
    ]
    assert any(case.cited_chunk_ids == entry.chunk_ids for case in cases)
    message = viewer.lectern.conversations.messages(turn.conversation_id).messages[1]
    assert message.feedback is not None
    assert message.feedback.reasons == ["incorrect"]
    for refused in (viewer.lectern.feedback.list, viewer.lectern.feedback.export):
        with pytest.raises(Forbidden):
            refused()
    with pytest.raises(NotFound):
        admin.lectern.conversations.get(turn.conversation_id)
    viewer.lectern.conversations.retract_feedback(*there)
    again = viewer.lectern.conversations.messages(turn.conversation_id).messages[1]
    assert again.feedback is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"verdict": "maybe"},
        {"verdict": "down", "reasons": ["because"]},
        {"verdict": "up", "comment": "x" * 2001},
    ],
)
def test_feedback_has_its_forms(viewer: Reader, wrong: dict[str, Any]) -> None:
    turn = viewer.told()
    path = f"/v1/conversations/{turn.conversation_id}/messages/{turn.answer_id}/feedback"

    response = viewer.world.call("POST", path, "viewer", json=wrong)

    assert response.status_code == 400


def test_settings_change_and_return_to_their_defaults(viewer: Reader) -> None:
    settings = viewer.lectern.settings
    assert settings.reset().changed == []

    changed = settings.change(UserSettingsChange(top_k=12, theme="dark", mode="hybrid"))
    back = settings.change(UserSettingsChange(top_k=8))

    assert (changed.settings.top_k, changed.changed) == (12, ["top_k", "theme"])
    assert back.changed == ["theme"]
    assert back == settings.get()
    assert settings.reset().settings == UserSettings() == back.defaults
    with pytest.raises(InvalidRequest):
        raise_for(viewer.world.call("PATCH", "/v1/settings", "viewer", json={"top_k": 99}))


def raise_for(response: Any) -> None:
    assert response.status_code == 400
    raise InvalidRequest(response.get_json()["detail"])


OWN = "/v1/conversations/{conversation}"
ROUTES = [
    ("GET", OWN, None),
    ("PATCH", OWN, {"title": "x"}),
    ("DELETE", OWN, None),
    ("GET", f"{OWN}/messages", None),
    ("POST", f"{OWN}/messages/{{message}}/select", None),
    ("GET", f"{OWN}/export", None),
    ("POST", f"{OWN}/share", {}),
    ("DELETE", f"{OWN}/share", None),
    ("POST", f"{OWN}/messages/{{message}}/feedback", {"verdict": "up"}),
]


@pytest.mark.parametrize(("method", "path", "body"), ROUTES)
def test_somebody_elses_conversation_does_not_exist_for_anybody(
    viewer: Reader, admin: Reader, method: str, path: str, body: dict[str, Any] | None
) -> None:
    turn = viewer.told()
    there = path.format(conversation=turn.conversation_id, message=turn.answer_id)
    gone = path.format(conversation="gone", message="gone")
    own = admin.lectern.conversations.create().conversation_id
    foreign_message = path.format(conversation=own, message=turn.answer_id)

    def statuses(path: str) -> set[int]:
        secrets = ("owner", "editor", "stranger")
        answers = {viewer.world.call(method, path, who, json=body).status_code for who in secrets}
        connection = admin.lectern._connection
        try:
            with connection.open("catalog", method, path, json=body):
                return answers | {200}
        except NotFound:
            return answers | {404}

    assert statuses(there) == statuses(gone) == {404}
    if "{message}" in path:
        assert 404 in statuses(foreign_message)
    assert viewer.world.call(method, there, "anonymous", json=body).status_code == 401
    assert viewer.lectern.conversations.get(turn.conversation_id).share is None
    kept = viewer.lectern.conversations.messages(turn.conversation_id).messages
    assert len(kept) == 2


def test_a_key_that_may_only_read_changes_nothing(world: World, viewer: Reader) -> None:
    turn = viewer.told()
    key = viewer.lectern.api_keys.create("reading", scopes=["read"])
    reading = lectern_of(world, key.secret or "")

    assert reading.conversations.messages(turn.conversation_id).messages
    for refused in (
        lambda: reading.conversations.delete(turn.conversation_id),
        lambda: reading.conversations.share(turn.conversation_id),
        reading.settings.reset,
    ):
        with pytest.raises(Forbidden):
            refused()


@pytest.mark.parametrize("path", ["/v1/conversations", "/v1/settings", "/v1/feedback"])
def test_nobody_gets_in_without_a_token(world: World, path: str) -> None:
    with pytest.raises(Unauthorized):
        lectern_of(world, "wrong")._connection.send("catalog", "GET", path)


def test_sharing_is_in_the_audit_log_without_its_secret(viewer: Reader, admin: Reader) -> None:
    turn = viewer.told()
    secret = viewer.lectern.conversations.share(turn.conversation_id).secret or ""
    viewer.lectern.conversations.unshare(turn.conversation_id)

    entries, _ = viewer.world.needs.catalog.audit.list(subject=turn.conversation_id)

    assert [entry.action for entry in entries] == [
        "conversation.unshared",
        "conversation.shared",
    ]
    assert secret not in str(entries)
