"""Sentences, provenance, citation markers, safety and verification of answers."""

# ruff: noqa: RUF001 - full-width punctuation is meant

import itertools
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.answer.citations import CitedText, claims
from functions.answer.extractive import select_quotes
from functions.answer.provenance import place_of
from functions.answer.quoting import quoted_answer
from functions.answer.safety import harmless
from functions.answer.sentences import MAX_CHARACTERS, sentences
from functions.answer.support import Question, supports
from functions.answer.vocabulary import telling_terms
from tests.provider.retrieve import passage

MARKDOWN = st.text("ab1 2[]()!<>/`~^,:\n【】.-hi\\", max_size=60)


def split(text: str) -> list[str]:
    return [text[s.start : s.end] for s in sentences(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It rains. It pours! Does it?", ["It rains.", "It pours!", "Does it?"]),
        ("Dr. Smith paid $3.50 at 5 p.m. today.", ["Dr. Smith paid $3.50 at 5 p.m. today."]),
        ("See Fig. 3 for J. Doe. Then go.", ["See Fig. 3 for J. Doe.", "Then go."]),
        ("He left in 1987. She stayed.", ["He left in 1987.", "She stayed."]),
        ("He said “No.” Then he left.", ["He said “No.”", "Then he left."]),
        ("wrapped over\ntwo lines. Next", ["wrapped over\ntwo lines.", "Next"]),
        ("Intro:\n- one\n- two\n1. three", ["Intro:", "- one", "- two", "1. three"]),
        ("임기는 5년이다. 중임할 수 없다.", ["임기는 5년이다.", "중임할 수 없다."]),
        ("今日は雨。明日は「晴れ。」と言う。", ["今日は雨。", "明日は「晴れ。」", "と言う。"]),
        ("价格是5元。不退款！", ["价格是5元。", "不退款！"]),
        ("A title\n\nA paragraph", ["A title", "A paragraph"]),
        ("", []),
    ],
)
def test_text_is_cut_where_sentences_end(text: str, expected: list[str]) -> None:
    assert split(text) == expected


def test_a_row_of_a_table_is_a_unit_that_knows_its_header() -> None:
    text = "Prices\n| City | Price |\n| --- | --- |\n| Rome | 140 |\n| Oslo | 200 |"

    units = sentences(text)

    assert split(text) == ["Prices", "| Rome | 140 |", "| Oslo | 200 |"]
    assert units[1].header == "| City | Price |"


@given(st.text("ab. \n|-。!?1、다", max_size=80) | st.text(max_size=80))
def test_sentences_cover_a_text_in_order_without_overlap(text: str) -> None:
    units = sentences(text)

    assert all(text[u.start : u.end] == text[u.start : u.end].strip() != "" for u in units)
    assert all(a.end <= b.start for a, b in itertools.pairwise(units))
    if "|" not in text:
        covered = "".join(text[u.start : u.end] for u in units)
        assert "".join(covered.split()) == "".join(text.split())


def test_a_sentence_without_end_is_cut_at_white_space() -> None:
    units = sentences("word " * 1000)

    assert all(u.end - u.start <= MAX_CHARACTERS for u in units)
    assert len(units) > 5


@given(
    text=st.text("abc \n", min_size=1, max_size=80),
    span=st.tuples(st.integers(0, 80), st.integers(0, 80)),
)
def test_boxes_cover_just_the_lines_of_a_span(text: str, span: tuple[int, int]) -> None:
    start, end = min(*span, len(text)), min(max(span), len(text))
    shown = passage(text, number=2)

    page, boxes = place_of(shown, start, end)

    touched = [line for line in shown.lines if line.start < end and line.end > start]
    assert page == 2
    if start < end and shown.lines:
        assert len(boxes) == len(touched)
    for box, line in zip(boxes, touched, strict=False):
        assert line.x0 <= box.x0 <= box.x1 <= line.x1
        assert (box.y0, box.y1) == (line.y0, line.y1)


def test_a_span_inside_a_line_is_clipped_in_proportion() -> None:
    _, [box] = place_of(passage("0123456789"), 5, 10)

    assert (box.x0, box.x1) == (150, 250)


@pytest.mark.parametrize(
    ("written", "answer", "numbers"),
    [
        ("So [1].", "So [1].", [1]),
        ("So [1, 3] and [2][3].", "So [1][3] and [2][3].", [1, 3, 2, 3]),
        ("So【2】 and [^1] and ［３］.", "So[2] and [1] and [3].", [2, 1, 3]),
        ("So [1-3].", "So [1][2][3].", [1, 2, 3]),
        ("So【1†source】.", "So[1].", [1]),
        ("So [7] or [0].", "So  or .", []),
        ("`a[1]` stays", "`a[1]` stays", []),
        ("```\nx[1]\n```\nso [1]", "```\nx[1]\n```\nso [1]", [1]),
        ("an unclosed ` tick [1]", r"an unclosed \` tick [1]", [1]),
        ("[see 1] is no marker", "[see 1] is no marker", []),
        ("[1](http://evil.example/a)", "[1]", [1]),
        ("half open [1", "half open [1", []),
    ],
)
@pytest.mark.parametrize("size", [1, 3, 1000])
def test_markers_are_found_however_the_answer_arrives(
    written: str, answer: str, numbers: list[int], size: int
) -> None:
    text = CitedText(passages=3)
    sent = [text.feed(written[i : i + size]) for i in range(0, len(written), size)]
    sent.append(text.finish())

    assert "".join(sent) == text.text == answer
    assert [mark.number for mark in text.marks] == numbers
    assert all(answer[m.start : m.end] == f"[{m.number}]" for m in text.marks)


@given(MARKDOWN, st.lists(st.integers(0, 60), max_size=6))
@settings(max_examples=300)
def test_how_an_answer_is_cut_never_changes_it(written: str, cuts: list[int]) -> None:
    at = [0, *sorted(min(cut, len(written)) for cut in cuts), len(written)]
    text, plain = CitedText(3), CitedText(3)
    for start, end in itertools.pairwise(at):
        text.feed(written[start:end])
    text.finish()
    plain.feed(written)
    plain.finish()

    assert text.text == plain.text
    assert text.marks == plain.marks


@given(MARKDOWN)
@settings(max_examples=500)
def test_no_link_image_or_tag_survives_outside_code(written: str) -> None:
    shown = "".join(
        "·" if piece.kind == "code" else piece.text + "[1]" * len(piece.numbers)
        for piece in harmless(written)
    )

    assert not re.search(r"\]\(|\]:|<[A-Za-z/!?]", shown)


def test_a_marker_behind_a_sentence_belongs_to_it() -> None:
    text = CitedText(3)
    text.feed("It rains. [1] It pours [2].\n\n[3]")
    text.finish()

    found = claims(text.text, text.marks)

    assert [(text.text[c.start : c.end], c.numbers) for c in found] == [
        ("It rains.", (1,)),
        ("It pours [2].", (2, 3)),
    ]


@pytest.mark.parametrize(
    ("claim", "supported"),
    [
        ("The company had 1,200 employees in 2019.", True),
        ("In 2019 the company employed 1200 employees.", True),
        ("The company had 1,300 employees in 2019.", False),
        ("Whales sing under water.", False),
        ("In 2019 the company in Lyon had 1,200 employees.", False),
    ],
)
def test_a_claim_needs_the_words_and_the_figures_of_its_passage(
    claim: str, *, supported: bool
) -> None:
    text = "Founded late. In 2019 the company had 1,200 employees. It moved."

    [support] = supports([Question(claim, text)], None)

    assert support.supported is supported
    if supported:
        assert text[support.start : support.end] == "In 2019 the company had 1,200 employees."


@given(st.text("abc 12.\n|", max_size=60), st.text("abc 12.\n|", max_size=120))
def test_support_is_a_share_and_its_span_lies_in_the_passage(claim: str, text: str) -> None:
    [support] = supports([Question(claim, text)], None)

    assert 0 <= support.support <= 1
    assert 0 <= support.start <= support.end <= len(text)


SENTENCE = st.lists(
    st.sampled_from(
        ["hotel", "night", "euros", "cost", "bread", "[1]", "*a*", "<b>", "140", "`x`"]
    ),
    min_size=1,
    max_size=8,
).map(lambda words: " ".join(words) + ".")


@given(st.lists(st.lists(SENTENCE, max_size=5).map("\n".join), max_size=4), SENTENCE)
def test_every_quote_is_verbatim_and_the_answer_shows_it(texts: list[str], question: str) -> None:
    passages = [passage(text, number=i + 1) for i, text in enumerate(texts)]

    written = quoted_answer(question, passages, select_quotes(question, passages, None))

    assert written.found == bool(written.citations)
    for citation in written.citations:
        text = passages[citation.number - 1].text
        assert text[citation.quote_start : citation.quote_end] == citation.quote
        shown = written.answer[citation.answer_start : citation.answer_end]
        assert re.sub(r"\\([\\`*\[\]<~])", r"\1", shown) == " ".join(citation.quote.split())


def test_near_duplicates_are_quoted_once() -> None:
    text = "A hotel may cost 140 euros a night."
    passages = [passage(text, number=1), passage("Rules. " + text, number=2)]

    quotes = select_quotes("How much may a hotel cost a night?", passages, None)

    assert len(quotes) == 1


def test_a_korean_question_is_about_its_nouns() -> None:
    assert telling_terms("대통령의 임기는 몇 년인가요?") == ["대통", "통령", "임기"]


@pytest.mark.parametrize(
    ("answer", "parts"),
    [
        pytest.param(
            "Lisbon has 120 desks [1], and Ana leads it [2].",
            {1: "Lisbon has 120 desks ", 2: ", and Ana leads it "},
            id="a part each",
        ),
        pytest.param("It is so [1][2].", {1: "It is so ", 2: "It is so "}, id="side by side"),
        pytest.param(
            "It is so [1], although nobody said that.",
            {1: "It is so [1], although nobody said that."},
            id="what follows the last",
        ),
        pytest.param("Both [1] and both [1].", {1: "Both [1] and both "}, id="one number twice"),
    ],
)
def test_a_marker_stands_behind_its_part_of_a_sentence(answer: str, parts: dict[int, str]) -> None:
    text = CitedText(9)
    text.feed(answer)
    text.finish()

    (claim,) = claims(text.text, text.marks)

    assert {
        number: text.text[start:end]
        for number, (start, end) in zip(claim.numbers, claim.spans, strict=True)
    } == parts
