"""What a reader of an answer has to know beside it: one notice for each situation."""

from collections.abc import Sequence
from typing import Literal

from lectern.api import Notice
from lectern.errors import LecternError

_MOST_NAMED = 5

NO_CITATION = Notice(
    code="no_citation",
    detail="the answer cites no passage; compare it with the passages yourself",
)
NOT_STORED = Notice(
    code="not_stored",
    detail="the answer could not be stored in the conversation; copy it if you need it",
)
ASSISTANT_GONE = Notice(
    code="assistant_gone",
    detail="the assistant of this conversation is gone; the question was answered without it",
)
ENDED_EARLY = {
    "length": Notice(code="ended_length", detail="the answer was cut at the model's output limit"),
    "content_filter": Notice(
        code="ended_filter", detail="the provider's content filter ended the answer"
    ),
}


def model_failed(reason: LecternError) -> Notice:
    """Return that quotes stand in for a generated answer; `reason` says why."""
    return Notice(
        code="model_failed",
        detail=f"the chat model could not answer, so these are quotes: {reason.detail}",
        parameters={"reason": reason.code},
    )


def by_words_alone(what: Literal["compared", "verified"], reason: LecternError) -> Notice:
    """Return that sentences were `compared`, or citations `verified`, without the embedder."""
    subject = "sentences were compared" if what == "compared" else "citations were verified"
    return Notice(
        code=f"{what}_by_words",
        detail=f"{subject} by words alone: {reason.detail}",
        parameters={"reason": reason.code},
    )


def unverified(count: int, total: int) -> Notice:
    """Return that `count` of `total` citations do not rest on their passage."""
    return Notice(
        code="unverified",
        detail=f"{count} of {total} citations could not be verified against their passage",
        parameters={"count": count, "total": total},
    )


def reasoning_needs_model(reasoning: str) -> Notice:
    """Return that a mode of reasoning needs a chat model, and there is none."""
    return Notice(
        code="reasoning_needs_model",
        detail=f"the mode {reasoning!r} needs a chat model; the documents were searched once",
        parameters={"reasoning": reasoning},
    )


def reasoning_failed(reasoning: str, reason: LecternError) -> Notice:
    """Return that a mode of reasoning could not be carried through; `reason` says why."""
    return Notice(
        code="reasoning_failed",
        detail=f"the mode {reasoning!r} broke off: {reason.detail}",
        parameters={"reasoning": reasoning, "reason": reason.code},
    )


def parts_failed(count: int, total: int, reason: LecternError) -> Notice:
    """Return that `count` of `total` parts of a question were not answered; `reason` says why."""
    return Notice(
        code="parts_failed",
        detail=f"{count} of the {total} parts of the question could not be answered: "
        f"{reason.detail}",
        parameters={"count": count, "total": total, "reason": reason.code},
    )


def tables_partial(document: str, read: int, whole: int) -> Notice:
    """Return that the tables of a document were read from the first `read` passages alone."""
    return Notice(
        code="tables_partial",
        detail=f"the tables of {document!r} were read from the first {read} of {whole} passages; "
        "sums and counts over them may be too small",
        parameters={"document": document, "read": read, "whole": whole},
    )


def outer_tools_need_agent() -> Notice:
    """Return that tools outside Lectern are used step by step or by a plan alone."""
    return Notice(
        code="outer_tools_need_agent",
        detail="tools outside Lectern are used in the modes 'react' and 'rewoo' alone",
    )


def outer_tools_refused(collections: Sequence[str]) -> Notice:
    """Return that collections in scope keep what they hold within Lectern."""
    names = ", ".join(collections[:_MOST_NAMED])
    return Notice(
        code="outer_tools_refused",
        detail=f"no tool outside Lectern was used, for its owner does not allow it for {names}; "
        "ask about other collections, or have the owner change the collection's settings",
        parameters={"collections": names},
    )


def outer_tool_failed(name: str, reason: LecternError) -> Notice:
    """Return that a tool could not be had; `reason` says why."""
    return Notice(
        code="outer_tool_failed",
        detail=f"the tool {name!r} could not be used: {reason.detail}",
        parameters={"tool": name, "reason": reason.code},
    )
