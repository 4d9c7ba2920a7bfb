"""Local copies of the indexes in object storage, so that a warm reader pays for the way once.

A hybrid search of 10,000 rows costs 80 ms over a store that answers in 20 ms, and 12 ms on a disk
(measured on LanceDB 0.40). The files of an index never change, so a copy fetches only new ones. It
is used while it is of the newest version; a look at most once a second decides that. While a newer
version is being fetched, and for an index too large to be copied, the store is read as ever.
"""

import os
import shutil
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from multiprocessing.pool import AsyncResult, ThreadPool
from pathlib import Path

from lectern.errors import LecternError
from lectern.index.copying import newest_manifests, table_copies
from lectern.index.port import CollectionIndex
from lectern.index.schema import TABLES
from lectern.objects.port import ObjectStore
from lectern.telemetry import logger

Manifests = Mapping[str, str]  # the newest manifest by table folder

_FOR_WRITERS = "/_transactions/"  # how a version came about; no search reads it
_LOOK_EVERY_S = 1.0
_TRY_AGAIN_S = 60.0  # for an index that is too large
_LONGEST_SEARCH_S = 60.0
_CONNECTIONS = 8
_FETCHES_AT_ONCE = 2


@dataclass(slots=True)
class _Copy:
    """What is here of one collection."""

    folder: Path
    reader: CollectionIndex
    lock: threading.Lock = field(default_factory=threading.Lock)
    looked_at: float = float("-inf")
    not_before: float = float("-inf")
    manifests: Manifests = field(default_factory=dict)
    files: frozenset[str] = frozenset()
    size_bytes: int = 0
    is_current: bool = False
    fetching: "AsyncResult[None] | None" = None


class Mirrors:
    """The copies of this process. Safe to use from many threads.

    Args:
        store: Holds the indexes under `index/<collection>/`.
        folder: Where copies are kept; this process's own.
        reader_of: Opens the index in a local folder.
        budget_bytes: Most that copies may take together; the least recently used go first.
    """

    def __init__(
        self,
        store: ObjectStore,
        folder: Path,
        *,
        reader_of: Callable[[Path], CollectionIndex],
        budget_bytes: int,
    ) -> None:
        self._store = store
        self._folder = folder
        self._reader_of = reader_of
        self._budget_bytes = budget_bytes
        self._lock = threading.Lock()
        self._numbers = count()
        self._copies: OrderedDict[str, _Copy] = OrderedDict()
        self._dropped: deque[tuple[float, Path]] = deque()
        self._asking = ThreadPool(_CONNECTIONS)  # its threads end with the process
        self._fetching = ThreadPool(_FETCHES_AT_ONCE)

    def close(self) -> None:
        """Stop fetching. What was copied stays in the folder."""
        for pool in (self._fetching, self._asking):
            pool.terminate()
            pool.join()

    def current(self, collection_id: str) -> CollectionIndex | None:
        """Return the local index if it is of the newest version, else None and begin to fetch it.

        Looking costs one short listing for each table, side by side, at most once a second. Never
        raises for a store in trouble: whoever reads the store then hears of it there.
        """
        copy = self._copy(collection_id)
        with copy.lock:
            if time.monotonic() - copy.looked_at >= _LOOK_EVERY_S:
                self._look(collection_id, copy)
                copy.looked_at = time.monotonic()
            return copy.reader if copy.is_current else None

    def _copy(self, collection_id: str) -> _Copy:
        with self._lock:
            copy = self._copies.get(collection_id)
            if copy is None:
                folder = self._folder / f"{collection_id}-{next(self._numbers)}"
                copy = self._copies[collection_id] = _Copy(folder, self._reader_of(folder))
            self._copies.move_to_end(collection_id)
            return copy

    def _look(self, collection_id: str, copy: _Copy) -> None:
        try:
            newest = self._newest(collection_id)
        except LecternError:
            copy.is_current = False
            return
        copy.is_current = bool(newest) and newest == copy.manifests
        idle = copy.fetching is None or copy.fetching.ready()
        if newest and not copy.is_current and idle and time.monotonic() >= copy.not_before:
            copy.fetching = self._fetching.apply_async(self._fetch, (collection_id, copy))

    def _newest(self, collection_id: str) -> Manifests:
        """Return the newest manifest of each table; the names of manifests list newest first."""

        def first(table: str) -> Sequence[str]:
            versions = self._store.list(f"index/{collection_id}/{table}.lance/_versions/")
            found = next(iter(versions), None)
            return [] if found is None else [found.key]

        return newest_manifests(key for keys in self._asking.map(first, TABLES) for key in keys)

    def _fetch(self, collection_id: str, copy: _Copy) -> None:
        """Bring the copy to the newest version.

        Searches of the version before may still be at work, so its files stay until the next time.
        """
        try:
            newest = self._newest(collection_id)
            stored = self._store.list(f"index/{collection_id}/")
            sizes = {o.key: o.size_bytes for o in stored if _FOR_WRITERS not in o.key}
            plans = table_copies(dict(newest), sizes)
            files = frozenset(key for plan in plans for key in plan.files)
            manifests = frozenset(plan.manifest for plan in plans)
            size_bytes = sum(sizes[key] for key in files)
            if not self._make_room(collection_id, size_bytes):
                copy.not_before = time.monotonic() + _TRY_AGAIN_S
                return
            here = _here(copy.folder, collection_id)
            for wave in (files, manifests):
                self._asking.map(
                    lambda key: self._download(key, here(key)),
                    [key for key in wave if not here(key).exists()],
                )
            keep, copy.files = copy.files | files | manifests, files | manifests
            copy.size_bytes = size_bytes
            copy.manifests = newest
            copy.looked_at = float("-inf")  # the next search looks, and may find it current
            _prune(copy.folder, {str(here(key)) for key in keep})
        except (LecternError, OSError) as error:
            reason = getattr(error, "code", type(error).__name__)
            logger.warning("index not mirrored", extra={"code": reason})

    def _download(self, key: str, target: Path) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        unfinished = target.with_name(f"{target.name}.part")
        with unfinished.open("wb") as file:
            for piece in self._store.stream(key):
                file.write(piece)
        unfinished.replace(target)

    def _make_room(self, collection_id: str, size_bytes: int) -> bool:
        """Drop the copies that were used least recently until this one fits; return whether."""
        if size_bytes > self._budget_bytes:
            return False
        with self._lock:
            others = [name for name in self._copies if name != collection_id]
            taken = size_bytes + sum(self._copies[name].size_bytes for name in others)
            while taken > self._budget_bytes:
                dropped = self._copies.pop(others.pop(0))
                taken -= dropped.size_bytes
                self._dropped.append((time.monotonic() + _LONGEST_SEARCH_S, dropped.folder))
            while self._dropped and self._dropped[0][0] <= time.monotonic():
                shutil.rmtree(self._dropped.popleft()[1], ignore_errors=True)
        return True


def _here(folder: Path, collection_id: str) -> Callable[[str], Path]:
    """Return what says where the object of a key lies in the copy."""
    return lambda key: folder / key.removeprefix(f"index/{collection_id}/")


def _prune(folder: Path, keep: set[str]) -> None:
    for place, _, names in os.walk(folder):
        for name in names:
            if f"{place}/{name}" not in keep:
                Path(place, name).unlink(missing_ok=True)
