"""The backups in a store: which there are, and putting them there and away."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from lectern.backup import names
from lectern.backup.manifest import Manifest, decode_manifest, encode_manifest
from lectern.errors import NotFound, SourceGone
from lectern.objects import ObjectStore

_UNFINISHED_KEPT = timedelta(days=1)  # longer than any backup takes to be made


@dataclass(frozen=True, slots=True)
class Shelf:
    """The backups in one store."""

    store: ObjectStore

    def names(self) -> Sequence[str]:
        """Return the names of all finished backups, oldest first; one listing."""
        return sorted(name for name, finished in self._found().items() if finished)

    def newest(self) -> datetime | None:
        """Return when the newest finished backup was made, in UTC."""
        return max(filter(None, map(names.moment_of, self.names())), default=None)

    def manifests(self) -> Sequence[Manifest]:
        """Return the manifests of all finished backups, oldest first.

        Raises:
            PermanentError: One is damaged or of a newer format; `names` tells which there are.
        """
        return [self.open(name) for name in self.names()]

    def open(self, name: str = "") -> Manifest:
        """Return the manifest of a backup, by default the newest one's.

        Raises:
            NotFound: There is no finished backup of that name, or none at all.
            PermanentError: It is damaged or of a newer format.
        """
        name = name or next(reversed(self.names()), "")
        if not name:
            raise NotFound("there is no backup in this store; make one with `lectern backup`")
        if names.moment_of(name) is None:
            raise NotFound(f"{name!r} is no name of a backup; `lectern backup list` shows them")
        try:
            return decode_manifest(self.store.read(names.manifest_key(name)), name)
        except SourceGone as error:
            raise NotFound(
                f"there is no backup {name!r}, or it was never finished; `lectern backup list` "
                "shows what there is"
            ) from error

    def add(self, manifest: Manifest) -> None:
        """Make what was written under the manifest's name a backup."""
        self.store.write(
            names.manifest_key(manifest.name),
            encode_manifest(manifest),
            content_type="application/json",
        )

    def remove(self, name: str) -> None:
        """Remove a backup, its manifest first, so that no half of one is ever taken for whole."""
        self.store.delete([names.manifest_key(name)])
        self.store.delete_prefix(names.folder_of(name))

    def remove_unfinished(self, now: datetime) -> int:
        """Remove what backups that were killed have left; return how many there were."""
        abandoned = [
            name
            for name, finished in self._found().items()
            if not finished
            and (moment := names.moment_of(name)) is not None
            and now - moment > _UNFINISHED_KEPT
        ]
        for name in abandoned:
            self.remove(name)
        return len(abandoned)

    def _found(self) -> dict[str, bool]:
        """Return every backup that was begun, and whether it was finished."""
        found: dict[str, bool] = {}
        for info in self.store.list(names.PREFIX):
            name = info.key.removeprefix(names.PREFIX).partition("/")[0]
            if names.moment_of(name) is not None:
                found[name] = found.get(name, False) or info.key == names.manifest_key(name)
        return found
