"""Why a document failed, in the reader's language, and what can be done about it."""

from lectern.api import FailureReply
from web.components.rows import Note
from web.language import t
from web.parts.said import words

_KNOWN = frozenset(
    {
        "damaged", "password_protected", "unsupported", "no_text", "needs_ocr", "empty",
        "too_large", "archive_too_large", "parse_timeout", "parse_memory", "parser_crashed",
    }
)  # fmt: skip


def note_of(failure: FailureReply) -> Note:
    """Return the reason and the advice; a failure we have no words for says it in its own."""
    if failure.code in _KNOWN:
        name = failure.code
    elif failure.code.startswith("embedding_"):
        name = "embedding"
    else:
        name = "other"
    reason = t(f"library.failure_{name}")
    if name == "other":
        reason = words(failure.code) or failure.detail or reason
    return Note(reason=reason, advice=t(f"library.advice_{name}"))


def own_words(failure: FailureReply) -> str:
    """Return what the stage itself said, where `note_of` says it in other words; else ""."""
    return "" if note_of(failure)["reason"] == failure.detail else failure.detail
