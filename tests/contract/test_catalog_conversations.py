"""Conversations, shares, feedback and users' settings in the catalog, on SQLite and PostgreSQL."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr
from sqlalchemy import delete, select, update

from lectern.catalog import migrate
from lectern.catalog.opening import SqlCatalog, open_database
from lectern.catalog.records import User
from lectern.catalog.records_conversations import Breakdown, Message, MessageState, Turn
from lectern.catalog.tables import users
from lectern.catalog.tables_conversations import messages, receipts
from lectern.documents import new_id
from lectern.errors import InvalidRequest, NotFound
from lectern.settings import Settings
from tests.postgres import new_database

BACKENDS = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]
PAST = datetime.now(UTC) - timedelta(seconds=1)


@pytest.fixture(scope="module", params=BACKENDS)
def catalog(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SqlCatalog]:
    home: Path = tmp_path_factory.mktemp("home")
    if request.param == "sqlite":
        yield from opened(Settings(home=home))
    else:
        with new_database(request.getfixturevalue("postgres")) as url:
            yield from opened(Settings(home=home, database_url=SecretStr(url)))


def opened(settings: Settings) -> Iterator[SqlCatalog]:
    migrate(settings)
    catalog = open_database(settings.resolved_database_url())
    yield catalog
    catalog.close()


@dataclass(frozen=True)
class Person:
    """Somebody who asks."""

    catalog: SqlCatalog
    user: User

    @property
    def user_id(self) -> str:
        return self.user.user_id

    def ask(
        self, question: str = "How much?", conversation_id: str = "", parent_id: str | None = None
    ) -> Turn:
        return self.catalog.conversations.begin_turn(
            self.user_id, question, conversation_id=conversation_id, parent_id=parent_id
        )

    def answer(self, turn: Turn, text: str = "140", state: MessageState = "complete") -> bool:
        return self.catalog.conversations.finish_turn(
            turn, state=state, text=text, reply={"answer": text, "passages": [{"chunk_id": "c"}]}
        )

    def told(
        self, question: str, text: str, conversation_id: str = "", parent_id: str | None = None
    ) -> Turn:
        turn = self.ask(question, conversation_id, parent_id)
        assert self.answer(turn, text)
        return turn

    def branch(self, turn: Turn) -> list[Message]:
        found, _ = self.catalog.conversations.branch(self.user_id, turn.conversation_id, limit=100)
        return list(found)

    def texts(self, turn: Turn) -> list[str]:
        return [message.text for message in self.branch(turn)]

    def titles(self, containing: str = "") -> list[str]:
        found, _ = self.catalog.conversations.list(self.user_id, containing=containing)
        return [conversation.title for conversation in found]


@pytest.fixture
def kim(catalog: SqlCatalog) -> Person:
    return Person(catalog, catalog.people.create_user(f"kim {new_id()}"))


@pytest.fixture
def lee(catalog: SqlCatalog) -> Person:
    return Person(catalog, catalog.people.create_user(f"lee {new_id()}", is_admin=True))


def test_a_conversation_grows_by_questions_and_answers(kim: Person) -> None:
    first = kim.told("What is the limit?", "140 euros")
    second = kim.told("And in Seoul?", "180 euros", first.conversation_id)

    assert kim.texts(second) == ["What is the limit?", "140 euros", "And in Seoul?", "180 euros"]
    assert first.earlier == ()
    assert second.earlier == ("What is the limit?",)
    assert [(m.role, m.state, m.position) for m in kim.branch(second)[:2]] == [
        ("question", "complete", 1),
        ("answer", "complete", 1),
    ]
    assert kim.branch(second)[1].reply == {"answer": "140 euros", "passages": [{"chunk_id": "c"}]}


def test_the_first_question_gives_the_title_and_a_new_name_stays(kim: Person) -> None:
    turn = kim.told("What   is\nthe limit?", "140")
    assert kim.titles() == ["What is the limit?"]

    kim.catalog.conversations.change(kim.user_id, turn.conversation_id, title="Travel")
    kim.told("And in Seoul?", "180", turn.conversation_id)

    assert kim.titles() == ["Travel"]


def test_an_answer_names_the_conversation_unless_somebody_did(kim: Person) -> None:
    turn = kim.ask("What is the limit for a hotel?")
    named = kim.ask("And what is the limit for a train?")
    kim.catalog.conversations.change(kim.user_id, named.conversation_id, title="Trains")

    for each, title in ((turn, "Limits of\nhotels"), (named, "Limits of trains")):
        assert kim.catalog.conversations.finish_turn(
            each, state="complete", text="140", reply={"answer": "140"}, title=title
        )

    assert kim.titles() == ["Trains", "Limits of hotels"]
    assert kim.titles(containing="limits of hotels") == ["Limits of hotels"]


def test_an_edited_question_is_a_sibling_with_a_branch_of_its_own(kim: Person) -> None:
    first = kim.told("What is the limit?", "140")
    second = kim.told("And in Seoul?", "180", first.conversation_id)

    edited = kim.told("And in Busan?", "150", first.conversation_id, first.answer_id)

    assert kim.texts(first) == ["What is the limit?", "140", "And in Busan?", "150"]
    shown = kim.branch(first)[2]
    assert shown.siblings == (second.question_id, edited.question_id)
    assert shown.position == 2
    assert edited.earlier == ("What is the limit?",)
    kim.catalog.conversations.select(kim.user_id, first.conversation_id, second.question_id)
    assert kim.texts(first) == ["What is the limit?", "140", "And in Seoul?", "180"]


def test_the_first_question_can_be_edited_too(kim: Person) -> None:
    first = kim.told("What is the limit?", "140")

    edited = kim.told("What is the rule?", "Rule 7", first.conversation_id, "")

    assert kim.texts(first) == ["What is the rule?", "Rule 7"]
    assert kim.branch(first)[0].siblings == (first.question_id, edited.question_id)
    assert edited.earlier == ()


def test_answering_again_adds_an_answer_beside_the_first(kim: Person) -> None:
    first = kim.told("What is the limit?", "140")

    again = kim.told("What is the limit?", "about 140", first.conversation_id, first.question_id)

    assert again.question_id == first.question_id
    assert kim.texts(first) == ["What is the limit?", "about 140"]
    assert kim.branch(first)[1].siblings == (first.answer_id, again.answer_id)
    with pytest.raises(InvalidRequest, match="differs"):
        kim.ask("Something else?", first.conversation_id, first.question_id)


def test_a_question_without_an_answer_gives_its_place_to_the_next(kim: Person) -> None:
    lost = kim.ask("What is the limit?")

    kim.told("What is the rule?", "Rule 7", lost.conversation_id)

    assert kim.texts(lost) == ["What is the rule?", "Rule 7"]
    assert kim.branch(lost)[0].position == 2


def test_two_answers_at_once_both_stay_and_the_later_question_is_shown(kim: Person) -> None:
    begun = kim.told("What is the limit?", "140")
    one = kim.ask("One?", begun.conversation_id)
    two = kim.ask("Two?", begun.conversation_id)

    kim.answer(two, "2")
    kim.answer(one, "1")

    assert kim.texts(begun) == ["What is the limit?", "140", "Two?", "2"]
    assert kim.branch(begun)[2].siblings == (one.question_id, two.question_id)
    kim.catalog.conversations.select(kim.user_id, begun.conversation_id, one.question_id)
    assert kim.texts(begun)[2:] == ["One?", "1"]


def test_many_turns_in_one_conversation_at_the_same_time_lose_nothing(kim: Person) -> None:
    begun = kim.told("What is the limit?", "140")

    with ThreadPoolExecutor(6) as pool:
        turns = list(
            pool.map(
                lambda n: kim.told(
                    f"Question {n}?", f"{n}", begun.conversation_id, begun.answer_id
                ),
                range(12),
            )
        )

    kept = kim.catalog.conversations.tree(kim.user_id, begun.conversation_id)
    assert {turn.answer_id for turn in turns} <= {message.message_id for message in kept}
    assert len(kept) == 26
    assert set(kim.branch(begun)[2].siblings) == {turn.question_id for turn in turns}


def test_a_request_that_is_sent_twice_is_one_turn(kim: Person) -> None:
    def begin() -> Turn:
        return kim.catalog.conversations.begin_turn(kim.user_id, "How much?", request_id="r1")

    with ThreadPoolExecutor(4) as pool:
        turns = list(pool.map(lambda _: begin(), range(4)))
    assert len({(t.conversation_id, t.question_id, t.answer_id) for t in turns}) == 1
    kim.answer(turns[0], "broke", "failed")
    assert begin().finished is None
    kim.answer(turns[1], "140", "complete")
    kim.answer(turns[2], "14", "stopped")

    assert kim.texts(turns[0]) == ["How much?", "140"]
    assert (finished := begin().finished) is not None
    assert finished.text == "140"
    with pytest.raises(InvalidRequest):
        kim.catalog.conversations.begin_turn(kim.user_id, "Something else?", request_id="r1")


def test_the_same_request_id_of_another_user_is_another_turn(kim: Person, lee: Person) -> None:
    mine = kim.catalog.conversations.begin_turn(kim.user_id, "How much?", request_id="same")

    theirs = lee.catalog.conversations.begin_turn(lee.user_id, "How much?", request_id="same")

    assert mine.conversation_id != theirs.conversation_id


def test_a_failed_answer_keeps_what_came_and_why(kim: Person) -> None:
    turn = kim.ask()

    kim.catalog.conversations.finish_turn(
        turn,
        state="failed",
        text="140 eu",
        reply={},
        failure=Breakdown("broken", "it broke"),
    )

    answer = kim.branch(turn)[1]
    assert (answer.state, answer.text) == ("failed", "140 eu")
    assert answer.failure == Breakdown("broken", "it broke")


def test_an_answer_to_a_conversation_that_was_deleted_is_dropped(kim: Person) -> None:
    turn = kim.ask()
    kim.catalog.conversations.delete(kim.user_id, turn.conversation_id)

    assert not kim.answer(turn)
    assert kim.titles() == []


def test_what_is_somebody_elses_does_not_exist(kim: Person, lee: Person) -> None:
    mine = kim.told("What is the limit?", "140")
    conversations = lee.catalog.conversations
    there = (lee.user_id, mine.conversation_id)

    assert conversations.get(*there) is None
    assert conversations.change(*there, title="x") is None
    conversations.delete(*there)
    lee.catalog.shares.revoke(*there)
    lee.catalog.feedback.retract(*there, mine.answer_id)
    for refused in (
        lambda: lee.ask("?", mine.conversation_id),
        lambda: conversations.branch(*there, limit=1),
        lambda: conversations.tree(*there),
        lambda: conversations.select(*there, mine.answer_id),
        lambda: lee.catalog.shares.share(*there),
        lambda: lee.catalog.feedback.give(*there, mine.answer_id, verdict="up"),
    ):
        with pytest.raises(NotFound):
            refused()
    assert lee.titles() == []
    assert kim.texts(mine) == ["What is the limit?", "140"]
    assert kim.titles() == ["What is the limit?"]


def test_messages_of_another_conversation_are_not_found(kim: Person) -> None:
    here, elsewhere = kim.told("Here?", "yes"), kim.told("There?", "no")
    conversations = kim.catalog.conversations

    with pytest.raises(NotFound):
        kim.ask("?", here.conversation_id, elsewhere.answer_id)
    with pytest.raises(NotFound):
        conversations.select(kim.user_id, here.conversation_id, elsewhere.answer_id)
    with pytest.raises(NotFound):
        conversations.branch(kim.user_id, here.conversation_id, limit=1, before=elsewhere.answer_id)
    with pytest.raises(NotFound):
        kim.catalog.feedback.give(
            kim.user_id, here.conversation_id, elsewhere.answer_id, verdict="up"
        )


def test_a_long_branch_is_read_from_its_end(kim: Person) -> None:
    first = kim.told("1?", "1")
    for number in (2, 3):
        kim.told(f"{number}?", f"{number}", first.conversation_id)
    branch = kim.catalog.conversations.branch

    last, earlier = branch(kim.user_id, first.conversation_id, limit=3)
    rest, none = branch(kim.user_id, first.conversation_id, limit=3, before=last[0].message_id)

    assert [message.text for message in last] == ["2", "3?", "3"]
    assert earlier == 3
    assert [message.text for message in rest] == ["1?", "1", "2?"]
    assert none == 0


def test_pinned_conversations_come_first_then_the_latest(kim: Person) -> None:
    turns = [kim.told(f"Question {n}?", "yes") for n in range(5)]
    kim.catalog.conversations.change(kim.user_id, turns[1].conversation_id, pinned=True)
    kim.told("And now?", "no", turns[0].conversation_id)

    pages, cursor = [], ""
    while True:
        page, cursor = kim.catalog.conversations.list(kim.user_id, limit=2, cursor=cursor)
        pages.append([conversation.title for conversation in page])
        if not cursor:
            break

    assert pages == [
        ["Question 1?", "Question 0?"],
        ["Question 4?", "Question 3?"],
        ["Question 2?"],
    ]


@pytest.mark.parametrize("cursor", ["x", "WzFd", "W3RydWUsICJ5IiwgInoiXQ=="])
def test_a_cursor_of_nothing_is_refused(kim: Person, cursor: str) -> None:
    with pytest.raises(InvalidRequest):
        kim.catalog.conversations.list(kim.user_id, cursor=cursor)
    with pytest.raises(InvalidRequest):
        kim.catalog.feedback.list(cursor=cursor)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("HOTEL", ["What may a hotel cost?"]),
        ("euros  a NIGHT", ["What may a hotel cost?"]),
        ("환불", ["환불 정책은 무엇인가요?"]),
        ("100%", ["Is 100% paid?"]),
        ("_", []),
        ("no such word", []),
    ],
)
def test_search_finds_titles_and_messages_in_any_case(
    kim: Person, wanted: str, found: list[str]
) -> None:
    kim.told("What may a hotel cost?", "140 Euros\na night")
    kim.told("환불 정책은 무엇인가요?", "없습니다")
    kim.told("Is 100% paid?", "Yes")

    assert kim.titles(containing=wanted) == found


def test_text_that_no_database_holds_is_stored_readable(kim: Person) -> None:
    turn = kim.ask("a\0b \ud800?")
    kim.catalog.conversations.finish_turn(
        turn, state="complete", text="x\0y\udfff", reply={"answer": "x\0y\udfff"}
    )

    question, answer = kim.branch(turn)

    assert question.text == "a\ufffdb ??"
    assert answer.text == "x\ufffdy?"


def test_a_link_shows_the_branch_as_it_was_when_shared(kim: Person) -> None:
    turn = kim.told("What is the limit?", "140")
    share, secret = kim.catalog.shares.share(kim.user_id, turn.conversation_id)
    kim.told("A secret?", "yes", turn.conversation_id)
    kim.told("What is the rule?", "7", turn.conversation_id, "")

    shared = kim.catalog.shares.opened(secret)

    assert shared is not None
    assert [message.text for message in shared.messages] == ["What is the limit?", "140"]
    assert shared.owner.user_id == kim.user_id
    conversation = kim.catalog.conversations.get(kim.user_id, turn.conversation_id)
    assert conversation is not None
    assert conversation.share == share


def test_links_end_when_revoked_replaced_expired_or_deleted(kim: Person) -> None:
    turn = kim.told("What is the limit?", "140")
    shares, there = kim.catalog.shares, (kim.user_id, turn.conversation_id)

    _, replaced = shares.share(*there)
    _, revoked = shares.share(*there)
    assert shares.opened(replaced) is None
    assert shares.opened(revoked) is not None
    shares.revoke(*there)
    assert shares.opened(revoked) is None
    _, expired = shares.share(*there, expires_at=PAST)
    assert shares.opened(expired) is None
    conversation = kim.catalog.conversations.get(*there)
    assert conversation is not None
    assert conversation.share is None
    _, deleted = shares.share(*there)
    kim.catalog.conversations.delete(*there)
    assert shares.opened(deleted) is None
    assert shares.opened("never made") is None


def test_the_link_of_a_disabled_user_opens_nothing(kim: Person) -> None:
    turn = kim.told("What is the limit?", "140")
    _, secret = kim.catalog.shares.share(kim.user_id, turn.conversation_id)

    kim.catalog.database.write(
        lambda c: c.execute(
            update(users).where(users.c.user_id == kim.user_id).values(disabled_at=PAST)
        )
    )

    assert kim.catalog.shares.opened(secret) is None


def test_an_empty_conversation_cannot_be_shared(kim: Person) -> None:
    made = kim.catalog.conversations.create(kim.user_id)

    with pytest.raises(InvalidRequest, match="ask something first"):
        kim.catalog.shares.share(kim.user_id, made.conversation_id)


def test_feedback_is_one_for_each_answer_and_seen_with_its_question(kim: Person) -> None:
    turn = kim.told("What is the limit?", "150")
    there = (kim.user_id, turn.conversation_id, turn.answer_id)

    kim.catalog.feedback.give(*there, verdict="up")
    given = kim.catalog.feedback.give(
        *there, verdict="down", reasons=["incorrect", "incorrect", "other"], comment="it is 140"
    )

    [judged] = [j for j in kim.catalog.feedback.list()[0] if j.user_id == kim.user_id]
    assert (judged.question, judged.answer) == ("What is the limit?", "150")
    assert judged.user_name == kim.user.name
    assert judged.verdict == given
    assert given.reasons == ("incorrect", "other")
    assert kim.branch(turn)[1].verdict == given
    kim.catalog.feedback.retract(*there)
    assert kim.branch(turn)[1].verdict is None
    with pytest.raises(NotFound):
        kim.catalog.feedback.give(*there[:2], turn.question_id, verdict="up")


def test_feedback_is_listed_page_by_page_latest_first(kim: Person) -> None:
    turns = [kim.told(f"{n}?", f"{n}") for n in range(3)]
    for turn, verdict in zip(turns, ("up", "down", "up"), strict=True):
        kim.catalog.feedback.give(
            kim.user_id, turn.conversation_id, turn.answer_id, verdict=verdict
        )

    first, cursor = kim.catalog.feedback.list(limit=2)
    second, _ = kim.catalog.feedback.list(limit=1, cursor=cursor)
    down, _ = kim.catalog.feedback.list(limit=1, verdict="down")

    assert [judged.answer for judged in (*first, *second)] == ["2", "1", "0"]
    assert [judged.answer for judged in down] == ["1"]


def test_feedback_dies_with_its_conversation(kim: Person) -> None:
    turn = kim.told("What is the limit?", "150")
    kim.catalog.feedback.give(kim.user_id, turn.conversation_id, turn.answer_id, verdict="up")

    kim.catalog.conversations.delete(kim.user_id, turn.conversation_id)

    assert all(judged.user_id != kim.user_id for judged in kim.catalog.feedback.list()[0])


def test_an_answer_that_is_replaced_loses_its_verdict(kim: Person) -> None:
    turn = kim.ask()
    kim.answer(turn, "14", "stopped")
    kim.catalog.feedback.give(kim.user_id, turn.conversation_id, turn.answer_id, verdict="down")

    kim.answer(turn, "140")

    assert kim.branch(turn)[1].verdict is None


def test_only_differences_of_settings_are_stored(kim: Person) -> None:
    preferences = kim.catalog.preferences
    assert preferences.get(kim.user_id) == {}

    preferences.change(kim.user_id, {"top_k": 12, "theme": "dark"})
    kept = preferences.change(kim.user_id, {"top_k": None, "mode": "text"})

    assert kept == preferences.get(kim.user_id) == {"theme": "dark", "mode": "text"}
    preferences.reset(kim.user_id)
    assert preferences.get(kim.user_id) == {}


def test_changes_of_settings_at_once_all_count(kim: Person) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(
            pool.map(
                lambda n: kim.catalog.preferences.change(kim.user_id, {f"setting {n}": n}), range(8)
            )
        )

    assert len(kim.catalog.preferences.get(kim.user_id)) == 8


def test_a_users_conversations_go_with_the_user(kim: Person) -> None:
    turn = kim.told("What is the limit?", "140")
    kim.catalog.preferences.change(kim.user_id, {"top_k": 12})

    kim.catalog.database.write(
        lambda c: c.execute(delete(users).where(users.c.user_id == kim.user_id))
    )

    left = messages.select().where(messages.c.conversation_id == turn.conversation_id)
    assert kim.catalog.database.read(lambda c: c.execute(left).all()) == []


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["ask", "edit", "again", "select", "leave"]),
        st.integers(min_value=0, max_value=30),
    ),
    max_size=12,
)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=STEPS)
def test_the_active_branch_is_always_a_path_from_the_root(
    kim: Person, steps: list[tuple[str, int]]
) -> None:
    made = kim.catalog.conversations.create(kim.user_id).conversation_id
    for step, pick in steps:
        tree = kim.catalog.conversations.tree(kim.user_id, made)
        answers = [m for m in tree if m.role == "answer"]
        questions = [m for m in tree if m.role == "question"]
        if step == "ask":
            kim.told("more?", "yes", made)
        elif step == "leave":
            kim.ask("left?", made)
        elif step == "edit":
            behind = answers[pick % len(answers)].message_id if answers and pick % 4 else ""
            kim.told("edited?", "yes", made, behind)
        elif step == "again" and questions:
            again = questions[pick % len(questions)]
            kim.told(again.text, "again", made, again.message_id)
        elif step == "select" and tree:
            wanted = tree[pick % len(tree)].message_id
            kim.catalog.conversations.select(kim.user_id, made, wanted)
            shown, _ = kim.catalog.conversations.branch(kim.user_id, made, limit=100)
            assert wanted in {m.message_id for m in shown}

    tree = kim.catalog.conversations.tree(kim.user_id, made)
    branch, earlier = kim.catalog.conversations.branch(kim.user_id, made, limit=1000)
    order = {m.message_id: at for at, m in enumerate(tree)}
    assert earlier == 0
    assert [m.parent_id for m in branch] == ["", *(m.message_id for m in branch)][: len(branch)]
    assert all(m.role == ("answer" if at % 2 else "question") for at, m in enumerate(branch))
    assert bool(branch) == bool(tree)
    for message in tree:
        family = [m.message_id for m in tree if m.parent_id == message.parent_id]
        assert list(message.siblings) == sorted(family, key=order.__getitem__)
        assert message.siblings[message.position - 1] == message.message_id


def test_a_receipt_is_its_owners_and_goes_with_the_conversation(
    catalog: SqlCatalog, kim: Person, lee: Person
) -> None:
    turn = kim.ask()
    kept = {"text": "140", "reply": {"answer": "140"}}
    catalog.conversations.finish_turn(turn, state="stopped", receipt=b"half", **kept)
    catalog.conversations.finish_turn(turn, state="complete", receipt=b"\x00how", **kept)

    found = catalog.conversations.receipt(kim.user_id, turn.answer_id)

    assert found is not None
    assert (found.record, found.question, found.question_id) == (
        b"\x00how",
        "How much?",
        turn.question_id,
    )
    assert (found.answer.state, found.answer.text) == ("complete", "140")
    assert catalog.conversations.receipt(lee.user_id, turn.answer_id) is None
    assert catalog.conversations.receipt(kim.user_id, turn.question_id) is None
    catalog.conversations.delete(kim.user_id, turn.conversation_id)
    assert catalog.conversations.receipt(kim.user_id, turn.answer_id) is None
    with catalog.database.engine.connect() as connection:
        assert connection.execute(select(receipts)).all() == []
