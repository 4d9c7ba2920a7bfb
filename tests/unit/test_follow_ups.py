"""Questions that may come next, and how they are parted from a model's answer."""

# ruff: noqa: RUF001 - typographic quotes are meant

import pytest

from functions.answer.follow_ups import about_sections, written_by_model
from functions.answer.quoting import citation_of
from functions.answer.trailing import Trailer
from lectern.api import Passage
from tests.provider.retrieve import passage

RULES = "Hotels may cost up to 140 euros a night. Receipts are due within 30 days."
TRAINS = "Trains are booked in second class. Flights need the approval of a manager."
ASKED = "How much may a hotel cost?"


def found(text: str, *headings: str, number: int = 1, document: str = "d1") -> Passage:
    return passage(text, document_id=document, chunk_id=f"c{number}", heading_path=list(headings))


def parted(*pieces: str) -> tuple[str, list[str]]:
    trailer = Trailer()
    answer = "".join(map(trailer.feed, pieces)) + trailer.finish()
    return answer, trailer.text.split("\n")


@pytest.mark.parametrize("size", [1, 3, 500])
@pytest.mark.parametrize("line", ["FOLLOW_UPS", "**FOLLOW_UPS:**", "## FOLLOW_UPS"])
def test_what_stands_behind_the_agreed_line_is_no_answer(line: str, size: int) -> None:
    said = f"Up to 140 euros [1].\n\n{line}\nWhen are receipts due?"

    answer, behind = parted(*(said[at : at + size] for at in range(0, len(said), size)))

    assert answer == "Up to 140 euros [1]."
    assert behind[-1] == "When are receipts due?"


@pytest.mark.parametrize(
    "said", ["FOLLOW the rules.\n\nFOLLOW", "a\n\n\nb\n", "It says FOLLOW_UPS here", ""]
)
def test_an_answer_without_it_comes_whole(said: str) -> None:
    assert parted(*said)[0] == said


def test_only_questions_that_the_passages_answer_are_offered() -> None:
    lines = [
        "1. When are receipts due?",
        "- How much may a hotel cost a night?",
        "What colour is the moon?",
        "Receipts are due within days.",
        "See https://example.com/receipts for when receipts are due?",
        "* Who approves flights: a manager? [2]",
    ]

    offered = written_by_model(lines, ASKED, [found(RULES), found(TRAINS, number=2)])

    assert offered == ["When are receipts due?", "Who approves flights: a manager?"]


def test_sections_beside_the_quoted_one_are_asked_about_in_the_readers_language() -> None:
    quoted = found(RULES, "Travel", "2.1 Hotel costs")
    beside = found(TRAINS, "Travel", "2.2 Trains and flights", number=2)
    vague = found(TRAINS, "Introduction", number=3)
    elsewhere = found(TRAINS, "Garden tools and seeds", number=4, document="d2")
    citation = citation_of(
        quoted, number=1, answer_span=(0, 1), quote_span=(0, 5), supported=True, support=1.0
    )

    offered = about_sections(ASKED, [quoted, beside, vague, elsewhere], [citation], "en")
    korean = about_sections(ASKED, [quoted, beside], [citation], "ko")

    assert offered == ["What is said about “Trains and flights”?"]
    assert korean == ["‘Trains and flights’에 대해서는 어떻게 나와 있나요?"]
    assert about_sections(ASKED, [quoted, beside], [], "en") == []
