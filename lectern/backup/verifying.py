"""Reading a backup as a restore would, and comparing it with what it says of itself."""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lectern.backup.catalog import require_known_version
from lectern.backup.disaster import objects_of
from lectern.backup.manifest import Manifest, damaged
from lectern.backup.shelf import Shelf
from lectern.backup.streams import read_rows
from lectern.documents import DocumentState
from lectern.errors import LecternError, SourceGone
from lectern.index.port import CollectionIndex
from lectern.objects import ObjectStore

_WITHOUT_FILE = frozenset({DocumentState.AWAITING_UPLOAD, DocumentState.DELETING})


@dataclass(frozen=True, slots=True)
class Verification:
    """What was read, all of it sound.

    `files_gone` are documents of the backup whose file is not in the store: they were deleted or
    replaced after it (for a copy: while it was made), so a restore could not bring them back.
    """

    manifest: Manifest
    objects: int
    indexes: int
    files_gone: int


def verify(
    shelf: Shelf,
    name: str,
    *,
    index_of: Callable[[str], CollectionIndex],
    read_data: bool = False,
) -> Verification:
    """Read a backup and return what is in it.

    Args:
        shelf: Where it is.
        name: Which one; "" for the newest.
        index_of: Opens the index of a collection beside it.
        read_data: Compare every document's file with the SHA-256 that the catalog has of it.

    Raises:
        NotFound: There is no such backup.
        PermanentError: It is not as it was written (code `damaged_backup`), or newer than this
            code (code `backup_newer`).
    """
    manifest = shelf.open(name)
    require_known_version(manifest)
    tables = {entry.table: _table(shelf.store, manifest, entry.table) for entry in manifest.tables}
    for table in tables.keys() - {"documents", "revisions"}:
        for _ in tables[table]:
            continue
    files = _files(tables)
    objects = _compare_sizes(shelf.store, manifest)
    gone = sum(not _is_sound(shelf.store, manifest, *file, read_data=read_data) for file in files)
    return Verification(manifest, objects, _open_indexes(shelf, manifest, index_of), gone)


def _table(store: ObjectStore, manifest: Manifest, table: str) -> Iterator[Mapping[str, Any]]:
    entry = next(entry for entry in manifest.tables if entry.table == table)
    for row in read_rows(store, entry, manifest.name):
        yield dict(zip(entry.columns, json.loads(row), strict=True))


def _files(tables: Mapping[str, Iterator[Mapping[str, Any]]]) -> list[tuple[str, str]]:
    """Return key and SHA-256 of every document's current file."""
    current = {
        row["document_id"]: row["revision"]
        for row in tables.get("documents", ())
        if row["state"] not in _WITHOUT_FILE
    }
    return [
        (row["object_key"], row["sha256"])
        for row in tables.get("revisions", ())
        if current.get(row["document_id"]) == row["revision"]
    ]


def _compare_sizes(store: ObjectStore, manifest: Manifest) -> int:
    """Return the number of objects that a copy says it has, all of which it has."""
    if manifest.objects is None:
        return 0
    areas: dict[str, dict[str, int]] = {}
    count = 0
    for key, size_bytes in objects_of(store, manifest):
        area = key.partition("/")[0]
        if area not in areas:
            areas = {area: {info.key: info.size_bytes for info in store.list(f"{area}/")}}
        if areas[area].get(key) != size_bytes:
            raise damaged(manifest.name, f"the object {key!r} is missing or has another size")
        count += 1
    return count


def _is_sound(
    store: ObjectStore, manifest: Manifest, key: str, sha256: str, *, read_data: bool
) -> bool:
    try:
        if not read_data:
            return bool(store.info(key))
        digest = hashlib.sha256()
        for piece in store.stream(key):
            digest.update(piece)
    except SourceGone:
        return False
    if sha256 and digest.hexdigest() != sha256:
        raise damaged(manifest.name, f"the file {key!r} is not what was uploaded")
    return True


def _open_indexes(
    shelf: Shelf, manifest: Manifest, index_of: Callable[[str], CollectionIndex]
) -> int:
    """Open the indexes that lie beside the newest backup; older ones have none of their own."""
    if manifest.name != shelf.names()[-1]:
        return 0
    for collection_id in manifest.collections:
        try:
            index_of(collection_id).held()
        except (LecternError, RuntimeError, ValueError) as error:
            raise damaged(
                manifest.name, f"the index of collection {collection_id!r} cannot be opened"
            ) from error
    return len(manifest.collections)
