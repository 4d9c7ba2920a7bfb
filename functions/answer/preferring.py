"""What a request leaves open, as the caller's own settings say."""

from collections.abc import Sequence
from dataclasses import dataclass

from functions.answer.language import Language, language_of
from lectern.api import AnswerRequest, SearchFilters, SearchMode, UserSettings


@dataclass(frozen=True, slots=True)
class Wishes:
    """How a question is to be answered.

    `language` is what Lectern itself speaks; a model is told so only if somebody `asked_for` it.
    """

    collections: Sequence[str]
    documents: Sequence[str]
    filters: SearchFilters
    mode: SearchMode
    top_k: int
    language: Language
    asked_for: Language | None


def wishes_of(
    request: AnswerRequest,
    settings: UserSettings,
    *,
    collections: Sequence[str] = (),
    documents: Sequence[str] = (),
) -> Wishes:
    """Return a request's wishes, completed by the settings and the conversation's scope."""
    scoped = bool(request.collections or request.documents)
    language = settings.answer_language if request.language is None else request.language
    return Wishes(
        collections=request.collections if scoped else collections,
        documents=request.documents if scoped else documents,
        filters=request.filters,
        mode=request.mode or settings.mode,
        top_k=request.top_k or settings.top_k,
        language=language or language_of(request.question),
        asked_for=language or None,
    )
