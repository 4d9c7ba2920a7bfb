"""Opening a collection's index from the settings."""

import os
import threading
from collections.abc import Mapping
from datetime import timedelta
from functools import cache, lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from lectern.index.port import CollectionIndex
    from lectern.settings import Settings

_OPEN_COLLECTIONS = 256
_REMOTE_FRESHNESS = timedelta(seconds=1)  # one LIST a second and collection at most
_IMPORTING = threading.Lock()  # NumPy is left half imported when two threads begin at once
_LOCAL_FRESHNESS = timedelta(0)  # looking into a folder costs less than 0.2 ms


@lru_cache(maxsize=_OPEN_COLLECTIONS)
def collection_index(settings: "Settings", collection_id: str) -> "CollectionIndex":
    """Return the collection's index; opened on first use and kept for the process's life."""
    os.environ.setdefault("LANCEDB_LOG", "error")
    with _IMPORTING:
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


@cache
def reading_index(settings: "Settings") -> "Callable[[str], CollectionIndex]":
    """Return what gives a collection's index for reading: its local copy, when that is current.

    Only for a process that reads much and writes nothing.
    """
    if "://" not in settings.resolved_store() or not settings.index_mirror_bytes:
        return lambda collection_id: collection_index(settings, collection_id)
    from lectern.index.mirror import Mirrors
    from lectern.objects import object_store

    mirrors = Mirrors(
        object_store(settings),
        _folder_of_this_process(),
        reader_of=_local_index,
        budget_bytes=settings.index_mirror_bytes,
    )
    return lambda collection_id: (
        mirrors.current(collection_id) or collection_index(settings, collection_id)
    )


def _local_index(folder: "Path") -> "CollectionIndex":
    with _IMPORTING:
        from lectern.index.collection import LanceCollectionIndex
        from lectern.index.database import Database

    return LanceCollectionIndex(
        Database(str(folder), storage_options={}, fresh_within=_LOCAL_FRESHNESS)
    )


def _folder_of_this_process() -> "Path":
    """Return an empty folder that goes when the process ends."""
    import atexit
    import shutil
    import tempfile
    from pathlib import Path

    folder = tempfile.mkdtemp(prefix="lectern-index-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)


def _storage_options(settings: "Settings") -> Mapping[str, str]:
    options = {"region": settings.s3_region}
    if settings.s3_endpoint:
        options["endpoint"] = settings.s3_endpoint
        options["allow_http"] = str(settings.s3_endpoint.startswith("http://")).lower()
    if settings.s3_access_key:
        options["aws_access_key_id"] = settings.s3_access_key
        options["aws_secret_access_key"] = settings.s3_secret_key.get_secret_value()
    return options
