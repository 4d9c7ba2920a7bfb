"""When the next model of a use is tried in place of one that failed."""

from lectern.errors import LecternError, TransientError

_ENTRYS_OWN = frozenset(
    {
        "chat_unauthorized",
        "chat_not_found",
        "chat_not_streaming",
        "rerank_unauthorized",
        "rerank_not_found",
        "secret_unreadable",
        "model_address",
        "rerank_settings",
        "embedding_unauthorized",
        "embedding_not_found",
        "embedding_dimensions",
    }
)
"""Permanent errors that say something about one entry and nothing about the request."""


def passes_on(error: LecternError) -> bool:
    """Return whether another model may well succeed where this one failed."""
    return isinstance(error, TransientError) or error.code in _ENTRYS_OWN
