"""What the function `embed` works with, from the settings."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial

from lectern.catalog.port import Catalog
from lectern.events import Publisher
from lectern.failures import Failures
from lectern.index.port import CollectionIndex
from lectern.models import Embedders
from lectern.objects import ObjectStore


@dataclass(frozen=True, slots=True)
class Dependencies:
    """Everything `embed_part` needs, opened once per process after the server forked."""

    catalog: Catalog
    store: ObjectStore
    embedders: Embedders
    index_of: Callable[[str], CollectionIndex]
    publisher: Publisher
    failures: Failures


@cache
def dependencies() -> Dependencies:
    """Return the dependencies of this process."""
    from lectern.catalog import open_catalog
    from lectern.index import collection_index
    from lectern.models import embedders
    from lectern.objects import object_store
    from lectern.publishing import HttpPublisher
    from lectern.settings import Settings

    settings = Settings()
    catalog = open_catalog(settings)
    publisher = HttpPublisher(settings.broker_url, source="/lectern/embed")
    return Dependencies(
        catalog=catalog,
        store=object_store(settings),
        embedders=embedders(settings),
        index_of=partial(collection_index, settings),
        publisher=publisher,
        failures=Failures(stage="embed", catalog=catalog, publisher=publisher),
    )
