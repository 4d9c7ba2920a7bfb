"""Objects from one store into another, only those that are missing there."""

from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from typing import BinaryIO, cast

from lectern.backup.streams import Pieces
from lectern.errors import SourceGone, TransientError
from lectern.index.copying import is_of_versions, newest_manifests, table_copies
from lectern.index.port import CollectionIndex
from lectern.objects import ObjectInfo, ObjectStore

AREAS = ("dead-letters", "figures", "inbox", "parsed", "uploads")
"""What a copy holds beside the indexes and the catalog."""

_AT_ONCE = 8
_SUBMITTED = 256
_INDEX_TRIES = 3


@dataclass(slots=True)
class Copied:
    """What copying did: all objects of the source, and what of them was new in the target."""

    objects: int = 0
    new_objects: int = 0
    new_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Copier:
    """Copies from `source` to `target`. Safe to repeat; a repeat copies what is missing."""

    source: ObjectStore
    target: ObjectStore

    def areas(self, copied: Copied, *, only: Collection[str] | None = None) -> Iterator[ObjectInfo]:
        """Copy every area (or those keys alone); yield what the source holds, by key.

        What is removed from the source meanwhile is left out.
        """
        for area in AREAS:
            wanted = (
                info for info in self.source.list(f"{area}/") if only is None or info.key in only
            )
            there = {info.key: info for info in self.target.list(f"{area}/")}
            yield from self._copy(wanted, there, copied)

    def index(
        self,
        collection_id: str,
        copied: Copied,
        open_copy: Callable[[str], CollectionIndex],
    ) -> None:
        """Make the target's index of a collection the source's as of now, and open it.

        Raises:
            TransientError: It cannot be opened: its files were cleaned up faster than they could
                be copied (code `index_moved`).
        """
        for _ in range(_INDEX_TRIES):
            self._copy_tables(collection_id, copied)
            try:
                open_copy(collection_id).held()
            except (TransientError, RuntimeError, ValueError) as error:
                broken = error
            else:
                return
        raise TransientError(
            f"the copy of the index of collection {collection_id!r} cannot be opened; run it again "
            "when less is being written",
            code="index_moved",
        ) from broken

    def _copy_tables(self, collection_id: str, copied: Copied) -> None:
        """Copy files, then manifests, then take away what the manifests do not need.

        Killed anywhere, the target has a whole version of each table: the one before, or this one.
        """
        prefix = f"index/{collection_id}/"
        manifests = newest_manifests(info.key for info in self.source.list(prefix))
        present = {info.key: info for info in self.source.list(prefix)}
        there = {info.key: info for info in self.target.list(prefix)}
        unneeded = set(there)
        for table in table_copies(manifests, present):
            for _ in self._copy((present[key] for key in table.files), there, copied):
                continue
            manifest = present.get(table.manifest) or self.source.info(table.manifest)
            for _ in self._copy([manifest], {}, copied):
                continue
            unneeded -= {table.manifest, *table.files}
        self.target.delete(sorted(unneeded, key=lambda key: (not is_of_versions(key), key)))

    def _copy(
        self, wanted: Iterable[ObjectInfo], there: dict[str, ObjectInfo], copied: Copied
    ) -> Iterator[ObjectInfo]:
        """Copy what `there` lacks, several at a time; yield those that the target has then."""
        remaining = iter(wanted)
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            while batch := list(islice(remaining, _SUBMITTED)):
                sizes = pool.map(lambda info: self._bring(info, there.get(info.key)), batch)
                for info, size_bytes in zip(batch, sizes, strict=True):
                    if size_bytes is None:
                        continue
                    copied.objects += 1
                    copied.new_objects += size_bytes >= 0
                    copied.new_bytes += max(size_bytes, 0)
                    yield info

    def _bring(self, info: ObjectInfo, there: ObjectInfo | None) -> int | None:
        """Return the bytes copied, -1 when they were there already, None when they are gone."""
        if there and there.size_bytes == info.size_bytes and there.modified >= info.modified:
            return -1
        try:
            pieces = Pieces(self.source.stream(info.key))
            return self.target.write_stream(info.key, cast("BinaryIO", pieces))
        except SourceGone:
            return None
