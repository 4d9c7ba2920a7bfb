"""What a collection can be set to here, and what its settings come to."""

from collections.abc import Mapping, Sequence

from lectern.api import (
    CollectionChoices,
    CollectionSettingsReply,
    EmbedderChoice,
    Notice,
)
from lectern.catalog.collection_settings import CollectionSettings
from lectern.catalog.records import Collection
from lectern.errors import InvalidRequest
from lectern.models import EmbedderKind
from lectern.parsers import NEEDED, Parser
from lectern.tessdata import installed

EmbedderNames = Mapping[EmbedderKind, str]
"""The names of the embedders at hand, the installation's own first."""


def require_choosable(kind: EmbedderKind | None, names: EmbedderNames) -> None:
    """Return if the embedder can be chosen here; None can always.

    Raises:
        InvalidRequest: It is not configured (code `embedder_not_configured`).
    """
    if kind is not None and kind not in names:
        raise InvalidRequest(
            f"the embedder {kind!r} is not configured here; set LECTERN_EMBEDDING_URL and "
            f"LECTERN_EMBEDDING_MODEL, or choose one of {', '.join(names)}",
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
    collection: Collection, names: EmbedderNames, parsers: Sequence[Parser]
) -> CollectionSettingsReply:
    """Return a collection's settings with the choices there are and what stands against them."""
    settings = collection.settings
    wanted = names.get(settings.embedder, "") if settings.embedder else next(iter(names.values()))
    data = installed()
    languages = data.languages if data else ()
    return CollectionSettingsReply(
        description=settings.description,
        chunk_tokens=settings.chunk_tokens,
        embedder=settings.embedder,
        parser=settings.parser,
        ocr_languages=list(settings.ocr_languages),
        describe_figures=settings.describe_figures,
        language=settings.language,
        answer_style=settings.answer_style,
        prompt=settings.prompt,
        reembedding_needed=bool(collection.embedder) and collection.embedder != wanted,
        choices=CollectionChoices(
            embedders=[
                EmbedderChoice(kind=kind, name=name, default=index == 0)
                for index, (kind, name) in enumerate(names.items())
            ],
            parsers=list(parsers),
            ocr_languages=list(languages),
        ),
        warnings=[*_warnings(collection, wanted, languages), *_parser_missing(settings, parsers)],
    )


def _warnings(collection: Collection, wanted: str, languages: tuple[str, ...]) -> list[Notice]:
    warnings = []
    if collection.embedder and collection.embedder != wanted:
        warnings.append(
            Notice(
                code="reembedding_needed",
                detail=f"the collection is embedded with {collection.embedder!r} and stays so "
                f"until it is embedded anew: `lectern reembed --collection {collection.slug}`",
                parameters={"embedder": collection.embedder, "wanted": wanted},
            )
        )
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
