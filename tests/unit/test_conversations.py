"""The pure parts of conversations: trees, titles, follow-ups, withholding, patience, settings."""

# ruff: noqa: RUF001 - full-width punctuation is meant

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.answer.following import leans, understood
from functions.catalog.exporting import markdown_of
from functions.catalog.patience import Patience
from lectern.api import AnswerReply, AnswerUsage, Citation, MessageReply, UserSettingsChange
from lectern.catalog.titles import title_of
from lectern.catalog.tree import Node, branch_to, families, newest_leaf, place_behind
from lectern.errors import RateLimited
from lectern.preferences import DEFAULTS, effective_settings, stored_values
from lectern.withholding import withheld
from tests.provider.retrieve import passage

HOTEL = "How much may a hotel cost a night?"


@st.composite
def trees(draw: st.DrawFn) -> dict[str, Node]:
    """Trees as they grow: questions behind answers or at the root, answers behind questions."""
    tree: dict[str, Node] = {}
    for ordinal in range(1, draw(st.integers(0, 25)) + 1):
        parent = draw(st.sampled_from(["", *tree]))
        role = "answer" if parent and tree[parent].role == "question" else "question"
        node_id = f"m{draw(st.integers(0, 9))}-{ordinal}"
        tree[node_id] = Node(node_id, parent, ordinal, role, "complete")
    return tree


@given(trees())
def test_a_branch_is_a_path_from_the_root(tree: dict[str, Node]) -> None:
    for leaf in ["", *tree]:
        branch = branch_to(tree, leaf)

        parents = ["", *(node.message_id for node in branch)]
        assert [node.parent_id for node in branch] == parents[:-1]
        assert parents[-1] == leaf


@given(trees())
def test_siblings_are_ordered_and_complete(tree: dict[str, Node]) -> None:
    found = families(tree)

    for parent_id, children in found.items():
        ordinals = [tree[child].ordinal for child in children]
        assert ordinals == sorted(ordinals)
        assert {tree[child].parent_id for child in children} == {parent_id}
    assert sorted(child for family in found.values() for child in family) == sorted(tree)


@given(trees())
def test_the_newest_leaf_is_a_leaf_behind_the_message(tree: dict[str, Node]) -> None:
    for message_id in tree:
        leaf = newest_leaf(tree, message_id)

        assert leaf not in families(tree)
        assert message_id in {node.message_id for node in branch_to(tree, leaf)}


@given(trees())
def test_the_next_question_stands_behind_an_answer_or_at_the_root(tree: dict[str, Node]) -> None:
    for active in ["", *tree]:
        behind = place_behind(tree, active)

        assert not behind or tree[behind].role == "answer"


@pytest.mark.parametrize(
    ("question", "title"),
    [
        ("How much?", "How much?"),
        ("  How\n much? ", "How much?"),
        (
            "How much may a hotel cost a night in the city of Seoul while the fair is on?",
            "How much may a hotel cost a night in the city of Seoul…",
        ),
        ("가" * 40, "가" * 29 + "…"),
        (
            "출장 중에 숙박비는 하루에 얼마까지 쓸 수 있으며 누가 그것을 승인하는지 알려 주세요",
            None,
        ),
        ("x" * 100, "x" * 59 + "…"),
        ("e\u0301" * 80, "e\u0301" * 59 + "…"),
    ],
)
def test_a_title_is_a_short_question(question: str, title: str | None) -> None:
    made = title_of(question)

    assert title is None or made == title
    assert made.removesuffix("…") in " ".join(question.split())


@given(st.text(max_size=400))
def test_every_question_has_a_title_on_one_short_line(question: str) -> None:
    made = title_of(question)

    assert len(made.splitlines()) <= 1
    assert title_of(made) == made


LEANING = [
    "And in Seoul?",
    "What about breakfast?",
    "Who approves it?",
    "Why?",
    "How long does that take?",
    "How much is it then?",
    "Are there exceptions to this?",
    "Is it allowed?",
    "그것은 누가 승인하나요?",
    "서울은요?",
    "그럼 아침 식사는?",
    "또 다른 예외가 있나요?",
    "それはいつですか？",
    "では、東京は？",
    "它多少钱？",
    "上海呢？",
]
STANDING = [
    HOTEL,
    "Which receipts are due within thirty days?",
    "What is GraphRAG?",
    "What does section 12 say about parental leave?",
    "Which employees have to show receipts for the meals that they paid for their guests?",
    "Is there a limit for hotel rooms?",
    "환불 정책은 무엇인가요?",
    "연차는 며칠인가요?",
    "대통령의 임기는 몇 년인가요?",
    "返品の方針は何ですか？",
    "退款政策是什么？",
]


@pytest.mark.parametrize("question", LEANING)
def test_a_question_that_leans_takes_the_topic_along(question: str) -> None:
    meant = understood(question, ["What is the dress code?", HOTEL])

    assert leans(question)
    assert meant.query.endswith(question)
    assert {"hotel", "cost"} <= set(meant.query.split())
    assert "dress" not in meant.query
    assert meant.question == f"{HOTEL}\n{question}"


@pytest.mark.parametrize("question", STANDING)
def test_a_question_that_stands_for_itself_stays_as_it_is(question: str) -> None:
    meant = understood(question, ["What is the dress code?"])

    assert (meant.question, meant.query) == (question, question)


def test_a_chain_of_follow_ups_reaches_back_to_its_topic() -> None:
    meant = understood("And breakfast?", [HOTEL, "And in Seoul?"])

    assert {"hotel", "Seoul?", "breakfast?"} <= set(meant.query.split())


def test_the_first_question_has_nothing_to_lean_on() -> None:
    assert understood("And in Seoul?", []).query == "And in Seoul?"


def reply_of(*sources: tuple[str, str, str]) -> AnswerReply:
    """Return an answer that quotes (collection, document, text) one after another."""
    answer, citations, passages = "It says:", [], []
    for number, (collection, name, text) in enumerate(sources, start=1):
        found = passage(text, number=number, name=name, collection_id=collection)
        answer += f"\n\n{text} [{number}]"
        start = len(answer) - len(text) - 4
        citations.append(
            Citation(
                number=number,
                answer_start=start,
                answer_end=start + len(text),
                chunk_id=found.chunk_id,
                collection_id=collection,
                document_id="d1",
                document_name=name,
                revision=1,
                page_number=number,
                quote=text,
                quote_start=0,
                quote_end=len(text),
                boxes=[],
                supported=True,
                support=1.0,
            )
        )
        passages.append(found)
    return AnswerReply(
        answer=answer,
        kind="extractive",
        found=True,
        citations=citations,
        passages=passages,
        usage=AnswerUsage(model="", model_calls=0, prompt_tokens=0, completion_tokens=0),
        timings_ms={},
        warnings=[],
    )


def test_only_what_was_lost_is_blank() -> None:
    reply = reply_of(("kept", "a.pdf", "Red apples."), ("lost", "b.pdf", "Blue bananas."))

    shown, blank = withheld(reply, {"kept"})

    assert blank == 1
    assert shown.answer == "██ ████:\n\nRed apples. [1]\n\n████ ███████. [2]"
    assert shown.citations[0] == reply.citations[0]
    assert (shown.citations[1].number, shown.citations[1].quote) == (2, "")
    assert shown.passages[0] == reply.passages[0]
    assert (shown.passages[1].text, shown.passages[1].document_name) == ("", "")
    assert withheld(reply, {"kept", "lost"}) == (reply, 0)


WORDS = st.text(alphabet="abcXYZ가나 .()", min_size=1, max_size=30).filter(str.strip)


@given(
    st.lists(st.tuples(st.sampled_from("abc"), WORDS, WORDS), max_size=5),
    st.sets(st.sampled_from("abc")),
)
def test_withholding_keeps_every_place_and_no_lost_quote(
    sources: list[tuple[str, str, str]], readable: set[str]
) -> None:
    reply = reply_of(*sources)

    shown, blank = withheld(reply, readable)

    assert len(shown.answer) == len(reply.answer)
    assert [c.number for c in shown.citations] == [c.number for c in reply.citations]
    assert len(shown.passages) == len(reply.passages)
    assert blank == sum(collection not in readable for collection, _, _ in sources)
    for citation in reply.citations:
        if citation.collection_id not in readable:
            span = shown.answer[citation.answer_start : citation.answer_end]
            assert not any(map(str.isalnum, span))


def test_what_an_unfinished_answer_says_of_lost_documents_is_blank_altogether() -> None:
    reply = reply_of(("kept", "a.pdf", "Red apples."), ("lost", "b.pdf", "Blue bananas."))
    stopped = reply.model_copy(update={"citations": [], "kind": "generated"})

    shown, _ = withheld(stopped, {"kept"})

    assert shown.answer == "██ ████:\n\n███ ██████. [1]\n\n████ ███████. [2]"


def test_that_nothing_was_found_may_be_read_whatever_was_lost() -> None:
    reply = reply_of(("lost", "b.pdf", "Blue bananas."))
    nothing = {"found": False, "citations": [], "answer": "Nothing was found in B.PDF."}

    shown, _ = withheld(reply.model_copy(update=nothing), set())

    assert shown.answer == "Nothing was found in █.███."


def message(**values: Any) -> MessageReply:
    return MessageReply.model_validate(
        {
            "message_id": "m1",
            "parent_id": "",
            "role": "question",
            "state": "complete",
            "text": HOTEL,
            "created_at": "2026-11-22T10:00:00Z",
            "siblings": ["m1"],
            "position": 1,
        }
        | values
    )


def test_an_export_has_numbered_sources_each_once() -> None:
    reply = reply_of(("a", "x.pdf", "One."), ("a", "y.pdf", "Two."))
    twice = reply.model_copy(update={"citations": [*reply.citations, reply.citations[0]]})
    answer = message(role="answer", state="stopped", text=reply.answer, answer=twice)

    text = markdown_of("", [message(), answer])

    assert text == (
        f"# Conversation\n\n## {HOTEL}\n\nIt says:\n\nOne. [1]\n\nTwo. [2]\n\n"
        "*(This answer was stopped.)*\n\nSources:\n\n- [1] x.pdf, page 1\n- [2] y.pdf, page 2\n"
    )


def test_patience_comes_back_with_time_and_each_address_has_its_own() -> None:
    now = [0.0]
    patience = Patience(burst=2, per_second=0.5, clock=lambda: now[0])
    patience.ask("a")
    patience.ask("a")
    patience.ask("b")

    with pytest.raises(RateLimited) as refused:
        patience.ask("a")
    now[0] += refused.value.retry_after_s
    patience.ask("a")


def test_settings_of_another_version_are_left_out() -> None:
    settings = effective_settings({"top_k": 12, "mode": "telepathy", "gone": 1, "theme": None})

    assert settings == DEFAULTS.model_copy(update={"top_k": 12})


def test_a_defaults_value_is_not_stored() -> None:
    change = UserSettingsChange(top_k=8, theme="dark")

    assert stored_values(change) == {"top_k": None, "theme": "dark"}
