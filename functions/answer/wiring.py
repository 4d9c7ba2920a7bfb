"""What the answer function is made of in this process."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from functions.answer.places import PublicPlaces
from functions.answer.retrieving import LibraryOf, library_over_http
from lectern.api import ModelRole
from lectern.catalog.port import Catalog
from lectern.models import ChatModel, Embedder


@dataclass(frozen=True, slots=True)
class Dependencies:
    """What answering needs. `chat` is None without a configured endpoint.

    `endpoints` are the addresses of the models by role, "" for one in this process. `places` are
    where people find the API and the web UI.
    """

    catalog: Catalog
    library_of: LibraryOf
    embedder: Embedder
    chat: ChatModel | None
    timeout_s: float
    endpoints: Mapping[ModelRole, str]
    places: PublicPlaces


@cache
def dependencies() -> Dependencies:
    """Return the dependencies of this process, made from its environment at the first call."""
    from lectern.catalog import open_catalog
    from lectern.models import chat_model, embedder
    from lectern.settings import Settings

    settings = Settings()
    return Dependencies(
        catalog=open_catalog(settings),
        library_of=library_over_http(settings.function_url),
        embedder=embedder(settings),
        chat=chat_model(settings),
        timeout_s=settings.chat_timeout_s,
        endpoints={
            "embedder": settings.embedding_url if settings.embedder == "endpoint" else "",
            "chat": settings.chat_url,
        },
        places=PublicPlaces(
            api=settings.public_url.format(function="answer"), web=settings.web_public_url
        ),
    )
