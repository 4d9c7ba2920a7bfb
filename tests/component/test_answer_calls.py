"""What a plain question costs: how often the model is called, counted where the calls arrive."""

import pytest

from functions.answer.prompt import build_prompt
from tests.component.test_answer_conversations import QUESTION, Start
from tests.component.test_answer_conversations import provider as provider  # noqa: PLC0414
from tests.component.test_answer_conversations import retrieve as retrieve  # noqa: PLC0414
from tests.component.test_answer_conversations import start as start  # noqa: PLC0414
from tests.component.test_answer_receipts import receipt_of
from tests.provider.chat import Script, ScriptedChat, refusal
from tests.provider.retrieve import ScriptedRetrieve, passage

ANSWER = Script(text="Hotels may cost up to 140 euros a night [1].")
ASKED = "How much may a hotel in Seoul cost a night?"


def test_a_plain_question_takes_one_call(start: Start, provider: ScriptedChat) -> None:
    kim = start(provider)

    reply = kim.whole(conversation_id="new")

    assert len(provider.requests) == reply.usage.model_calls == 1


def test_a_question_that_leans_on_another_takes_two_and_is_searched_for_in_full(
    start: Start, provider: ScriptedChat, retrieve: ScriptedRetrieve
) -> None:
    kim = start(provider)
    first = kim.whole(conversation_id="new")
    provider.play(Script(text=ASKED), ANSWER)

    reply = kim.whole(question="And in Seoul?", conversation_id=first.conversation_id)

    assert len(provider.requests) == 1 + 2
    assert reply.usage.model_calls == 2
    assert retrieve.requests[-1]["query"] == ASKED
    assert QUESTION in provider.requests[1].prompt
    receipt = receipt_of(kim, reply.message_id)
    assert (receipt.query, receipt.meant) == (ASKED, f"{QUESTION}\nAnd in Seoul?")
    assert [call.prompt for call in receipt.calls] == ["rewrite-v1", "answer-v4"]


@pytest.mark.parametrize(
    "said",
    [
        pytest.param(Script(text="Hotels cost 140 euros in Seoul [1]."), id="an answer"),
        pytest.param(Script(text="What is the capital?"), id="another question"),
        pytest.param(Script(text=""), id="nothing"),
        pytest.param(Script(text="Seoul " * 200), id="too long"),
        pytest.param(refusal(400, "no"), id="an error"),
    ],
)
def test_a_rewriting_that_is_no_help_leaves_the_heuristic(
    start: Start, provider: ScriptedChat, retrieve: ScriptedRetrieve, said: Script
) -> None:
    kim = start(provider)
    first = kim.whole(conversation_id="new")
    provider.play(said, ANSWER)

    reply = kim.whole(question="And in Seoul?", conversation_id=first.conversation_id)

    assert retrieve.requests[-1]["query"].endswith("And in Seoul?")
    assert "hotel" in retrieve.requests[-1]["query"]
    assert reply.kind == "generated"


def test_sentences_without_a_source_are_marked(start: Start, provider: ScriptedChat) -> None:
    text = (
        "The rules are:\n\nHotels may cost up to 140 euros a night [1]. "
        "Most employees prefer quiet hotels. Is that all?"
    )
    provider.play(Script(text=text))

    reply = start(provider).whole()

    assert [reply.answer[span.start : span.end] for span in reply.uncited] == [
        "Most employees prefer quiet hotels."
    ]


def test_a_models_context_decides_how_much_it_reads() -> None:
    passages = [passage("word " * 400, number=n) for n in range(1, 60)]

    given = {
        size: build_prompt("What?", passages, context_tokens=size).passages
        for size in (2048, 8192, 32768)
    }

    assert given[2048] >= 1
    assert given[2048] < given[8192] < given[32768] <= 59


def test_quotes_list_each_claim_with_the_words_it_rests_on(
    start: Start, provider: ScriptedChat
) -> None:
    provider.play(
        Script(text="Hotels may cost up to 140 euros a night [1]. Receipts are due in 90 days [1].")
    )

    reply = start(provider).whole(citation_style="quotes")

    assert reply.answer.endswith(
        "The documents say:\n\n- Hotels may cost up to 140 euros a night. "
        "“Employees may book hotels up to 140 euros a night.” [1]"
    )
    *_, listed = reply.citations
    said = reply.answer[listed.answer_start : listed.answer_end]
    assert said.startswith("Hotels")
    assert listed.quote in said
    assert [citation.supported for citation in reply.citations] == [True, False, True]
