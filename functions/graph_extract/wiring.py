"""What the function `graph-extract` works with, from the settings."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial

from lectern.catalog.port import Catalog
from lectern.failures import GRAPH_STAGE, Failures
from lectern.index.port import CollectionIndex
from lectern.objects import ObjectStore


@dataclass(frozen=True, slots=True)
class Dependencies:
    """Everything `extract_part` needs, opened once per process after the server forked."""

    catalog: Catalog
    store: ObjectStore
    index_of: Callable[[str], CollectionIndex]
    failures: Failures


@cache
def dependencies() -> Dependencies:
    """Return the dependencies of this process."""
    from lectern.catalog import open_catalog
    from lectern.index import collection_index
    from lectern.objects import object_store
    from lectern.publishing import HttpPublisher
    from lectern.settings import Settings

    settings = Settings()
    catalog = open_catalog(settings)
    publisher = HttpPublisher(settings.broker_url, source="/lectern/graph-extract")
    return Dependencies(
        catalog=catalog,
        store=object_store(settings),
        index_of=partial(collection_index, settings),
        failures=Failures(stage=GRAPH_STAGE, catalog=catalog, publisher=publisher),
    )
