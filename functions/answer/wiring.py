"""What the answer function is made of in this process."""

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from functions.answer.outer.choosing import OuterTools
from functions.answer.places import PublicPlaces
from functions.answer.retrieving import LibraryOf, library_over_http
from lectern.catalog.port import Catalog
from lectern.catalog.port_tools import ToolServer

if TYPE_CHECKING:
    from lectern.models.registry import Models
    from lectern.settings import Settings


@dataclass(frozen=True, slots=True)
class Dependencies:
    """What answering needs. `places` are where people find the API and the web UI."""

    catalog: Catalog
    library_of: LibraryOf
    models: "Models"
    timeout_s: float
    places: PublicPlaces
    outer: OuterTools


@cache
def dependencies() -> Dependencies:
    """Return the dependencies of this process, made from its environment at the first call.

    The embedder of the settings is made with them, so that the first answer need not wait for it.
    """
    from lectern.catalog import open_catalog
    from lectern.models import embedder
    from lectern.models.registry import models_of
    from lectern.settings import Settings

    settings = Settings()
    catalog = open_catalog(settings)
    embedder(settings)
    return Dependencies(
        catalog=catalog,
        library_of=library_over_http(settings.function_url),
        models=models_of(settings, catalog),
        timeout_s=settings.chat_timeout_s,
        places=PublicPlaces(
            api=settings.public_url.format(function="answer"), web=settings.web_public_url
        ),
        outer=_outer_tools(settings, catalog),
    )


def _outer_tools(settings: "Settings", catalog: Catalog) -> OuterTools:
    from lectern.sealing import seal_of
    from lectern.tool_servers import environment_servers

    of_environment = environment_servers(settings.tool_servers)

    def key_of(server: ToolServer) -> str:
        if server.server_id in of_environment:
            return of_environment[server.server_id][1]
        return seal_of(settings).open(server.sealed_key)

    return OuterTools(
        servers=lambda: [*(s for s, _ in of_environment.values()), *catalog.tool_servers.list()],
        key_of=key_of,
        private=settings.private_model_endpoints,
        commands=settings.tool_commands,
    )
