"""Opening a collection's index from the settings."""

import os
from collections.abc import Mapping
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lectern.index.port import CollectionIndex
    from lectern.settings import Settings

_OPEN_COLLECTIONS = 256
_REMOTE_FRESHNESS = timedelta(seconds=1)  # one LIST a second and collection at most
_LOCAL_FRESHNESS = timedelta(0)  # looking into a folder costs less than 0.2 ms


@lru_cache(maxsize=_OPEN_COLLECTIONS)
def collection_index(settings: "Settings", collection_id: str) -> "CollectionIndex":
    """Return the collection's index; opened on first use and kept for the process's life."""
    os.environ.setdefault("LANCEDB_LOG", "error")
    from lectern.index.collection import LanceCollectionIndex
    from lectern.index.database import Database

    store = settings.resolved_store().rstrip("/")
    remote = "://" in store
    return LanceCollectionIndex(
        Database(
            f"{store}/index/{collection_id}",
            storage_options=_storage_options(settings) if remote else {},
            fresh_within=_REMOTE_FRESHNESS if remote else _LOCAL_FRESHNESS,
        )
    )


def _storage_options(settings: "Settings") -> Mapping[str, str]:
    options = {"region": settings.s3_region}
    if settings.s3_endpoint:
        options["endpoint"] = settings.s3_endpoint
        options["allow_http"] = str(settings.s3_endpoint.startswith("http://")).lower()
    if settings.s3_access_key:
        options["aws_access_key_id"] = settings.s3_access_key
        options["aws_secret_access_key"] = settings.s3_secret_key.get_secret_value()
    return options
