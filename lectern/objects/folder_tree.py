"""What a folder store sees of its file system: the files in key order, and its errors."""

import contextlib
import errno
import os
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from lectern.errors import InvalidRequest, PermanentError, SourceGone, TransientError
from lectern.objects.keys import is_key
from lectern.objects.port import ObjectInfo

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


def walk(folder: Path, folder_key: str, prefix: str) -> Iterator[ObjectInfo]:
    """Yield the regular files below `folder` whose keys start with `prefix`, in key order.

    Sorting each folder's entries with a "/" behind folders gives the order of whole keys, because
    "a-b" < "a/" < "a0" in bytes. Symbolic links are left out, and so are names that are no key.

    Args:
        folder: Where to look.
        folder_key: Key of `folder`, with a final "/", or "" for the root.
        prefix: What keys must start with.
    """
    for name, is_folder in _entries(folder):
        key = folder_key + name
        if is_folder:
            inside = f"{key}/"
            if inside.startswith(prefix) or prefix.startswith(inside):
                yield from walk(folder / name, inside, prefix)
        elif key.startswith(prefix) and is_key(key):
            with contextlib.suppress(FileNotFoundError, NotADirectoryError):
                status = (folder / name).lstat()
                if stat.S_ISREG(status.st_mode):
                    yield describe(key, status)


def describe(key: str, status: os.stat_result) -> ObjectInfo:
    """Return what a listing says about the file of `key`; every write makes a new etag."""
    return ObjectInfo(
        key=key,
        size_bytes=status.st_size,
        etag=f"{status.st_mtime_ns:x}-{status.st_size:x}-{status.st_ino:x}",
        modified=datetime.fromtimestamp(status.st_mtime, UTC),
    )


@contextlib.contextmanager
def translated(key: str) -> Iterator[None]:
    """Turn errors of the file system into Lectern's, about the object at `key`.

    Raises:
        SourceGone: There is no file, or a symbolic link.
        InvalidRequest: The file system cannot hold the key.
        PermanentError: Access is denied.
        TransientError: Anything else: a full disk, an input or output error.
    """
    try:
        yield
    except (FileNotFoundError, NotADirectoryError) as error:
        raise SourceGone(f"there is no object at {key!r}") from error
    except IsADirectoryError as error:
        raise InvalidRequest(
            f"the key {key!r} is the folder of other objects", code="invalid_key"
        ) from error
    except PermissionError as error:
        raise PermanentError(
            f"access to {error.filename!r} is denied; check its owner and mode", code="store_denied"
        ) from error
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise SourceGone(f"there is no object at {key!r}") from error
        if error.errno == errno.ENAMETOOLONG:
            raise InvalidRequest(
                f"the key {key!r} is too long for this file system", code="invalid_key"
            ) from error
        code = "store_full" if error.errno in _FULL else "store_unavailable"
        raise TransientError(f"the store's disk fails: {error.strerror}", code=code) from error


def _entries(folder: Path) -> list[tuple[str, bool]]:
    try:
        with os.scandir(folder) as found:
            entries = [(entry.name, entry.is_dir(follow_symlinks=False)) for entry in found]
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise TransientError(
            f"the store's folder cannot be listed: {error.strerror}", code="store_unavailable"
        ) from error
    return sorted(entries, key=lambda entry: os.fsencode(entry[0] + "/" * entry[1]))
