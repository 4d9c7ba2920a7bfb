"""What the function `embed` works with, from the settings."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING

from lectern.catalog.port import Catalog
from lectern.events import Publisher
from lectern.failures import Failures
from lectern.index.port import CollectionIndex
from lectern.objects import ObjectStore

if TYPE_CHECKING:
    from lectern.models.registry import Models


@dataclass(frozen=True, slots=True)
class Dependencies:
    """Everything `embed_part` needs, opened once per process after the server forked."""

    catalog: Catalog
    store: ObjectStore
    models: "Models"
    index_of: Callable[[str], CollectionIndex]
    publisher: Publisher
    failures: Failures


@cache
def dependencies() -> Dependencies:
    """Return the dependencies of this process; the embedder of the settings is made with them."""
    from lectern.catalog import open_catalog
    from lectern.index import collection_index
    from lectern.models import embedder
    from lectern.models.registry import models_of
    from lectern.objects import object_store
    from lectern.publishing import HttpPublisher
    from lectern.settings import Settings

    settings = Settings()
    catalog = open_catalog(settings)
    embedder(settings)
    publisher = HttpPublisher(settings.broker_url, source="/lectern/embed")
    return Dependencies(
        catalog=catalog,
        store=object_store(settings),
        models=models_of(settings, catalog),
        index_of=partial(collection_index, settings),
        publisher=publisher,
        failures=Failures(stage="embed", catalog=catalog, publisher=publisher),
    )
