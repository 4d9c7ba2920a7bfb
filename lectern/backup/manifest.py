"""The manifest of a backup: what belongs to it, with counts and checksums."""

import hashlib
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from lectern.errors import PermanentError

FORMAT = 1
_SEAL = b"\nsha256:"


class _Stored(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class StoredFile(_Stored):
    """A file of the backup, compressed; `rows` and `sha256` are compared when it is read."""

    key: str
    rows: Annotated[int, Field(ge=0)]
    size_bytes: Annotated[int, Field(ge=0)]
    sha256: str


class StoredTable(StoredFile):
    """The rows of one table of the catalog; each row holds the values of `columns`."""

    table: str
    columns: tuple[str, ...]


class Manifest(_Stored):
    """What is in a backup.

    `created_at` is the moment that the catalog is of. `tables` come in the order in which they can
    be loaded. `objects` is the list of what a copy holds beside it; the installation's own store
    has none. `tick` is the timer's event it was made for, "" if somebody asked for it; `keep` says
    that no rule removes it.
    """

    format: int = FORMAT
    name: str
    created_at: datetime
    lectern: str
    schema_version: str
    tables: tuple[StoredTable, ...]
    objects: StoredFile | None = None
    collections: tuple[str, ...] = ()
    tick: str = ""
    keep: bool = False

    @property
    def rows(self) -> int:
        """Rows of all tables."""
        return sum(table.rows for table in self.tables)

    @property
    def size_bytes(self) -> int:
        """Bytes of the catalog's dump, compressed."""
        return sum(table.size_bytes for table in self.tables)

    def count(self, table: str) -> int:
        """Return the number of rows of a table, 0 if the backup does not have it."""
        return next((entry.rows for entry in self.tables if entry.table == table), 0)


def encode_manifest(manifest: Manifest) -> bytes:
    """Return the manifest as JSON and, in a line of its own, the digest of that JSON."""
    body = manifest.model_dump_json(indent=1).encode()
    return body + _SEAL + hashlib.sha256(body).hexdigest().encode() + b"\n"


def decode_manifest(data: bytes, name: str) -> Manifest:
    """Return the manifest of the backup called `name`.

    Raises:
        PermanentError: It is damaged or of another backup (code `damaged_backup`), or of a format
            that only a newer Lectern knows (code `backup_newer`).
    """
    body, _, digest = data.rpartition(_SEAL)
    if hashlib.sha256(body).hexdigest().encode() != digest.strip():
        raise damaged(name, "its manifest is not as it was written")
    try:
        if (written := _Format.model_validate_json(body).format) > FORMAT:
            raise PermanentError(
                f"the backup {name!r} has format {written!r}, this Lectern reads up to {FORMAT!r}; "
                "restore it with the newer Lectern that made it",
                code="backup_newer",
            )
        manifest = Manifest.model_validate_json(body)
    except ValidationError as error:
        raise damaged(name, "its manifest cannot be read") from error
    if manifest.name != name:
        raise damaged(name, f"its manifest is that of {manifest.name!r}")
    return manifest


def damaged(name: str, why: str) -> PermanentError:
    """Return the error of a backup that must not be relied on."""
    return PermanentError(
        f"the backup {name!r} is damaged: {why}; choose another one (`lectern backup list`)",
        code="damaged_backup",
    )


class _Format(_Stored):
    format: int
