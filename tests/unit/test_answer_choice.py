"""Which sentences answer a question, without an embedder: the words alone decide."""

# ruff: noqa: RUF001 - full-width punctuation is meant

import pytest

from functions.answer.asking import expected
from functions.answer.candidates import candidates
from functions.answer.extractive import LEAST_RELEVANCE, MOST_QUOTES, select_quotes
from functions.answer.vocabulary import circumstances, telling_terms
from lectern.api import Passage
from tests.provider.retrieve import passage


def quoted(question: str, *passages: Passage) -> list[str]:
    quotes = select_quotes(question, passages, None)
    return [passages[quote.passage].text[quote.start : quote.end] for quote in quotes]


def test_a_question_in_a_text_is_no_answer() -> None:
    text = passage("Try one of these questions:\n\n- How large may a file be?", relevance=0.9)
    limits = passage("A file may be 1 GiB large.", number=2, relevance=0.8)

    assert quoted("How large may a file be?", text) == []
    assert quoted("How large may a file be?", text, limits) == ["A file may be 1 GiB large."]


def test_the_answer_to_a_question_that_the_text_asks_stands_behind_it() -> None:
    frequent = passage("Who may come?\n\nMembers.\n\nHow large may a file be?\n\n1 GiB at most.")

    assert quoted("How large may a file be?", frequent)[0] == "1 GiB at most."


def test_what_only_repeats_the_question_is_no_answer() -> None:
    assert quoted("Who is the Secretary of Labor?", passage("Secretary of Labor")) == []


def test_a_line_of_a_table_of_contents_is_no_answer() -> None:
    contents = passage("Vision .......... 6\nMission .......... 7", relevance=0.9)

    assert quoted("What is the vision and mission?", contents) == []


def test_a_label_is_quoted_with_what_it_announces() -> None:
    text = passage("It rained.\n\nThe probable cause of this accident is:\n\nThe pilot slept.")

    first, *_ = quoted("What was the probable cause of the accident?", text)

    assert first == "The probable cause of this accident is:\n\nThe pilot slept."


def test_what_stands_under_the_heading_that_was_asked_for_comes_first() -> None:
    mission = passage("To count every pear.", number=1, relevance=0.5, heading_path=["Mission"])
    other = passage("The office helps the Orchard Board in its mission.", number=2, relevance=0.5)

    assert quoted("What is the mission of the Orchard Board?", other, mission)[0] == mission.text


def test_a_definition_leads_what_only_uses_the_word() -> None:
    uses = passage("A retail customer may ask a retail customer desk for help.", number=1)
    defines = passage("We define “retail customer” as: “a person who buys for himself.”", number=2)

    assert quoted("What is a retail customer?", uses, defines)[0] == defines.text


@pytest.mark.parametrize(
    "article",
    [
        "제70조 대통령의 임기는 5년으로 하며, 중임할 수 없다.",
        "제70조대통령의임기는5년으로하며, 중임할수없다.",
    ],
)
def test_a_korean_article_answers_with_and_without_spaces(article: str) -> None:
    other = passage(
        "제68조 대통령의 임기가 만료되는 때에는 후임자를 선거한다.", number=1, relevance=0.5
    )
    right = passage(article, number=2, relevance=0.5)

    assert quoted("대통령의 임기는 몇 년인가?", other, right)[0] == article


@pytest.mark.parametrize(
    "question",
    [
        "What colour was the plane in Venice?",
        "Who is the king of Norway?",
        "서울시장의 임기는 몇 년인가?",
        "When was the orchard sold?",
    ],
)
def test_a_question_next_to_the_topic_is_refused(question: str) -> None:
    passages = [
        passage("The plane left Venice at noon.", number=1, relevance=0.45),
        passage("Oslo is in Norway.", number=2, relevance=0.4),
        passage("대통령의 임기는 5년으로 한다.", number=3, relevance=0.3),
        passage("The orchard was planted with pears.", number=4, relevance=0.4),
    ]

    assert quoted(question, *passages) == []


def test_passages_that_are_off_topic_are_not_quoted() -> None:
    text = "The file limit is 1 GiB."

    assert quoted("What is the file limit?", passage(text, relevance=LEAST_RELEVANCE)) == [text]
    assert quoted("What is the file limit?", passage(text, relevance=0.2)) == []


def test_few_quotes_the_best_first() -> None:
    texts = [f"Pears of kind {n} cost {n + 10} euros a crate." for n in range(9)]
    passages = [passage(text, number=n, relevance=0.5 + n / 100) for n, text in enumerate(texts, 1)]

    quotes = select_quotes("How much do pears cost a crate?", passages, None)

    assert 1 <= len(quotes) <= MOST_QUOTES
    supports = [quote.support for quote in quotes]
    assert supports == sorted(supports, reverse=True)


def test_what_another_passage_of_the_document_names_counts() -> None:
    cause = "The cause of the accident was ice."
    [candidate] = candidates(
        "What was the cause of the accident in Elyria?", [passage(cause, number=2)], 1
    )
    [helped, *_] = candidates(
        "What was the cause of the accident in Elyria?",
        [passage(cause, number=2), passage("Location: Elyria, Ohio", number=1)],
        9,
    )

    assert helped.text == candidate.text == cause
    assert helped.has.covered > candidate.has.covered
    assert helped.has.absent == 0 < candidate.has.absent


@pytest.mark.parametrize(
    ("question", "holds", "lacks"),
    [
        ("When was it founded?", "It was founded in 1934.", "It was founded long ago."),
        ("How many days are there?", "There are 20 working days.", "There are many days."),
        ("How many days are there?", "There are 20 days.", "There are 20 pears."),
        ("How much is it in 2021?", "It is 6 dollars in 2021.", "It is much in 2021."),
        ("Who is in charge?", "Jane Q. Doe is in charge.", "nobody is in charge."),
        ("What is a pear?", "A pear is a fruit.", "He ate a pear in May."),
        ("임기는 몇 년인가?", "임기는 5년으로 한다.", "임기는 1988년부터 시작한다."),
        ("나이는 몇 세인가?", "40세에 달하여야 한다.", "60일 이내에 선거한다."),
        (
            "피보험자란 무엇인가요?",
            "피보험자: 사고의 대상이 되는 사람",
            "피보험자가 고의로 해친 경우",
        ),
    ],
)
def test_an_answer_holds_what_is_asked_for(question: str, holds: str, lacks: str) -> None:
    asked = expected(question)

    assert asked.fits(holds) > asked.fits(lacks)


def test_what_kind_of_answer_is_expected_cannot_always_be_told() -> None:
    assert expected("Describe the weather in Elyria.").fits("It rained.") == 0


@pytest.mark.parametrize(
    ("question", "terms"),
    [
        ("According to the pilot, what prevented it?", ["prevent"]),
        ("What did President Smith say about pears?", ["say", "pear"]),
        ("国王的父亲是谁？", ["国王", "父亲"]),
        ("피보험자란 무엇인가요?", ["피보", "보험", "험자"]),
        ("planned planning plans planes", ["plan"]),
    ],
)
def test_the_terms_of_a_question_are_what_it_is_about(question: str, terms: list[str]) -> None:
    assert telling_terms(question) == terms


def test_circumstances_stand_behind_the_first_preposition() -> None:
    question = "In 2007, what was the cause of the accident in Rome?"

    assert circumstances("What was the cause of the accident in Rome?") == {"accident", "rom"}
    assert "caus" not in circumstances(question)
    assert circumstances("Who sleeps?") == frozenset()
