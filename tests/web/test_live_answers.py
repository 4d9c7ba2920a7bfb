import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from lectern.api import AnswerRequest
from lectern.client import Lectern
from lectern.errors import RateLimited
from tests.web.scripted_answers import Event, ScriptedAnswers, scripted_answers
from web.answers import MOST_RUNNING_OF_ONE, LiveAnswer, LiveAnswers

PATIENCE_S = 10.0
STORED: Event = (
    "status",
    {"step": "stored", "conversation_id": "c1", "question_id": "q1", "message_id": "a1"},
)
WAIT: Event = ("wait", {})
DONE: dict[str, Any] = {
    "answer": "Nineteen days.",
    "kind": "generated",
    "found": True,
    "citations": [],
    "passages": [],
    "usage": {"model": "", "model_calls": 0, "prompt_tokens": 0, "completion_tokens": 0},
    "timings_ms": {},
    "warnings": [],
    "conversation_id": "c1",
    "question_id": "q1",
    "message_id": "a1",
}

Ask = Callable[..., tuple[LiveAnswer, ScriptedAnswers]]


def token(text: str) -> Event:
    return ("token", {"text": text})


@pytest.fixture
def live() -> LiveAnswers:
    return LiveAnswers()


@pytest.fixture
def ask(live: LiveAnswers) -> Iterator[Ask]:
    with ExitStack() as stack:

        def start(*events: Event, owner: str = "ada", conversation_id: str = "new") -> Any:
            script = stack.enter_context(scripted_answers(*events))
            client = stack.enter_context(Lectern(script.url))
            request = AnswerRequest(question="How long?", conversation_id=conversation_id)
            return live.start(client, owner, request), script

        yield start


def text_of(answer: LiveAnswer, text: str) -> str:
    ticking = threading.Event()
    for _ in range(500):
        if answer.snapshot().text == text:
            break
        ticking.wait(0.02)
    return answer.snapshot().text


def test_what_came_so_far_can_be_seen_while_more_comes(ask: Ask) -> None:
    answer, script = ask(STORED, token("Nineteen "), WAIT, token("days."), ("done", DONE))

    assert text_of(answer, "Nineteen ") == "Nineteen "
    assert answer.running
    script.go_on.set()
    end = answer.wait(PATIENCE_S)
    assert (end.state, end.text) == ("done", "Nineteen days.")
    assert end.reply is not None
    assert [step.name for step in end.steps] == ["stored"]


def test_what_the_model_thinks_is_seen_and_is_one_step(ask: Ask) -> None:
    thoughts = [("status", {"step": "thinking", "text": text}) for text in ("Let me ", "see.")]
    answer, script = ask(STORED, *thoughts, token("Nineteen"), WAIT, ("done", DONE))

    text_of(answer, "Nineteen")
    seen = answer.snapshot()
    script.go_on.set()

    assert (seen.reasoning, seen.text) == ("Let me see.", "Nineteen")
    assert [step.name for step in seen.steps] == ["stored", "thinking"]


def test_the_conversation_is_known_as_soon_as_the_function_tells_it(ask: Ask) -> None:
    answer, _ = ask(STORED, WAIT, ("done", DONE))

    seen = answer.wait_for_ids(PATIENCE_S)

    assert (seen.conversation_id, seen.question_id, seen.message_id) == ("c1", "q1", "a1")
    assert seen.state == "running"


def test_stopping_keeps_the_part_and_ends_the_stream(ask: Ask) -> None:
    answer, script = ask(STORED, token("Nineteen "), WAIT, ("done", DONE))
    text_of(answer, "Nineteen ")

    answer.stop()

    assert answer.snapshot().state == "stopped"
    assert answer.snapshot().text == "Nineteen "
    assert script.left.wait(PATIENCE_S), "the answer function must notice"


def test_stopping_before_the_first_byte_works_too(ask: Ask) -> None:
    answer, script = ask(WAIT, ("done", DONE))

    answer.stop()

    assert answer.wait(PATIENCE_S).state == "stopped"
    assert script.left.wait(PATIENCE_S)


def test_an_error_of_the_function_is_the_answers_error(ask: Ask) -> None:
    problem = {"status": 429, "code": "rate_limited", "detail": "wait a minute"}
    answer, _ = ask(STORED, token("Nine"), ("error", problem))

    end = answer.wait(PATIENCE_S)

    assert (end.state, end.text) == ("failed", "Nine")
    assert isinstance(end.error, RateLimited)


def test_a_stream_that_is_cut_off_is_no_finished_answer(ask: Ask) -> None:
    answer, _ = ask(STORED, token("Nine"))

    end = answer.wait(PATIENCE_S)

    assert end.state == "failed"
    assert end.error is not None
    assert end.error.code == "stream_broken"


def test_an_answer_is_found_again_by_its_conversation(ask: Ask, live: LiveAnswers) -> None:
    answer, _ = ask(STORED, WAIT, ("done", DONE))
    answer.wait_for_ids(PATIENCE_S)

    assert live.of_conversation("ada", "c1") is answer
    assert live.get("ada", answer.answer_id) is answer


def test_an_answer_is_nobody_elses(ask: Ask, live: LiveAnswers) -> None:
    answer, _ = ask(STORED, WAIT, ("done", DONE))
    answer.wait_for_ids(PATIENCE_S)

    assert live.of_conversation("grace", "c1") is None
    assert live.get("grace", answer.answer_id) is None


def test_one_person_cannot_take_every_place(ask: Ask) -> None:
    for _ in range(MOST_RUNNING_OF_ONE):
        ask(WAIT, ("done", DONE))

    with pytest.raises(RateLimited):
        ask(WAIT)
    other, _ = ask(WAIT, ("done", DONE), owner="grace")
    assert other.running


def test_an_answer_that_was_shown_is_let_go(ask: Ask, live: LiveAnswers) -> None:
    answer, _ = ask(STORED, ("done", DONE))
    answer.wait(PATIENCE_S)

    live.forget(answer)

    assert live.get("ada", answer.answer_id) is None
