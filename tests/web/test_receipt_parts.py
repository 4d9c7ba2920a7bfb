"""What a receipt shows: lines of a comparison, answers then and now."""

# ruff: noqa: RUF001 - typographic quotes are meant

from lectern.api import MadeWith, PassageChange, RepeatReply, TextChange
from tests.web.answer_values import reply
from web.parts.receipt import changed_lines, marked

MADE = MadeWith(models=["small"], prompts=["answer-v4"], style="default", lectern_version="1.0")


def change(kind: str, name: str = "hand_book.pdf") -> PassageChange:
    return PassageChange.model_validate(
        {
            "change": kind,
            "document_id": "d1",
            "document_name": name,
            "page_number": 2,
            "number_then": 1,
            "number_now": 1,
            "revision_then": 1,
            "revision_now": 1,
        }
    )


def repeated(now: MadeWith, *passages: PassageChange) -> RepeatReply:
    return RepeatReply.model_validate(
        {
            "answered_at": "2026-11-22T01:00:00Z",
            "then": MADE,
            "now": now,
            "passages": list(passages),
            "text": [],
            "answer": reply(),
        }
    )


def test_what_stayed_is_not_listed() -> None:
    assert changed_lines(repeated(MADE, change("same"))) == []


def test_changes_of_passages_models_and_style_are_said_and_names_are_no_markdown() -> None:
    now = MADE.model_copy(update={"models": ["large"], "style": "own"})

    lines = changed_lines(repeated(now, change("revised"), change("gone", "")))

    assert lines == [
        r"Revised: hand\_book\.pdf, p. 2",
        "Gone: no longer shared with you, p. 2",
        "Model: small → large",
        "Style: Lectern’s own → your own words",
    ]


def test_answers_are_text_even_when_they_look_like_html() -> None:
    pieces = [
        TextChange(change="same", text="<img src=x> "),
        TextChange(change="gone", text="140"),
        TextChange(change="new", text="150 & more"),
    ]

    assert marked(pieces) == "&lt;img src=x&gt; <del>140</del><ins>150 &amp; more</ins>"
