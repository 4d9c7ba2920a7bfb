"""What the function `parse` works with, from the settings."""

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from functions.parse.stage import Stage
from lectern.failures import Failures

if TYPE_CHECKING:
    from collections.abc import Mapping

    from functions.parse.services.port import LayoutService
    from lectern.models import EmbedderKind
    from lectern.parsers import Parser
    from lectern.settings import Settings

_SPECIAL_TOKENS = 2  # an encoder's own beginning and end


@dataclass(frozen=True, slots=True)
class Dependencies:
    """Everything `parse` needs, opened once per process after the server forked."""

    stage: Stage
    failures: Failures


@cache
def dependencies() -> Dependencies:
    """Return the dependencies of this process; the sandbox's imports begin in the background."""
    from functions.parse.consulting import Consulting
    from functions.parse.describing import Describing
    from functions.parse.handover import Handover
    from functions.parse.members import MemberIntake
    from functions.parse.parsing import PRELOAD, Parsing
    from functions.parse.services.asking import Asking
    from functions.parse.worker import Manner
    from lectern.catalog import open_catalog
    from lectern.models.encoder import MAX_TOKENS
    from lectern.models.registry import models_of
    from lectern.objects import object_store
    from lectern.publishing import HttpPublisher
    from lectern.sandbox import Sandbox
    from lectern.settings import Settings

    settings = Settings()
    sandbox = Sandbox(
        preload=PRELOAD,
        cpu_s=settings.parse_cpu_s,
        wall_s=settings.parse_wall_s,
        memory_bytes=settings.parse_memory_bytes,
    )
    sandbox.start()
    longest: dict[EmbedderKind | None, int] = {
        "offline": MAX_TOKENS - _SPECIAL_TOKENS,
        "endpoint": settings.embedding_max_tokens - _SPECIAL_TOKENS,
    }
    longest[None] = longest[settings.embedder]
    catalog = open_catalog(settings)
    store = object_store(settings)
    publisher = HttpPublisher(settings.broker_url, source="/lectern/parse")
    return Dependencies(
        stage=Stage(
            catalog=catalog,
            store=store,
            consulting=Consulting(Asking(_services(settings), store)),
            handover=Handover(store, publisher),
            members=MemberIntake(catalog, store, publisher),
            parsing=Parsing(
                sandbox=sandbox,
                manner=Manner(settings.chunk_tokens),
                chunks_per_part=settings.chunks_per_part,
                most_chunk_tokens=longest,
            ),
            describing=Describing(
                models_of(settings, catalog), catalog.usage, settings.chunk_tokens
            ),
            max_upload_bytes=settings.max_upload_bytes,
            pages_per_part=settings.pages_per_part,
        ),
        failures=Failures(stage="parse", catalog=catalog, publisher=publisher),
    )


def _services(settings: "Settings") -> "Mapping[Parser, LayoutService]":
    """Return the services that are configured."""
    services: dict[Parser, LayoutService] = {}
    if settings.docling_url:
        from functions.parse.services.docling import DoclingServe

        services["docling"] = DoclingServe(
            settings.docling_url,
            settings.docling_key.get_secret_value(),
            timeout_s=settings.docling_timeout_s,
        )
    if settings.azure_document_url:
        from functions.parse.services.azure import AzureDocumentIntelligence

        services["azure"] = AzureDocumentIntelligence(
            settings.azure_document_url,
            settings.azure_document_key.get_secret_value(),
            timeout_s=settings.azure_document_timeout_s,
        )
    return services
