"""Documents as rows of a list."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from urllib.parse import urlencode

from lectern.api import DocumentReply
from lectern.documents import DocumentState
from web.components.rows import Action, Row, Tone
from web.language import t
from web.parts.amounts import moment_text, size_text
from web.parts.failures import note_about
from web.parts.stages import moving, share, steps

STATE_GROUPS: Mapping[str, Sequence[DocumentState]] = {
    "working": (
        DocumentState.UPLOADED,
        DocumentState.PARSING,
        DocumentState.EMBEDDING,
        DocumentState.INDEXED,
    ),
    "ready": (DocumentState.READY,),
    "failed": (DocumentState.FAILED,),
}

_ICONS: Mapping[str, str] = {
    "xlsx": "table", "xls": "table", "ods": "table", "csv": "table", "tsv": "table",
    "pptx": "slides", "ppt": "slides", "odp": "slides",
    "png": "picture", "jpg": "picture", "jpeg": "picture", "gif": "picture", "webp": "picture",
    "tif": "picture", "tiff": "picture", "bmp": "picture",
    "eml": "mail", "msg": "mail", "mbox": "mail",
    "py": "code", "js": "code", "ts": "code", "json": "code", "jsonl": "code", "xml": "code",
    "yaml": "code", "yml": "code", "html": "code", "htm": "code",
}  # fmt: skip
_SHOWN_TAGS = 6


def row_of(document: DocumentReply, *, may_edit: bool, now: datetime | None = None) -> Row:
    """Return a document as a row, with the actions that its state and the reader's role allow."""
    tags = list(document.tags[:_SHOWN_TAGS])
    if len(document.tags) > _SHOWN_TAGS:
        tags.append(f"+{len(document.tags) - _SHOWN_TAGS}")
    return Row(
        id=document.document_id,
        href="/library?" + urlencode({"d": document.document_id}),
        icon=icon_of(document.name),
        title=document.name,
        details=_details(document, now),
        tags=tags,
        state=state_text(document),
        tone=_tone(document),
        steps=steps(document),
        share=share(document),
        note=note_about(document),
        actions=_actions(document) if may_edit else [],
        allows=_allows(document) if may_edit else [],
    )


def bulk_actions() -> Sequence[Action]:
    """Return what can be done with several documents at once."""
    return [
        Action(name="retry", label=t("library.retry"), ends=True),
        Action(name="tag", label=t("library.tag")),
        Action(name="reprocess", label=t("library.reprocess"), ends=True),
        Action(name="delete", label=t("library.delete"), danger=True, ends=True),
    ]


def icon_of(name: str) -> str:
    """Return the picture for a file of that name."""
    return _ICONS.get(name.rpartition(".")[2].lower(), "page")


def state_text(document: DocumentReply) -> str:
    """Return a document's state in a word."""
    return t(f"library.state_{document.state.value}")


def _tone(document: DocumentReply) -> Tone:
    if document.state is DocumentState.READY:
        return "good"
    if document.state is DocumentState.FAILED:
        return "bad"
    return "busy" if moving(document) else ""


def _details(document: DocumentReply, now: datetime | None) -> Sequence[str]:
    found = [size_text(document.size_bytes)]
    if document.pages:
        found.append(t("library.pages", count=document.pages))
    if document.chunks:
        found.append(t("library.chunks", count=document.chunks))
    if document.revision > 1:
        found.append(t("library.revision", number=document.revision))
    found.append(moment_text(document.moved_at, now=now))
    return found


def _actions(document: DocumentReply) -> Sequence[Action]:
    found = []
    if document.state is DocumentState.FAILED:
        found.append(Action(name="retry", label=t("library.retry"), first=True))
    found.append(Action(name="tag", label=t("library.tag_one")))
    if document.state.terminal:
        found.append(Action(name="reprocess", label=t("library.reprocess")))
    found.append(Action(name="delete", label=t("library.delete"), danger=True))
    return found


def _allows(document: DocumentReply) -> Sequence[str]:
    found = ["tag", "delete"]
    if document.state is DocumentState.FAILED:
        found.append("retry")
    if document.state.terminal:
        found.append("reprocess")
    return found
