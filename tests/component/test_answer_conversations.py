"""Answers that are stored: whole, stopped and broken ones, follow-ups, retries and settings."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import functions_framework
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from functions.answer.wiring import dependencies
from lectern.api import AnswerReply
from lectern.catalog import migrate, open_catalog
from lectern.catalog.port import Catalog
from lectern.catalog.records import User
from lectern.catalog.records_conversations import Message
from lectern.client.answers import events_of
from lectern.errors import TransientError
from lectern.settings import Settings
from tests.provider.chat import Script, ScriptedChat, calling
from tests.provider.retrieve import ScriptedRetrieve, passage

DAYS = "Travel.\n\nEmployees may book hotels up to 140 euros a night.\nReceipts are due in 30 days."
QUESTION = "How much may a hotel cost a night?"


@dataclass(frozen=True)
class Asking:
    """The running function and somebody who asks it."""

    client: FlaskClient
    catalog: Catalog
    user: User
    secret: str

    def post(self, *, buffered: bool = True, **body: Any) -> TestResponse:
        return self.client.post(
            "/v1/answer",
            json={"question": QUESTION} | body,
            headers={"Authorization": f"Bearer {self.secret}"},
            buffered=buffered,
        )

    def whole(self, **body: Any) -> AnswerReply:
        response = self.post(stream=False, **body)
        assert response.status_code == 200, response.text
        return AnswerReply.model_validate_json(response.data)

    def events(self, **body: Any) -> list[tuple[str, dict[str, Any]]]:
        return [(event.event, event.data) for event in events_of([self.post(**body).data])]

    def branch(self, conversation_id: str) -> list[Message]:
        found, _ = self.catalog.conversations.branch(self.user.user_id, conversation_id, limit=100)
        return list(found)

    def only_branch(self) -> list[Message]:
        [only], _ = self.catalog.conversations.list(self.user.user_id)
        return self.branch(only.conversation_id)


@pytest.fixture
def retrieve() -> Iterator[ScriptedRetrieve]:
    with ScriptedRetrieve((passage(DAYS, number=3),)).running() as running:
        yield running


@pytest.fixture
def provider() -> Iterator[ScriptedChat]:
    text = "Hotels may cost up to 140 euros a night [1]."
    with ScriptedChat(Script(text=text)).running() as running:
        yield running


@pytest.fixture
def start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, retrieve: ScriptedRetrieve
) -> Iterator[Callable[..., Asking]]:
    def with_settings(provider: ScriptedChat | None = None) -> Asking:
        monkeypatch.setenv("LECTERN_HOME", str(tmp_path))
        monkeypatch.setenv("LECTERN_FUNCTION_URL", retrieve.url + "/{function}")
        if provider is not None:
            monkeypatch.setenv("LECTERN_CHAT_URL", provider.url)
            monkeypatch.setenv("LECTERN_CHAT_MODEL", "small")
        migrate(Settings())
        catalog = open_catalog(Settings())
        user = catalog.people.create_user("kim")
        _, secret = catalog.people.create_token(user.user_id, "test")
        readable = {"collection_id": _travel(catalog, user)}
        retrieve.passages = tuple(p.model_copy(update=readable) for p in retrieve.passages)
        dependencies.cache_clear()
        source = Path(__file__).parents[2] / "functions" / "answer" / "main.py"
        client = functions_framework.create_app("answer", str(source)).test_client()
        return Asking(client, catalog, user, secret)

    yield with_settings
    dependencies.cache_clear()
    open_catalog(Settings()).close()
    open_catalog.cache_clear()


def _travel(catalog: Catalog, user: User) -> str:
    return catalog.collections.ensure("Travel", user.user_id).collection_id


Start = Callable[..., Asking]


def test_without_a_conversation_nothing_is_stored(start: Start) -> None:
    kim = start()

    reply = kim.whole()

    assert (reply.conversation_id, reply.message_id) == ("", "")
    assert kim.catalog.conversations.list(kim.user.user_id) == ([], "")


def test_a_new_conversation_holds_question_and_answer_and_done_says_where(start: Start) -> None:
    kim = start()

    events = kim.events(conversation_id="new")

    name, told = events[0]
    assert (name, told["step"]) == ("status", "stored")
    reply = AnswerReply.model_validate(events[-1][1])
    question, answer = kim.branch(reply.conversation_id)
    assert (question.text, question.message_id) == (QUESTION, reply.question_id)
    assert (answer.text, answer.message_id) == (reply.answer, reply.message_id)
    assert answer.state == "complete"
    assert answer.reply == reply.model_dump(mode="json")
    assert told == {
        "step": "stored",
        "conversation_id": reply.conversation_id,
        "question_id": reply.question_id,
        "message_id": reply.message_id,
    }


LONG = (
    "We travel to Seoul in spring with four colleagues and two guests of ours, and so I would like "
    "to know how much a hotel may cost a night for each of us?"
)


@pytest.mark.parametrize(
    ("behind", "title"),
    [
        pytest.param("CONVERSATION_TITLE: Hotel cost in Seoul", "Hotel cost in Seoul", id="named"),
        pytest.param(
            "FOLLOW_UPS\nWhen are receipts due?\n**CONVERSATION_TITLE:** Hotel cost.",
            "Hotel cost",
            id="behind questions",
        ),
        pytest.param("CONVERSATION_TITLE: Secret of passage", "", id="not of the question"),
        pytest.param("CONVERSATION_TITLE: hotel https://evil.example", "", id="address"),
        pytest.param("CONVERSATION_TITLE:", "", id="empty"),
    ],
)
def test_a_long_first_question_is_named_by_the_answers_own_call(
    start: Start, behind: str, title: str
) -> None:
    said = f"Hotels may cost up to 140 euros a night [1].\n{behind}"
    with ScriptedChat(Script(text=said)).running() as provider:
        kim = start(provider)

        reply = kim.whole(question=LONG, conversation_id="new")

        [named], _ = kim.catalog.conversations.list(kim.user.user_id)
        assert reply.answer == "Hotels may cost up to 140 euros a night [1]."
        assert reply.title == title
        assert named.title == title or (not title and named.title.endswith("…"))
        assert len(provider.requests) == 1


def test_a_short_question_is_its_own_title(start: Start, provider: ScriptedChat) -> None:
    kim = start(provider)

    kim.whole(conversation_id="new")

    [named], _ = kim.catalog.conversations.list(kim.user.user_id)
    assert named.title == QUESTION
    assert "CONVERSATION_TITLE" not in provider.requests[0].prompt


def test_what_the_model_thought_is_streamed_and_kept_apart_from_the_answer(start: Start) -> None:
    script = Script(text="Up to 140 euros [1].", reasoning=("Let me ", "see."))
    with ScriptedChat(script).running() as provider:
        kim = start(provider)

        events = kim.events(conversation_id="new")

    thought = [data["text"] for name, data in events if data.get("step") == "thinking"]
    reply = AnswerReply.model_validate(events[-1][1])
    assert "".join(thought) == reply.reasoning == "Let me see."
    assert reply.answer == "Up to 140 euros [1]."
    _, answer = kim.only_branch()
    assert answer.reply is not None
    assert answer.reply["reasoning"] == "Let me see."


def test_the_question_is_stored_before_the_answer_begins(
    start: Start, retrieve: ScriptedRetrieve
) -> None:
    kim = start()
    retrieve.delay = threading.Event()

    with ThreadPoolExecutor(1) as pool:
        asking = pool.submit(kim.whole, conversation_id="new", request_id="r1")
        while not retrieve.requests:
            assert not asking.done()
        [question] = kim.only_branch()
        retrieve.delay.set()
        asking.result()

    assert question.text == QUESTION
    assert len(kim.only_branch()) == 2


def test_a_follow_up_is_searched_with_what_it_leans_on(
    start: Start, retrieve: ScriptedRetrieve
) -> None:
    kim = start()
    first = kim.whole(conversation_id="new")

    kim.whole(question="And in Seoul?", conversation_id=first.conversation_id)
    kim.whole(
        question="Which receipts have to be handed in?", conversation_id=first.conversation_id
    )

    queries = [request["query"] for request in retrieve.requests]
    assert queries[0] == QUESTION
    assert "hotel" in queries[1]
    assert queries[1].endswith("And in Seoul?")
    assert queries[2] == "Which receipts have to be handed in?"


def test_the_model_sees_what_a_follow_up_leans_on(start: Start, provider: ScriptedChat) -> None:
    kim = start(provider)
    first = kim.whole(conversation_id="new")

    kim.whole(question="How much is it in a night?", conversation_id=first.conversation_id)

    asked = provider.requests[1].body["messages"][1]["content"]
    assert f"<question>\n{QUESTION}\nHow much is it in a night?\n</question>" in asked


def test_a_reader_who_leaves_keeps_what_came(start: Start, provider: ScriptedChat) -> None:
    provider.play(Script(pieces=("Hotels ", *["cost "] * 5000), between_s=0.005))
    kim = start(provider)

    response = kim.post(conversation_id="new", buffered=False)
    pieces = iter(response.response)
    while b"event: token" not in next(pieces):
        pass
    response.close()
    assert provider.disconnected.wait(5)
    until(lambda: len(kim.only_branch()) == 2)

    _, answer = kim.only_branch()
    assert answer.state == "stopped"
    assert answer.text.startswith("Hotels ")
    assert answer.failure is None
    assert answer.reply is not None
    assert answer.reply["kind"] == "generated"
    assert len(answer.reply["passages"]) == 1


def test_what_an_agent_did_is_kept_when_its_answer_breaks(start: Start) -> None:
    search = calling("search", '{"query": "hotel"}')
    broken = Script(pieces=("Hotels may cost ", "140 euros"), die_after=1)
    with ScriptedChat(search, Script(text="Enough."), broken).running() as provider:
        kim = start(provider)

        kim.post(conversation_id="new", reasoning="react")

    _, answer = kim.only_branch()
    assert answer.state == "failed"
    assert answer.reply is not None
    [step] = answer.reply["steps"]
    assert (step["kind"], step["label"], step["state"]) == ("search", "hotel", "done")


@pytest.mark.parametrize("stream", [True, False])
def test_an_answer_that_breaks_is_stored_as_failed_with_what_came(
    start: Start, provider: ScriptedChat, *, stream: bool
) -> None:
    provider.play(Script(pieces=("Hotels may cost ", "140 euros"), die_after=1))
    kim = start(provider)

    kim.post(conversation_id="new", stream=stream)

    _, answer = kim.only_branch()
    assert (answer.state, answer.text) == ("failed", "Hotels may cost ")
    assert answer.failure is not None
    assert answer.failure.code == "stream_broken"


def test_a_search_that_fails_is_stored_too_and_a_retry_takes_its_place(
    start: Start, retrieve: ScriptedRetrieve
) -> None:
    kim = start()
    retrieve.error = TransientError("the index is away")
    assert kim.post(conversation_id="new", request_id="r1", stream=False).status_code == 503
    _, failed = kim.only_branch()
    retrieve.error = None

    reply = kim.whole(conversation_id="new", request_id="r1")

    assert (failed.state, failed.text) == ("failed", "")
    _, answer = kim.only_branch()
    assert answer.message_id == failed.message_id == reply.message_id
    assert (answer.state, answer.text) == ("complete", reply.answer)


def test_a_retry_of_a_finished_answer_gets_it_without_asking_again(
    start: Start, retrieve: ScriptedRetrieve
) -> None:
    kim = start()
    first = kim.whole(conversation_id="new", request_id="r1")

    again = kim.whole(conversation_id="new", request_id="r1")
    streamed = kim.events(conversation_id="new", request_id="r1")

    assert again == first
    assert AnswerReply.model_validate(streamed[-1][1]) == first
    assert "".join(data["text"] for name, data in streamed if name == "token") == first.answer
    assert len(retrieve.requests) == 1
    assert len(kim.only_branch()) == 2


def test_a_retry_does_not_show_what_is_no_longer_the_readers(start: Start) -> None:
    kim = start()
    first = kim.whole(conversation_id="new", request_id="r1")
    kim.catalog.collections.delete(_travel(kim.catalog, kim.user))

    again = kim.whole(conversation_id="new", request_id="r1")

    assert "140 euros" in first.answer
    assert "140 euros" not in again.model_dump_json()


def test_two_answers_at_once_in_one_conversation_are_both_kept(start: Start) -> None:
    kim = start()
    begun = kim.whole(conversation_id="new")

    with ThreadPoolExecutor(2) as pool:
        replies = list(
            pool.map(
                lambda n: kim.whole(
                    question=f"Which receipts are due in {n} days?",
                    conversation_id=begun.conversation_id,
                    parent_id=begun.message_id,
                ),
                (30, 60),
            )
        )

    kept = kim.catalog.conversations.tree(kim.user.user_id, begun.conversation_id)
    assert {reply.message_id for reply in replies} <= {message.message_id for message in kept}
    third = kim.branch(begun.conversation_id)[2]
    assert set(third.siblings) == {reply.question_id for reply in replies}


def test_a_conversation_deleted_meanwhile_loses_the_answer_and_the_reader_is_told(
    start: Start, retrieve: ScriptedRetrieve
) -> None:
    kim = start()
    made = kim.catalog.conversations.create(kim.user.user_id)
    retrieve.delay = threading.Event()

    with ThreadPoolExecutor(1) as pool:
        asking = pool.submit(kim.whole, conversation_id=made.conversation_id)
        while not retrieve.requests:
            assert not asking.done()
        kim.catalog.conversations.delete(kim.user.user_id, made.conversation_id)
        retrieve.delay.set()
        reply = asking.result()

    assert reply.found
    assert reply.message_id == ""
    assert any("could not be stored" in warning.detail for warning in reply.warnings)


def test_the_conversations_scope_is_searched_unless_the_request_has_one(
    start: Start, retrieve: ScriptedRetrieve
) -> None:
    kim = start()
    travel = _travel(kim.catalog, kim.user)

    first = kim.whole(conversation_id="new", collections=["travel"], documents=["d1"])
    kim.whole(conversation_id=first.conversation_id)
    kim.whole(conversation_id=first.conversation_id, documents=["d2"])

    scopes = [(r.get("collections", []), r.get("documents", [])) for r in retrieve.requests]
    assert scopes == [(["travel"], ["d1"]), ([travel], ["d1"]), ([], ["d2"])]


def test_settings_fill_what_the_request_leaves_open(
    start: Start, retrieve: ScriptedRetrieve
) -> None:
    kim = start()
    kim.catalog.preferences.change(
        kim.user.user_id, {"top_k": 12, "mode": "text", "answer_language": "ko", "gone": 1}
    )

    ours = kim.whole()
    asked = kim.whole(top_k=3, mode="vector", language="")

    first, second = retrieve.requests
    assert (first["top_k"], first["mode"]) == (12, "text")
    assert (second["top_k"], second["mode"]) == (3, "vector")
    assert ours.answer.startswith("문서에는")
    assert asked.answer.startswith("The documents say")


def test_a_model_is_told_the_language_only_if_somebody_asked_for_one(
    start: Start, provider: ScriptedChat
) -> None:
    kim = start(provider)

    kim.whole()
    kim.whole(language="ko")

    free, bound = (request.body["messages"][1]["content"] for request in provider.requests)
    assert "Answer in" not in free
    assert bound.endswith("Answer in Korean, whatever the language of the question.")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        pytest.param({"conversation_id": "gone"}, 404, id="no such conversation"),
        pytest.param({"conversation_id": "new", "collections": ["x"]}, 404, id="not my collection"),
        pytest.param({"conversation_id": "new", "parent_id": "x"}, 404, id="no such message"),
    ],
)
def test_what_cannot_be_stored_is_refused_before_anything_streams(
    start: Start, body: dict[str, Any], status: int
) -> None:
    kim = start()

    response = kim.post(**body)

    assert response.status_code == status
    assert kim.catalog.conversations.list(kim.user.user_id) == ([], "")


def test_nobody_asks_in_somebody_elses_conversation(start: Start) -> None:
    kim = start()
    lee = kim.catalog.people.create_user("lee", is_admin=True)
    theirs = kim.catalog.conversations.create(lee.user_id)

    response = kim.post(conversation_id=theirs.conversation_id)

    assert response.status_code == 404


def until(condition: Callable[[], bool], *, patience_s: float = 10.0) -> None:
    """Wait until another thread's work can be seen in the database."""
    waiting = threading.Event()
    for _ in range(int(patience_s / 0.02)):
        if condition():
            return
        waiting.wait(0.02)
    raise AssertionError("it did not happen in time")
