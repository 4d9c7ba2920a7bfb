"""Temporary folders that do not outlive their process for long, however it ends."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_LOCK_SUFFIX = ".lock"


@contextmanager
def scratch_folder(purpose: str) -> Iterator[Path]:
    """Give an empty folder that only this user can read; it is removed at the end of the context.

    A lock held by the process marks the folder as in use. Whoever enters next removes the folders
    whose lock is free: those of processes that were killed.

    Args:
        purpose: A word that names the family of folders cleaned together.
    """
    root = Path(tempfile.gettempdir()) / f"lectern-{purpose}-{os.getuid()}"
    root.mkdir(mode=0o700, exist_ok=True)
    if root.is_symlink() or root.stat().st_uid != os.getuid():
        root = Path(tempfile.mkdtemp(prefix=f"lectern-{purpose}-"))
    _remove_abandoned(root)
    descriptor, lock = tempfile.mkstemp(suffix=_LOCK_SUFFIX, dir=root)
    folder = Path(lock.removesuffix(_LOCK_SUFFIX))
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        folder.mkdir(mode=0o700)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        Path(lock).unlink(missing_ok=True)
        os.close(descriptor)


def _remove_abandoned(root: Path) -> None:
    for lock in root.glob(f"*{_LOCK_SUFFIX}"):
        with suppress(OSError), lock.open("rb") as handle:  # a neighbour may be faster
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(lock.with_suffix(""), ignore_errors=True)
            lock.unlink(missing_ok=True)
