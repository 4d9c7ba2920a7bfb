"""What the function `parse` works with, from the settings."""

from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING

from functions.parse.stage import Stage
from lectern.failures import Failures
from lectern.tokens import estimate_tokens

if TYPE_CHECKING:
    from collections.abc import Mapping

    from functions.parse.services.port import LayoutService
    from lectern.models.registry import Models
    from lectern.parsers import Parser
    from lectern.settings import Settings

_SPECIAL_TOKENS = 2  # an encoder's own beginning and end
_LEAST_TOKENS = 16


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
    catalog = open_catalog(settings)
    models = models_of(settings, catalog)
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
                most_chunk_tokens=partial(most_chunk_tokens, models),
            ),
            describing=Describing(models, catalog.usage, settings.chunk_tokens),
            max_upload_bytes=settings.max_upload_bytes,
            pages_per_part=settings.pages_per_part,
        ),
        failures=Failures(stage="parse", catalog=catalog, publisher=publisher),
    )


def most_chunk_tokens(models: "Models", embedder_id: str | None) -> int:
    """Return how long a chunk may be for an embedder, or for the default when it is gone or None.

    Raises:
        TransientError: The catalog cannot be reached.
    """
    at_hand = models.known().embedding()
    found = next((entry for entry in at_hand if entry.model_id == embedder_id), at_hand[0])
    prefix = estimate_tokens(found.passage_prefix)
    return max(_LEAST_TOKENS, found.context_tokens - _SPECIAL_TOKENS - prefix)


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
