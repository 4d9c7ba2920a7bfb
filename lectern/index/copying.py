"""Copying a collection's LanceDB files while others go on writing.

Every file has a name of its own and never changes, and one manifest names all files of a version.
So a table is copied as of the version that was newest when copying began: first everything that
the manifest may name, then that manifest alone. Older manifests are left behind, for nobody reads
older versions, and so is the hint at the newest version, which would be one of another table.
Measured on LanceDB 0.40: a table opens with a single manifest and without the hint.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_VERSIONS = "/_versions/"
_MANIFEST = ".manifest"
_NAMED_BACKWARDS = 1 << 63  # manifests are named 2^64-1 minus their version, to list newest first
_LARGEST = (1 << 64) - 1


@dataclass(frozen=True, slots=True)
class TableCopy:
    """What makes up a table: `files` in any order, and only then `manifest`."""

    folder: str
    files: Sequence[str]
    manifest: str


def newest_manifests(keys: Iterable[str]) -> dict[str, str]:
    """Return the newest manifest of each table folder (with a final "/") that `keys` hold.

    To be asked of a listing that is made before the one that `table_copies` gets.
    """
    newest: dict[str, tuple[int, str]] = {}
    for key in keys:
        folder, separator, name = key.rpartition(_VERSIONS)
        number = name.removesuffix(_MANIFEST)
        if separator and name.endswith(_MANIFEST) and number.isdecimal():
            found = (_version(int(number)), key)
            newest[f"{folder}/"] = max(newest.get(f"{folder}/", found), found)
    return {folder: key for folder, (_, key) in newest.items()}


def table_copies(manifests: dict[str, str], keys: Iterable[str]) -> Sequence[TableCopy]:
    """Return the plan for each table of `manifests`, given all keys that are there after it."""
    files: dict[str, list[str]] = {folder: [] for folder in manifests}
    for key in keys:
        folder = next((folder for folder in files if key.startswith(folder)), None)
        if folder is not None and _VERSIONS not in key.removeprefix(folder[:-1]):
            files[folder].append(key)
    return [TableCopy(folder, files[folder], manifests[folder]) for folder in manifests]


def is_of_versions(key: str) -> bool:
    """Return whether the object says which version a table has; such objects are removed first."""
    return _VERSIONS in key


def _version(number: int) -> int:
    return _LARGEST - number if number >= _NAMED_BACKWARDS else number
