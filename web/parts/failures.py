"""Why a document failed or waits, in the reader's language, and what can be done about it."""

from lectern.api import DocumentReply, FailureReply
from web.components.rows import Note
from web.language import t
from web.parts.said import notice_text, words

_KNOWN = frozenset(
    {
        "damaged", "password_protected", "unsupported", "no_text", "needs_ocr", "empty",
        "too_large", "archive_too_large", "parse_timeout", "parse_memory", "parser_crashed",
        "embedder_mismatch",
    }
)  # fmt: skip


def note_about(document: DocumentReply) -> Note | None:
    """Return why a document failed or waits, or None when it does neither."""
    if document.failure:
        return note_of(document.failure)
    if document.held:
        return Note(reason=notice_text(document.held), advice=t("library.advice_held"))
    return None


def note_of(failure: FailureReply) -> Note:
    """Return the reason and the advice; a failure we have no words for says it in its own."""
    if failure.code in _KNOWN:
        name = failure.code
    elif failure.code.startswith("embedding_"):
        name = "embedding"
    elif failure.code.startswith("parser_"):  # the service that the collection is read by
        name = "parser"
    else:
        name = "other"
    reason = t(f"library.failure_{name}")
    if name == "other":
        reason = words(failure.code) or failure.detail or reason
    return Note(reason=reason, advice=t(f"library.advice_{name}"))


def own_words(failure: FailureReply) -> str:
    """Return what the stage itself said, where `note_of` says it in other words; else ""."""
    return "" if note_of(failure)["reason"] == failure.detail else failure.detail
