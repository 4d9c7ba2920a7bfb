"""What `retrieve` is made of: the only place here that reads the settings."""

from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from lectern.catalog.port import Catalog
    from lectern.index.port import CollectionIndex
    from lectern.models import Embedders
    from lectern.models.registry import Models

_THREADS = 16  # searches in flight; LanceDB and the embedder bound the work by cores themselves


@dataclass(frozen=True, slots=True)
class Dependencies:
    """What the views of `retrieve` need."""

    catalog: "Catalog"
    embedders: "Embedders"
    models: "Models"
    index: "Callable[[str], CollectionIndex]"
    pool: Executor


@cache
def dependencies() -> Dependencies:
    """Return the adapters of this process, made after the server forked."""
    from lectern.catalog import open_catalog
    from lectern.index import reading_index
    from lectern.models import embedders
    from lectern.models.registry import models_of
    from lectern.settings import Settings

    settings = Settings()
    catalog = open_catalog(settings)
    return Dependencies(
        catalog=catalog,
        embedders=embedders(settings),
        models=models_of(settings, catalog),
        index=reading_index(settings),
        pool=ThreadPoolExecutor(_THREADS, thread_name_prefix="retrieve"),
    )
