"""A copy of the whole installation in another store, from which alone it can be restored."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from lectern.backup import names
from lectern.backup.catalog import dump_catalog
from lectern.backup.copying import AREAS, Copied, Copier
from lectern.backup.making import backups, prune, retention
from lectern.backup.manifest import Manifest
from lectern.backup.shelf import Shelf
from lectern.backup.streams import read_rows, write_rows
from lectern.documents import new_id
from lectern.errors import InvalidRequest, SourceGone
from lectern.objects import ObjectStore

if TYPE_CHECKING:
    from lectern.settings import Settings

_IDENTITY = f"{names.PREFIX}identity"
_COPY_OF = f"{names.PREFIX}copy-of"
_RESTORED_FROM = f"{names.PREFIX}restored-from"
_UNNAMED_KEPT = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class CopyReport:
    """The backup that a copy now holds, and what copying it took."""

    manifest: Manifest
    copied: Copied


def copy_to(
    address: str, settings: "Settings", *, keep: bool = False, adopt: bool = False
) -> CopyReport:
    """Bring the copy at `address` up to date and add a backup to it. Safe to repeat.

    The catalog comes first and the objects after it, so that whatever the catalog names was there
    to be copied; documents and rows that are newer than the catalog do no harm.

    Args:
        address: The store of the copy, empty at first.
        settings: The installation.
        keep: Never remove this backup by its age.
        adopt: Go on with the copy that this installation was restored from. The installation it
            was made of is refused from then on.

    Raises:
        InvalidRequest: The store at `address` is the installation's own, or holds something that
            is no copy of it (code `not_a_copy`).
        TransientError: One of the stores or the database is in trouble.
    """
    from lectern.index import collection_index
    from lectern.objects import object_store

    there = settings.of_copy(address)
    _require_apart(settings.resolved_store(), address)
    own, target = backups(settings).shelf.store, object_store(there)
    _require_copy_of(own, target, address, adopt=adopt)
    manifest = dump_catalog(settings.resolved_database_url(), target, keep=keep)
    copied = Copied()
    copier = Copier(own, target)
    listed = (
        json.dumps([info.key, info.size_bytes], ensure_ascii=False).encode() + b"\n"
        for info in copier.areas(copied)
    )
    objects = write_rows(target, names.objects_key(manifest.name), listed)
    for collection_id in manifest.collections:
        copier.index(collection_id, copied, partial(collection_index, there))
    manifest = manifest.model_copy(update={"objects": objects})
    shelf = Shelf(target)
    shelf.add(manifest)
    prune(shelf, retention(settings))
    _remove_unneeded(shelf, manifest)
    return CopyReport(manifest, copied)


def objects_of(store: ObjectStore, manifest: Manifest) -> Iterator[tuple[str, int]]:
    """Yield key and size in bytes of what a backup in a copy consists of, beside catalog and index.

    Raises:
        PermanentError: The list is damaged (code `damaged_backup`).
    """
    if manifest.objects is not None:
        for row in read_rows(store, manifest.objects, manifest.name):
            key, size_bytes = json.loads(row)
            yield str(key), int(size_bytes)


def become_an_installation(store: ObjectStore, source: ObjectStore) -> None:
    """Have no `backup --to` take the store for a copy any more, and note which copy it came from.

    Args:
        store: The installation's own.
        source: What it was restored from: a copy, or `store` itself.
    """
    if source is not store:
        try:
            store.write(_RESTORED_FROM, source.read(_COPY_OF))
        except SourceGone:  # another installation's own store
            store.delete([_RESTORED_FROM])
    store.delete([_COPY_OF])


def _require_apart(own: str, other: str) -> None:
    """Refuse a copy that lies inside of what is copied, or the other way round."""
    first, second = (
        address.rstrip("/") if "://" in address else str(Path(address).resolve())
        for address in (own, other)
    )
    if f"{first}/".startswith(f"{second}/") or f"{second}/".startswith(f"{first}/"):
        raise InvalidRequest(
            f"{other!r} and the installation's own store lie in each other; name another place",
            code="not_a_copy",
        )


def _require_copy_of(own: ObjectStore, target: ObjectStore, address: str, *, adopt: bool) -> None:
    own.claim(_IDENTITY, new_id().encode())
    identity = own.read(_IDENTITY)
    try:
        marked = target.read(_COPY_OF)
    except SourceGone:
        filled = any(True for area in (*AREAS, "index", "backups") for _ in target.list(f"{area}/"))
        if filled:
            raise InvalidRequest(
                f"{address!r} holds something that is no copy; a copy needs a place of its own",
                code="not_a_copy",
            ) from None
        target.write(_COPY_OF, identity)
    else:
        if marked == identity:
            return
        if not _came_from(own, marked):
            raise InvalidRequest(
                f"{address!r} holds the copy of another installation; name another place",
                code="not_a_copy",
            )
        if not adopt:
            raise InvalidRequest(
                f"{address!r} holds the copy that this installation was restored from; if the one "
                "it was made of is gone for good, add --adopt once to go on with it, else name "
                "another place",
                code="not_a_copy",
            )
        target.write(_COPY_OF, identity)


def _came_from(own: ObjectStore, marked: bytes) -> bool:
    try:
        return own.read(_RESTORED_FROM) == marked
    except SourceGone:
        return False


def _remove_unneeded(shelf: Shelf, newest: Manifest) -> None:
    """Remove objects from a copy that none of its backups names, and indexes of gone collections.

    What came within a day stays: it may be for a backup that is being made at this moment.

    Raises:
        PermanentError: A backup cannot be read, so what it needs is not known.
    """
    needed = {key for manifest in shelf.manifests() for key, _ in objects_of(shelf.store, manifest)}
    living = set(newest.collections)
    before = datetime.now(UTC) - _UNNAMED_KEPT
    for area in (*AREAS, "index"):
        shelf.store.delete(
            [
                info.key
                for info in shelf.store.list(f"{area}/")
                if info.modified < before
                and info.key not in needed
                and not (area == "index" and info.key.split("/")[1] in living)
            ]
        )
