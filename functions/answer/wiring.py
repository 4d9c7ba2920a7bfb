"""What the answer function is made of in this process."""

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from functions.answer.places import PublicPlaces
from functions.answer.retrieving import LibraryOf, library_over_http
from lectern.catalog.port import Catalog
from lectern.models import Embedder

if TYPE_CHECKING:
    from lectern.models.registry import Models
    from lectern.tool_servers.registry import ToolServerRegistry


@dataclass(frozen=True, slots=True)
class Dependencies:
    """What answering needs. `embedding_endpoint` is "" for an embedder in this process.

    `places` are where people find the API and the web UI.
    """

    catalog: Catalog
    library_of: LibraryOf
    embedder: Embedder
    models: "Models"
    timeout_s: float
    embedding_endpoint: str
    places: PublicPlaces
    tool_servers: "ToolServerRegistry"


@cache
def dependencies() -> Dependencies:
    """Return the dependencies of this process, made from its environment at the first call."""
    from lectern.catalog import open_catalog
    from lectern.models import embedder
    from lectern.models.registry import models_of
    from lectern.sealing import seal_of
    from lectern.settings import Settings
    from lectern.tool_servers.registry import ToolServerRegistry

    settings = Settings()
    catalog = open_catalog(settings)
    return Dependencies(
        catalog=catalog,
        library_of=library_over_http(settings.function_url),
        embedder=embedder(settings),
        models=models_of(settings, catalog),
        timeout_s=settings.chat_timeout_s,
        embedding_endpoint=settings.embedding_url if settings.embedder == "endpoint" else "",
        places=PublicPlaces(
            api=settings.public_url.format(function="answer"), web=settings.web_public_url
        ),
        tool_servers=ToolServerRegistry(settings, catalog, seal_of(settings)),
    )
