"""What `retrieve` is made of: the only place here that reads the settings."""

from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from lectern.catalog.port import Catalog
    from lectern.index.port import CollectionIndex
    from lectern.models.registry import Models

_THREADS = 16  # searches in flight; LanceDB and the embedder bound the work by cores themselves


@dataclass(frozen=True, slots=True)
class Dependencies:
    """What the views of `retrieve` need."""

    catalog: "Catalog"
    models: "Models"
    index: "Callable[[str], CollectionIndex]"
    pool: Executor


@cache
def dependencies() -> Dependencies:
    """Return the adapters of this process, made after the server forked.

    The embedder of the settings is made with them, so that the first question need not wait for it.
    """
    from lectern.catalog import open_catalog
    from lectern.index import reading_index
    from lectern.models import embedder
    from lectern.models.registry import models_of
    from lectern.settings import Settings

    settings = Settings()
    catalog = open_catalog(settings)
    embedder(settings)
    return Dependencies(
        catalog=catalog,
        models=models_of(settings, catalog),
        index=reading_index(settings),
        pool=ThreadPoolExecutor(_THREADS, thread_name_prefix="retrieve"),
    )
