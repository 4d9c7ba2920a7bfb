import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.web.answer_values import citation, passage, reply
from web.parts.citations import linked, plain, sources, with_sources

LINK = re.compile(r'\[(\d+)\]\((#cite-[\w-]+) "([^"]*)"\)')


def links(text: str) -> list[tuple[str, str]]:
    return [(match[1], match[2]) for match in LINK.finditer(text)]


def test_a_marker_becomes_a_link_to_its_citation() -> None:
    shown = linked("Nineteen days. [1]", "m1", [citation()], [passage()])

    assert links(shown) == [("1", "#cite-m1-1-0")]
    assert shown.startswith("Nineteen days.\u00a0[1](")


@pytest.mark.parametrize("before", ["- ", "* ", "1. ", "> ", "# "])
def test_a_marker_that_begins_a_block_leaves_the_block_as_it_is(before: str) -> None:
    shown = linked(f"{before}[1] says so", "m1", [citation()], [passage()])

    assert shown.startswith(f"{before}[1](")


def test_before_citations_are_verified_a_marker_points_to_its_passage() -> None:
    shown = linked("Nineteen days. [1]", "m1", [], [passage()])

    assert links(shown) == [("1", "#cite-m1-1")]


def test_each_marker_of_a_number_has_its_own_citation() -> None:
    text = "First. [1] Second. [1]"
    cited = [citation(answer_start=0, answer_end=6), citation(answer_start=11, answer_end=18)]

    shown = linked(text, "m1", cited, [passage()])

    assert links(shown) == [("1", "#cite-m1-1-0"), ("1", "#cite-m1-1-1")]


def test_an_unverified_citation_is_marked_in_its_address() -> None:
    shown = linked("It is so. [1]", "m1", [citation(supported=False)], [passage()])

    assert links(shown) == [("1", "#cite-m1-1-0u")]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("`list[1]`", id="code"),
        pytest.param("```\na[1] costs $5\n```", id="fenced code"),
        pytest.param("```python\na[1]", id="a fence that is still open"),
        pytest.param("[9]", id="no such passage"),
        pytest.param("[0]", id="passages count from 1"),
        pytest.param(r"\[1\]", id="escaped"),
        pytest.param("$x^2 + y_1$", id="a formula"),
        pytest.param("$$\n\\sum_i x_i\n$$", id="a displayed formula"),
    ],
)
def test_what_is_no_marker_stays_as_it_is(text: str) -> None:
    assert linked(text, "m1", [citation()], [passage()]) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("It costs $5 or $6.", r"It costs \$5 or \$6."),
        ("US$ 20,000 and US$ 30,000", r"US\$ 20,000 and US\$ 30,000"),
        (r"already \$5", r"already \$5"),
    ],
)
def test_sums_of_money_are_no_formulas(text: str, shown: str) -> None:
    assert linked(text, "m1", [], []) == shown


def test_a_quote_cannot_leave_its_title() -> None:
    hostile = passage(
        text='"> ![](http://evil/x) [a](b) $x$ `', document_name='a"b](javascript:1).pdf'
    )

    shown = linked("So [1].", "m1", [], [hostile])

    match = LINK.search(shown)
    assert match is not None
    assert shown == f"So\u00a0{match[0]}."
    assert not set('"<>[]`$') & set(match[3])


@given(st.text(alphabet="ab `~$[]()1!\n\\*", max_size=60))
@example(r"\\$")
@example(r"\$ $")
def test_only_markers_and_dollars_change(text: str) -> None:
    shown = linked(text, "m1", [citation()], [passage()])

    assert without_escaped_dollars(LINK.sub(r"[\1]", shown)) == without_escaped_dollars(text)


def without_escaped_dollars(text: str) -> str:
    """Return Markdown with bare dollars for escaped ones; other escapes stay as they are."""
    return re.sub(r"\\(.)", lambda pair: "$" if pair[1] == "$" else pair[0], text, flags=re.DOTALL)


@given(st.text(max_size=40))
def test_plain_text_has_no_markdown_left(text: str) -> None:
    shown = plain(text)

    assert re.sub(r"\\(.)", r"\1", shown) == " ".join(text.split())
    assert not re.search(r"(?<!\\)(?:\\\\)*[\[\]`*_$<>]", shown)


def test_sources_are_grouped_by_document_in_the_order_of_numbers() -> None:
    passages = [
        passage(),
        passage(document_id="d2", document_name="other.pdf"),
        passage(page_number=3),
    ]
    cited = [citation(3, page_number=3), citation(1), citation(2, document_id="d2")]

    found = sources(reply(passages=passages, citations=cited))

    assert [(s.document_name, [p.number for p in s.places]) for s in found] == [
        ("library.pdf", [1, 3]),
        ("other.pdf", [2]),
    ]


def test_without_citations_what_was_found_is_listed() -> None:
    found = sources(reply(citations=[], found=False))

    assert [place.citation for place in found[0].places] == [None]


def test_a_number_is_listed_once_by_its_supported_citation() -> None:
    cited = [citation(supported=False), citation()]

    found = sources(reply(citations=cited))

    assert [(p.citation, p.supported) for p in found[0].places] == [(1, True)]


def test_an_answer_is_copied_with_its_sources() -> None:
    text = with_sources(reply(), "Sources")

    assert text == "Nineteen days. [1]\n\nSources\n[1] library.pdf, p. 2"


def test_an_answer_without_citations_is_copied_alone() -> None:
    assert with_sources(reply(citations=[]), "Sources") == "Nineteen days. [1]"
