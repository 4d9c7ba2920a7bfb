"""What a collection can be set to here, and what its settings come to."""

from collections.abc import Sequence

from lectern.api import (
    CollectionChoices,
    CollectionSettingsReply,
    EmbedderChoice,
    Notice,
)
from lectern.catalog.collection_settings import CollectionSettings
from lectern.catalog.port_models import ModelEntry
from lectern.catalog.records import Collection
from lectern.errors import InvalidRequest
from lectern.models.embedding_identity import embeds
from lectern.models.registry import Known
from lectern.parsers import NEEDED, Parser
from lectern.tessdata import installed


def require_choosable(wanted: str | None, collection: Collection, known: Known) -> None:
    """Return if the embedder can be chosen here; none, and the one that is set, can always.

    Raises:
        InvalidRequest: It is not at hand (code `embedder_not_configured`).
    """
    if wanted in (None, collection.settings.embedder):
        return
    require_at_hand(wanted, known)


def require_at_hand(wanted: str | None, known: Known) -> None:
    """Return if there is the embedder; None is the default. Raises as `require_choosable`."""
    at_hand = [entry.model_id for entry in known.embedding()]
    if wanted is not None and wanted not in at_hand:
        raise InvalidRequest(
            f"there is no embedder {wanted!r}; choose one of {', '.join(at_hand)}, or have an "
            "administrator add it, or switch it on, among the models",
            code="embedder_not_configured",
        )


def require_configured(parser: Parser | None, parsers: Sequence[Parser]) -> None:
    """Return if the parser can be chosen here; None can always.

    Raises:
        InvalidRequest: It is not configured (code `parser_not_configured`).
    """
    if parser is not None and parser not in parsers:
        raise InvalidRequest(
            f"the parser {parser!r} is not configured here; set {NEEDED[parser]}, or choose one "
            f"of {', '.join(parsers)}",
            code="parser_not_configured",
        )


def settings_reply(
    collection: Collection, known: Known, parsers: Sequence[Parser]
) -> CollectionSettingsReply:
    """Return a collection's settings with the choices there are and what stands against them."""
    settings = collection.settings
    at_hand = known.embedding()
    wanted = _wanted(collection, at_hand)
    data = installed()
    languages = data.languages if data else ()
    return CollectionSettingsReply(
        description=settings.description,
        chunk_tokens=settings.chunk_tokens,
        embedder=settings.embedder,
        parser=settings.parser,
        ocr_languages=list(settings.ocr_languages),
        describe_figures=settings.describe_figures,
        outer_tools=settings.outer_tools,
        language=settings.language,
        answer_style=settings.answer_style,
        prompt=settings.prompt,
        reembedding_needed=_is_anothers(collection, wanted),
        choices=CollectionChoices(
            embedders=[
                EmbedderChoice(embedder=entry.model_id, name=entry.name, default=index == 0)
                for index, entry in enumerate(at_hand)
            ],
            parsers=list(parsers),
            ocr_languages=list(languages),
        ),
        warnings=[
            *_embedder_warnings(collection, wanted, at_hand),
            *_reading_warnings(collection, languages),
            *_parser_missing(settings, parsers),
        ],
    )


def _wanted(collection: Collection, at_hand: Sequence[ModelEntry]) -> ModelEntry | None:
    """Return what the collection is set to, or None: it is not at hand any more."""
    wanted = collection.settings.embedder or at_hand[0].model_id
    return next((entry for entry in at_hand if entry.model_id == wanted), None)


def _is_anothers(collection: Collection, wanted: ModelEntry | None) -> bool:
    return bool(collection.embedder) and not (wanted and embeds(wanted, collection))


def _embedder_warnings(
    collection: Collection, wanted: ModelEntry | None, at_hand: Sequence[ModelEntry]
) -> list[Notice]:
    anew = f"`lectern reembed --collection {collection.slug}`"
    if wanted is None:
        return [
            Notice(
                code="embedder_removed",
                detail="the collection is set to an embedding model that was removed or switched "
                f"off; choose another one, then embed it anew: {anew}",
            )
        ]
    if not _is_anothers(collection, wanted):
        return []
    parameters = {"embedder": collection.embedder, "wanted": wanted.name}
    if not any(embeds(entry, collection) for entry in at_hand):
        return [
            Notice(
                code="embedder_gone",
                detail=f"the collection is embedded with {collection.embedder!r}, which is not "
                "available any more: only its words are searched, and new documents fail until it "
                f"is embedded anew: {anew}",
                parameters=parameters,
            )
        ]
    return [
        Notice(
            code="reembedding_needed",
            detail=f"the collection is embedded with {collection.embedder!r} and stays so until it "
            f"is embedded anew: {anew}",
            parameters=parameters,
        )
    ]


def _reading_warnings(collection: Collection, languages: tuple[str, ...]) -> list[Notice]:
    warnings = []
    missing = [each for each in collection.settings.ocr_languages if each not in languages]
    if missing:
        warnings.append(
            Notice(
                code="ocr_languages_missing",
                detail=f"OCR has no data for {', '.join(missing)} here (there are: "
                f"{', '.join(languages) or 'none'}); pictures are read without them until it is "
                "installed (Debian: tesseract-ocr-<language>)",
                parameters={"missing": ", ".join(missing), "installed": ", ".join(languages)},
            )
        )
    return warnings


def _parser_missing(settings: CollectionSettings, parsers: Sequence[Parser]) -> list[Notice]:
    parser = settings.parser
    if parser is None or parser in parsers:
        return []
    return [
        Notice(
            code="parser_not_configured",
            detail=f"the collection is read by {parser!r}, which is not configured here (any "
            f"more): documents fail until {NEEDED[parser]} is set or another parser is chosen",
            parameters={"parser": parser, "setting": NEEDED[parser]},
        )
    ]
