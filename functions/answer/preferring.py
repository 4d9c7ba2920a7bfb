"""What a request leaves open, as the caller's own settings say."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from functions.answer.language import Language, language_of
from lectern.access import Access
from lectern.api import (
    AnswerRequest,
    CitationStyle,
    Reasoning,
    SearchFilters,
    SearchMode,
    StyleOrigin,
    ToolName,
    UserSettings,
)
from lectern.catalog.records import Collection


@dataclass(frozen=True, slots=True)
class Wishes:
    """How a question is to be answered.

    `language` is what Lectern itself speaks; a model is told so only if somebody `asked_for` it.
    `style` is how a generated answer is to be written, "" for Lectern's own words on it, and
    `style_of` whose it is. `house_rules` are what a collection adds to the rules of a generated
    answer, `askers_rules` what the program that asks adds to both; `ruled_by` is the collection
    whose settings counted, "" for none. `titled` asks a model to name the conversation, too.
    `assistant` is the id of whom the question is put to, "" for nobody in particular.
    """

    collections: Sequence[str]
    documents: Sequence[str]
    filters: SearchFilters
    mode: SearchMode
    top_k: int
    language: Language
    asked_for: Language | None
    citation_style: CitationStyle = "inline"
    style: str = ""
    style_of: StyleOrigin = "default"
    house_rules: str = ""
    askers_rules: str = ""
    ruled_by: str = ""
    reasoning: Reasoning = "simple"
    tools: Sequence[ToolName] = ()
    outer_tools: Sequence[str] = ()
    titled: bool = False
    assistant: str = ""


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
        reasoning=request.reasoning or settings.reasoning,
        tools=request.tools,
        outer_tools=request.outer_tools,
        citation_style=request.citation_style or settings.citation_style,
        style=settings.answer_style,
        style_of="own" if settings.answer_style else "default",
    )


def with_house_rules(wishes: Wishes, access: Access) -> Wishes:
    """Return the wishes completed by the settings of the only collection they are about.

    What a person asked for comes before the collection's language and style. With several
    collections, nobody's words reach answers from the documents of somebody else.
    """
    collection = _only_collection(wishes, access)
    if collection is None:
        return wishes
    settings = collection.settings
    asked_for = wishes.asked_for or settings.language or None
    if not wishes.style and settings.answer_style:
        wishes = replace(wishes, style=settings.answer_style, style_of="collection")
    return replace(
        wishes,
        language=asked_for or wishes.language,
        asked_for=asked_for,
        house_rules=settings.prompt,
        ruled_by=collection.collection_id,
    )


def _only_collection(wishes: Wishes, access: Access) -> Collection | None:
    names = list(wishes.collections)
    for document_id in wishes.documents:
        document = access.catalog.documents.get(document_id)
        names += [document.collection_id] if document else []
    if not names:
        readable = access.collections([])
        return readable[0] if len(readable) == 1 else None
    reached = [access.catalog.collections.reach(access.user, name) for name in set(names)]
    found = {each[0].collection_id: each[0] for each in reached if each}
    return next(iter(found.values())) if len(found) == 1 else None
