"""Where a document is on its way, and how long each stage took."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from typing import Literal

from lectern.api import DocumentReply, StageReply
from lectern.documents import DocumentState
from web.components.bars import Part
from web.components.rows import Share, Step
from web.language import t
from web.parts.amounts import duration_text

_STEPS = ("uploaded", "read", "embedded", "ready")
_NOW: Mapping[DocumentState, int] = {
    DocumentState.AWAITING_UPLOAD: 0,
    DocumentState.UPLOADED: 1,
    DocumentState.PARSING: 1,
    DocumentState.EMBEDDING: 2,
    DocumentState.INDEXED: 3,
    DocumentState.READY: 4,
}
_FAILED_AT: Mapping[str, int] = {"intake": 0, "parse": 1, "embed": 2}
_TONES: Mapping[str, Literal["gray", "blue", "violet", "green"]] = {
    DocumentState.UPLOADED: "gray",
    DocumentState.PARSING: "blue",
    DocumentState.EMBEDDING: "violet",
    DocumentState.INDEXED: "green",
}


def moving(document: DocumentReply) -> bool:
    """Whether the document will be something else soon without anybody doing anything."""
    return not document.state.terminal and document.state is not DocumentState.AWAITING_UPLOAD


def steps(document: DocumentReply) -> Sequence[Step]:
    """Return the four steps of a document's way; none once it is ready."""
    if document.state in {DocumentState.READY, DocumentState.DELETING}:
        return []
    failed = document.state is DocumentState.FAILED
    at = _failed_at(document) if failed else _NOW[document.state]
    return [
        Step(label=t(f"library.step_{name}"), state=_state(number, at, failed=failed))
        for number, name in enumerate(_STEPS)
    ]


def share(document: DocumentReply) -> Share | None:
    """Return how many parts of a large document are searchable already."""
    if not moving(document) or document.parts <= 1:
        return None
    label = t("library.parts_done", done=document.parts_done, parts=document.parts)
    return Share(done=document.parts_done, whole=document.parts, label=label)


def durations(
    timeline: Sequence[StageReply], revision: int, *, now: datetime | None = None
) -> Sequence[Part]:
    """Return what each stage of a revision took, in order; a stage entered twice counts once.

    The stage it is in lasts until `now`.
    """
    entries = sorted((e for e in timeline if e.revision == revision), key=lambda entry: entry.at)
    if not entries:
        return []
    end = StageReply(at=now or datetime.now(UTC), revision=revision, stage="")
    spent: dict[str, float] = {}
    for entry, following in pairwise([*entries, end]):
        if entry.stage in _TONES:
            took = (following.at - entry.at).total_seconds() * 1000
            spent[entry.stage] = spent.get(entry.stage, 0.0) + max(took, 0.0)
    return [
        Part(
            label=t(f"library.stage_{stage}"),
            text=duration_text(took),
            value=took,
            tone=_TONES[stage],
        )
        for stage, took in spent.items()
    ]


def _state(number: int, at: int, *, failed: bool) -> Literal["done", "now", "todo", "failed"]:
    if number == at:
        return "failed" if failed else "now"
    return "done" if number < at else "todo"


def _failed_at(document: DocumentReply) -> int:
    stage = document.failure.stage if document.failure else ""
    return _FAILED_AT.get(stage, 2 if document.parts else 1)
