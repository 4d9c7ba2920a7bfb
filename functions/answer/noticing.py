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


def outer_tools_unused(reasoning: str) -> Notice:
    """Return that a mode of reasoning uses no tools outside of Lectern."""
    return Notice(
        code="outer_tools_unused",
        detail=f"the mode {reasoning!r} uses no tools outside of Lectern; react and rewoo do",
        parameters={"reasoning": reasoning},
    )


def outer_tools_forbidden(collections: Sequence[str]) -> Notice:
    """Return that collections let none of their words go to tools outside of Lectern."""
    named = ", ".join(collections[:_MOST_NAMED])
    return Notice(
        code="outer_tools_forbidden",
        detail=f"no tool outside of Lectern was used, because these collections do not allow it: "
        f"{named}; ask others, or have their owners allow it in their settings",
        parameters={"collections": named, "count": len(collections)},
    )


def tool_server_failed(server: str, reason: LecternError) -> Notice:
    """Return that a server of tools could not be used; `reason` says why."""
    return Notice(
        code="tool_server_failed",
        detail=f"the tools of {server!r} could not be used: {reason.detail}",
        parameters={"server": server, "reason": reason.code},
    )


def outer_tool_changed(server: str, tools: Sequence[str]) -> Notice:
    """Return that tools are no longer as an administrator allowed them."""
    return Notice(
        code="outer_tool_changed",
        detail=f"the server {server!r} has changed or removed {', '.join(tools)} since it was "
        "allowed; an administrator has to look at it again",
        parameters={"server": server, "tools": ", ".join(tools)},
    )


def from_outside(count: int) -> Notice:
    """Return that an answer rests on `count` sources outside of the documents."""
    return Notice(
        code="from_outside",
        detail=f"[W…] and [T…] mark what comes from outside of the documents ({count}); nobody "
        "compared it with its source",
        parameters={"count": count},
    )


def reasoning_failed(reasoning: str, reason: LecternError) -> Notice:
    """Return that a mode of reasoning could not be carried through; `reason` says why."""
    return Notice(
        code="reasoning_failed",
        detail=f"the mode {reasoning!r} broke off: {reason.detail}",
        parameters={"reasoning": reasoning, "reason": reason.code},
    )
