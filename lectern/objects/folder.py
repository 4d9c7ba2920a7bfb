"""An object store in a folder of this machine.

Every write goes to a temporary file beside the objects and becomes visible by one rename, so a
reader sees a whole object or none, and a process killed midway leaves nothing in a listing.
Symbolic links are no objects and are never followed.
"""

import contextlib
import os
import secrets
import stat
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from lectern.errors import InvalidRequest, SourceGone, TransientError
from lectern.objects.folder_tree import describe, translated, walk
from lectern.objects.keys import INCOMING, check_folder_prefix, check_key, check_prefix
from lectern.objects.port import ObjectInfo
from lectern.objects.signing import signed_url

_ABANDONED_S = 24 * 3600
_CHUNK_BYTES = 1 << 20
_PLACE_TRIES = 100
_NO_OBJECT = (FileNotFoundError, NotADirectoryError, IsADirectoryError)


class FolderStore:
    """See `ObjectStore`.

    A file system knows files and folders, so a key cannot be the folder of another key here
    (`a` beside `a/b`); such a write raises `InvalidRequest`.

    Args:
        root: The folder; it is created by the first write.
        links_base_url: Address of the catalog function, which serves the signed links.
        signing_secret: Called when the first link is made.
        keep_folders: Top-level folders whose sub-folders stay when they become empty, because
            people put files there.
    """

    def __init__(
        self,
        root: Path,
        *,
        links_base_url: str,
        signing_secret: Callable[[], bytes],
        keep_folders: Collection[str] = (),
    ) -> None:
        self._root = root.resolve()
        self._incoming = self._root / INCOMING
        self._links_base_url = links_base_url
        self._signing_secret = signing_secret
        self._keep_folders = frozenset(keep_folders)
        self._prepared = False

    def read(self, key: str) -> bytes:
        """See `ObjectStore.read`."""
        with self._open(key) as file, translated(key):
            return file.read()

    def read_range(self, key: str, start: int, end: int) -> bytes:
        """See `ObjectStore.read_range`."""
        with self._open(key) as file, translated(key):
            file.seek(start)
            return file.read(max(end - start, 0))

    def stream(self, key: str, *, chunk_bytes: int = _CHUNK_BYTES) -> Iterator[bytes]:
        """See `ObjectStore.stream`."""
        with self._open(key) as file:
            while True:
                with translated(key):
                    piece = file.read(chunk_bytes)
                if not piece:
                    return
                yield piece

    @contextlib.contextmanager
    def local_file(self, key: str) -> Iterator[Path]:
        """See `ObjectStore.local_file`; it is the object's own file."""
        self.info(key)
        yield self._path(key)

    def info(self, key: str) -> ObjectInfo:
        """See `ObjectStore.info`."""
        with translated(key):
            status = self._path(key).lstat()
        if not stat.S_ISREG(status.st_mode):
            raise SourceGone(f"there is no object at {key!r}")
        return describe(key, status)

    def write(self, key: str, data: bytes, *, content_type: str = "") -> None:
        """See `ObjectStore.write`."""
        del content_type  # a file has none
        with translated(key), self._draft(key) as (draft, file):
            file.write(data)
            self._place(draft, file, self._path(key))

    def write_stream(self, key: str, source: BinaryIO, *, content_type: str = "") -> int:
        """See `ObjectStore.write_stream`."""
        del content_type
        size_bytes = 0
        with self._draft(key) as (draft, file):
            while piece := source.read(_CHUNK_BYTES):
                with translated(key):
                    size_bytes += file.write(piece)
            with translated(key):
                self._place(draft, file, self._path(key))
        return size_bytes

    def claim(self, key: str, data: bytes) -> bool:
        """See `ObjectStore.claim`; a hard link never replaces and appears with its content."""
        with translated(key), self._draft(key) as (draft, file):
            file.write(data)
            try:
                self._place(draft, file, self._path(key), put=os.link)
            except FileExistsError:
                return False
        return True

    def copy(self, source_key: str, target_key: str) -> None:
        """See `ObjectStore.copy`."""
        with self._open(source_key) as source:
            self.write_stream(target_key, source)

    def list(self, prefix: str) -> Iterator[ObjectInfo]:
        """See `ObjectStore.list`; files whose names are no keys are left out."""
        folder = check_prefix(prefix).rpartition("/")[0]
        path = self._root / folder
        if os.path.realpath(path) == str(path):
            yield from walk(path, f"{folder}/" if folder else "", prefix)

    def delete(self, keys: Iterable[str]) -> None:
        """See `ObjectStore.delete`; folders that become empty go too."""
        for key in keys:
            path = self._path(key)
            with translated(key), contextlib.suppress(*_NO_OBJECT):
                path.unlink()
            self._prune(path.parent)

    def delete_unchanged(self, key: str, etag: str) -> bool:
        """See `ObjectStore.delete_unchanged`: set aside, looked at, and put back if it changed."""
        path = self._path(key)
        with translated(key):
            self._prepare_incoming()
            aside = self._incoming / secrets.token_hex(16)
            try:
                if describe(key, path.lstat()).etag != etag:
                    return False
                path.rename(aside)
            except _NO_OBJECT:
                return False
            unchanged = describe(key, aside.lstat()).etag == etag
            if not unchanged:
                with contextlib.suppress(FileExistsError):  # changed twice: the last one stays
                    os.link(aside, path)
            aside.unlink()
        self._prune(path.parent)
        return unchanged

    def delete_prefix(self, prefix: str) -> int:
        """See `ObjectStore.delete_prefix`."""
        keys = [info.key for info in self.list(check_folder_prefix(prefix))]
        self.delete(keys)
        return len(keys)

    def upload_url(self, key: str, *, expires_s: int, content_type: str = "") -> str:
        """See `ObjectStore.upload_url`; the catalog function accepts the PUT."""
        del content_type
        return signed_url(
            self._links_base_url,
            check_key(key),
            "PUT",
            expires_s=expires_s,
            secret=self._signing_secret(),
        )

    def download_url(self, key: str, *, expires_s: int, file_name: str = "") -> str:
        """See `ObjectStore.download_url`; the catalog function answers the GET."""
        return signed_url(
            self._links_base_url,
            check_key(key),
            "GET",
            expires_s=expires_s,
            secret=self._signing_secret(),
            file_name=file_name,
        )

    def _path(self, key: str) -> Path:
        """Return the file of `key`, whose folder is certain to lie inside the root."""
        path = self._root / check_key(key)
        if os.path.realpath(path.parent) != str(path.parent):
            raise InvalidRequest(
                f"the key {key!r} leads through a symbolic link; move the folder into the store",
                code="invalid_key",
            )
        return path

    @contextlib.contextmanager
    def _open(self, key: str) -> Iterator[BinaryIO]:
        path = self._path(key)
        with translated(key):
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):  # a folder, a pipe, a device
            os.close(descriptor)
            raise SourceGone(f"there is no object at {key!r}")
        with os.fdopen(descriptor, "rb") as file:
            yield file

    @contextlib.contextmanager
    def _draft(self, key: str) -> Iterator[tuple[Path, BinaryIO]]:
        """Give a temporary file, readable by this user only, that is gone afterwards."""
        self._path(key)
        with translated(key):
            self._prepare_incoming()
            draft = self._incoming / secrets.token_hex(16)
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                yield draft, file
        finally:
            draft.unlink(missing_ok=True)

    def _prepare_incoming(self) -> None:
        """Make the folder of temporary files; remove what killed processes left there."""
        if self._prepared:
            return
        self._incoming.mkdir(parents=True, exist_ok=True)
        for draft in self._incoming.iterdir():
            with contextlib.suppress(FileNotFoundError):
                if draft.stat().st_mtime < time.time() - _ABANDONED_S:
                    draft.unlink()
        self._prepared = True

    def _place(
        self,
        draft: Path,
        file: BinaryIO,
        path: Path,
        *,
        put: Callable[[Path, Path], None] = os.replace,
    ) -> None:
        """Make the temporary file the object, on disk before this returns."""
        file.flush()
        os.fsync(file.fileno())
        for _ in range(_PLACE_TRIES):
            try:
                _make_folder(path.parent)
                put(draft, path)
            except FileNotFoundError:  # a deletion removed the empty folder: make it again
                continue
            with contextlib.suppress(FileNotFoundError):  # somebody deleted the object already
                _sync_folder(path.parent)
            return
        raise TransientError("the object's folder keeps disappearing while it is written")

    def _prune(self, folder: Path) -> None:
        """Remove `folder` and its parents as far as they are empty."""
        while folder != self._root:
            if folder.relative_to(self._root).parts[0] in self._keep_folders:
                return
            try:
                folder.rmdir()
            except FileNotFoundError:
                pass
            except OSError:
                return
            folder = folder.parent


def _make_folder(folder: Path) -> None:
    """Make a folder and its parents; FileNotFoundError says that one was removed meanwhile."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        if any(map(_is_object, (folder, *folder.parents))):
            raise InvalidRequest(
                f"an object stands where the folder {folder.name!r} is needed", code="invalid_key"
            ) from error
        raise FileNotFoundError(folder) from error


def _is_object(path: Path) -> bool:
    try:
        return not stat.S_ISDIR(path.lstat().st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return False


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
