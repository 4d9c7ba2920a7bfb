"""The chat page under AppTest, with the real functions behind its client."""

import time
from collections.abc import Callable, Iterator

import pytest
from streamlit.testing.v1 import AppTest

from lectern.api import AnswerRequest, ConversationQuery
from tests.provider.chat import Script
from tests.web.chat.conftest import ANSWER, QUESTION, Stack
from tests.web.conftest import World, forget_settings, page_of

PATIENCE_S = 30.0


@pytest.fixture(scope="module")
def world(running_stack: Stack) -> Iterator[World]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LECTERN_HOME", str(running_stack.up.home))
        patch.setenv("LECTERN_FUNCTION_URL", running_stack.up.function_url)
        forget_settings()
        yield World(
            running_stack.up.function_url, running_stack.up.home, {"owner": running_stack.token}
        )
    forget_settings()


@pytest.fixture
def page(world: World, stack: Stack) -> AppTest:
    return page_of(world, "owner")


def eventually(at: AppTest, done: Callable[[AppTest], bool]) -> AppTest:
    deadline = time.monotonic() + PATIENCE_S
    while not done(at) and time.monotonic() < deadline:
        at.run()
    assert not at.exception
    assert done(at), [element.value for element in at.markdown]
    return at


def answered(at: AppTest) -> bool:
    return "stop-answer" not in keys(at) and any(key.startswith("icon-again") for key in keys(at))


def keys(at: AppTest) -> list[str]:
    return [str(button.key) for button in at.button]


def key_of(at: AppTest, prefix: str) -> str:
    return next(key for key in reversed(keys(at)) if key.startswith(prefix))


def address(at: AppTest) -> str:
    value = at.query_params["c"]
    return value if isinstance(value, str) else value[0]


def said(at: AppTest) -> str:
    return "\n".join(str(element.value) for element in [*at.markdown, *at.caption])


def ask(at: AppTest, question: str = QUESTION) -> AppTest:
    at.chat_input(key="ask").set_value(question).run()
    return eventually(at, answered)


def test_an_empty_page_offers_questions_about_documents_that_are_there(page: AppTest) -> None:
    starters = [button.label for button in page.button if str(button.key).startswith("starter")]

    assert page.title[0].value == "What would you like to know?"
    assert len(starters) == 3
    assert any("library" in starter for starter in starters)


def test_the_page_speaks_korean(world: World, stack: Stack) -> None:
    at = page_of(world, "owner", language="ko")

    assert at.title[0].value == "무엇이 궁금하세요?"
    assert at.chat_input(key="ask").placeholder.startswith("문서에 대해")


def test_an_answer_has_a_link_to_the_cited_place(page: AppTest) -> None:
    ask(page)

    assert page.query_params["c"]
    assert "must be returned within nineteen days\u00a0[1](#cite-" in said(page)
    assert r"library\.pdf" in said(page)
    assert "p. 2" in said(page)


def test_a_question_that_may_come_next_is_asked_by_a_click(page: AppTest, stack: Stack) -> None:
    stack.model.play(Script(text=f"{ANSWER}\n\nFOLLOW_UPS\nWhat does a late book cost?"))
    ask(page)
    stack.model.play(Script(text="Two kroner a week [1]."))

    page.button(key=key_of(page, "followup-")).click().run()
    eventually(page, answered)

    assert "FOLLOW" not in said(page)
    assert "What does a late book cost" in said(page)
    assert not any(key.startswith("followup-") for key in keys(page)), "its answer has none"


def test_a_citation_in_doubt_is_told_once_and_in_korean(world: World, stack: Stack) -> None:
    stack.model.play(Script(text="A telescope must be returned within 91 days [1]."))
    at = page_of(world, "owner", language="ko")

    ask(at)

    assert said(at).count("확인되지 않았습니다") == 1
    assert "could not be verified" not in said(at)


def test_a_reload_shows_the_conversation_again(page: AppTest, world: World) -> None:
    ask(page)
    again = page_of(world, "")
    again.session_state["lectern.visitor"] = page.session_state["lectern.visitor"]
    again.query_params["c"] = address(page)

    again.run()

    assert "within nineteen days" in said(again)
    assert answered(again)


def test_a_conversation_that_is_not_there_leads_to_a_new_one(world: World, stack: Stack) -> None:
    at = page_of(world, "owner")
    at.query_params["c"] = "nobodys"
    at.run()

    assert not at.exception
    assert "new-after-error" in keys(at)


def test_what_no_document_holds_is_said_so(page: AppTest, stack: Stack) -> None:
    stack.model.play(Script("NOT_IN_DOCUMENTS"))

    ask(page, "What is the melting point of tungsten?")

    assert "Not in your documents" in said(page)


def test_a_citation_that_does_not_hold_is_marked(page: AppTest, stack: Stack) -> None:
    stack.model.play(Script("The observatory sells tickets for forty euros on Sundays [1]."))

    ask(page)

    assert 'u "' in said(page)
    assert "could not be verified" in said(page)


def test_stopping_keeps_the_part_that_came(page: AppTest, stack: Stack) -> None:
    pieces = ("Within nineteen ", *("days ",) * 400)
    stack.model.play(Script(pieces=pieces, between_s=0.05))
    page.chat_input(key="ask").set_value(QUESTION).run()
    eventually(page, lambda at: "Within nineteen days" in said(at))

    page.button(key="stop-answer").click().run()

    eventually(page, answered)
    assert "Within nineteen days" in said(page)
    assert "Stopped." in said(page)


def test_an_answer_can_be_given_again_and_the_first_one_kept(page: AppTest, stack: Stack) -> None:
    ask(page)
    stack.model.play(Script("Nineteen days is the limit [1]."))

    page.button(key=key_of(page, "icon-again")).click().run()

    eventually(page, lambda at: answered(at) and "Nineteen days is the limit" in said(at))
    assert "2/2" in said(page)
    page.button(key=key_of(page, "icon-previous")).click().run()
    assert "1/2" in said(page)
    assert "must be returned within nineteen days" in said(page)


def test_an_edited_question_becomes_another_branch(page: AppTest) -> None:
    ask(page)

    page.button(key=key_of(page, "icon-edit")).click().run()
    assert "edit-cancel" in keys(page)
    ask(page, "When must a telescope be back at the observatory?")

    assert "2/2" in said(page)
    assert "edit-cancel" not in keys(page)
    assert "When must a telescope" in said(page)


def test_a_question_that_is_edited_stays_in_its_own_conversation(
    page: AppTest, world: World
) -> None:
    ask(page)
    other = address(page)
    page.button(key="new-chat").click().run()
    ask(page)
    page.button(key=key_of(page, "icon-edit")).click().run()

    page.query_params["c"] = other  # as by the browser's way back
    page.run()
    assert "edit-cancel" not in keys(page)
    ask(page, "Who says so?")

    with world.lectern("owner") as lectern:
        asked = [m for m in lectern.conversations.messages(other).messages if m.role == "question"]
    assert [each.text for each in asked] == [QUESTION, "Who says so?"]


def test_going_elsewhere_ends_editing(page: AppTest) -> None:
    ask(page)
    page.button(key=key_of(page, "icon-edit")).click().run()

    page.button(key="new-chat").click().run()

    assert "edit-cancel" not in keys(page)
    assert page.chat_input(key="ask").proto.set_value
    assert page.chat_input(key="ask").proto.value == ""


def test_a_question_that_may_come_next_is_never_an_edited_one(page: AppTest, stack: Stack) -> None:
    stack.model.play(Script(text=f"{ANSWER}\n\nFOLLOW_UPS\nWhat does a late book cost?"))
    ask(page)
    page.button(key=key_of(page, "icon-edit")).click().run()
    stack.model.play(Script(text="Two kroner a week [1]."))

    page.button(key=key_of(page, "followup-")).click().run()
    eventually(page, answered)

    assert QUESTION in said(page)
    assert "2/2" not in said(page)


def test_a_mentioned_document_becomes_the_scope(page: AppTest, stack: Stack) -> None:
    ask(page, "What does @library.pdf say about telescopes?")

    assert f"chip-{stack.document_id}" in keys(page)
    assert "What does library" in said(page)


def test_only_the_last_two_turns_have_widgets(page: AppTest) -> None:
    for _ in range(3):
        ask(page)

    edits = [key for key in keys(page) if key.startswith("icon-edit")]
    assert len(edits) == 2
    assert len([key for key in keys(page) if key.startswith("icon-again")]) == 1


def test_a_verdict_is_stored_at_once(page: AppTest, world: World) -> None:
    ask(page)
    thumbs = page.feedback[-1]

    thumbs.set_value(1).run()

    assert not page.exception
    with world.lectern("owner") as lectern:
        messages = lectern.conversations.messages(address(page)).messages
    assert messages[-1].feedback is not None
    assert messages[-1].feedback.verdict == "up"


def test_an_answer_from_elsewhere_is_shown_like_ones_own(world: World, stack: Stack) -> None:
    with world.lectern("owner") as lectern:
        reply = lectern.answer_once(AnswerRequest(question=QUESTION, conversation_id="new"))
        listed = lectern.conversations.list(ConversationQuery(query="telescope")).conversations
    at = page_of(world, "owner")
    at.query_params["c"] = reply.conversation_id
    at.run()

    assert reply.conversation_id in {each.conversation_id for each in listed}
    assert ANSWER.split(" [1]")[0] in said(at)
