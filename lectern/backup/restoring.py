"""Restoring an installation from a backup in its own store or in a copy of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from lectern.backup.catalog import load_catalog, require_empty, require_known_version
from lectern.backup.copying import Copied, Copier
from lectern.backup.disaster import become_an_installation, objects_of
from lectern.backup.manifest import Manifest
from lectern.backup.reconciling import Reconciler
from lectern.backup.shelf import Shelf

if TYPE_CHECKING:
    from lectern.settings import Settings


@dataclass(frozen=True, slots=True)
class RestoreReport:
    """What was restored, what copying the objects took, and what became of the documents."""

    manifest: Manifest
    copied: Copied
    reconciled: Mapping[str, int]


def restore(
    settings: "Settings",
    name: str = "",
    *,
    source: str = "",
    force: bool = False,
    take_in_newer: bool = True,
) -> RestoreReport:
    """Make a backup (by default the newest) the content of this installation.

    Objects come first; then the catalog, in one transaction; then `reconcile`. Killed before the
    catalog is there, nothing has changed but objects that nobody names.

    Args:
        settings: The installation. Nothing else may run on it.
        name: The backup.
        source: The store of a copy; "" for the installation's own.
        force: Replace what there is.
        take_in_newer: See `Reconciler`.

    Raises:
        NotFound: There is no such backup.
        PermanentError: It is damaged (`damaged_backup`), made by a newer Lectern
            (`backup_newer`), or the installation holds something (`not_empty`).
        TransientError: A store or the database is in trouble.
    """
    from lectern.index import collection_index
    from lectern.objects import object_store

    own = object_store(settings)
    there = object_store(settings.of_copy(source)) if source else own
    manifest = Shelf(there).open(name)
    require_known_version(manifest)
    if not force:
        require_empty(settings.resolved_database_url())
    copied = Copied()
    if source:
        copier = Copier(there, own)
        listed = {key for key, _ in objects_of(there, manifest)}
        for _ in copier.areas(copied, only=listed):
            continue
        for collection_id in manifest.collections:
            copier.index(collection_id, copied, partial(collection_index, settings))
    load_catalog(settings.resolved_database_url(), there, manifest, replace=force)
    become_an_installation(own, there)
    return RestoreReport(
        manifest, copied, reconcile(settings, take_in_newer=take_in_newer, restored=manifest.name)
    )


def reconcile(
    settings: "Settings", *, take_in_newer: bool = True, restored: str = ""
) -> Mapping[str, int]:
    """Bring catalog, objects and index of this installation together; see `Reconciler`.

    Args:
        settings: The installation.
        take_in_newer: See `Reconciler`.
        restored: The backup that was restored just now, for the audit log.
    """
    from lectern.catalog import open_catalog
    from lectern.index import collection_index
    from lectern.objects import object_store

    catalog = open_catalog(settings)
    try:
        if restored:
            catalog.audit.record("", "lectern restore", "installation.restored", subject=restored)
        return Reconciler(
            catalog,
            object_store(settings),
            partial(collection_index, settings),
            take_in_newer=take_in_newer,
        ).reconcile()
    finally:
        catalog.close()
