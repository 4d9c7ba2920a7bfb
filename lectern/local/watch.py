"""The folder watch: a file dropped into the inbox is announced to intake, as an object store would.

It looks once a second instead of asking the system to be told: that also works for network drives
and container mounts, and "unchanged since the last look" is what makes a file complete. A file that
intake cannot take stays, and is announced again.
"""

import json
import logging
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import quote_plus

from lectern.documents import is_unfinished
from lectern.settings import Settings

_LOOK_S = 1.0
_AGAIN_S = 15.0
_ANNOUNCE_TIMEOUT_S = 120.0

log = logging.getLogger("lectern.local")


class Announce(Protocol):
    """Hands a finished file on."""

    def __call__(self, path: Path, key: str) -> bool:
        """Announce the file that is to lie at `key` of the store; return whether intake took it."""
        ...


@dataclass(frozen=True, slots=True)
class _Sighting:
    size_bytes: int
    modified_ns: int


class FolderWatch:
    """Announces each file once it rests, and again when it changed.

    Args:
        folder: What is watched, with its sub-folders; the first level names the collection.
        announce: See `Announce`.
        clock: Seconds, growing.
    """

    def __init__(
        self, folder: Path, announce: Announce, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.folder = folder
        self._announce = announce
        self._clock = clock
        self._last: Mapping[Path, _Sighting] = {}
        self._done: dict[Path, _Sighting] = {}
        self._not_before: dict[Path, float] = {}

    @classmethod
    def of(cls, settings: Settings, function_url: str, intake_token: str) -> "FolderWatch | None":
        """Return the watch that `settings` ask for, or None when there is no folder to watch."""
        folder = inbox_folder(settings)
        if folder is None:
            return None
        return cls(folder, _Intake(settings, function_url, intake_token))

    def run(self, stopping: threading.Event) -> None:
        """Look once a second until `stopping`."""
        self.folder.mkdir(parents=True, exist_ok=True)
        while not stopping.is_set():
            try:
                self.look()
            except OSError as error:
                log.warning("the inbox cannot be read: %s", error.strerror)
            stopping.wait(_LOOK_S)

    def look(self) -> None:
        """Announce what rests since the last look. Empty files wait for content."""
        seen = dict(_files(self.folder))
        now = self._clock()
        for path, sighting in seen.items():
            resting = sighting.size_bytes > 0 and self._last.get(path) == sighting
            known = self._done.get(path) == sighting
            if not resting or known or now < self._not_before.get(path, now):
                continue
            key = "inbox/" + path.relative_to(self.folder).as_posix()
            if self._announce(path, key):
                self._done[path] = sighting
            else:
                self._not_before[path] = now + _AGAIN_S
        self._last = seen
        for memory in (self._done, self._not_before):
            for path in memory.keys() - seen.keys():
                memory.pop(path)


def inbox_folder(settings: Settings) -> Path | None:
    """Return the folder to watch, or None if the store is no folder and none is set."""
    if settings.inbox:
        return Path(settings.inbox).expanduser().absolute()
    store = settings.resolved_store()
    return None if "://" in store else Path(store).absolute() / "inbox"


class _Intake:
    """Announces to intake; a file outside of the store is copied into it first."""

    def __init__(self, settings: Settings, function_url: str, token: str) -> None:
        self._settings = settings
        self._url = function_url.format(function="intake") + "/"
        self._token = token

    def __call__(self, path: Path, key: str) -> bool:
        """See `Announce`."""
        import httpx

        try:
            if self._settings.inbox:
                self._copy(path, key)
            answer = httpx.post(
                self._url,
                content=notification(key),
                headers={
                    "Content-Type": "application/json",
                    "Authorization": f"Bearer {self._token}",
                },
                timeout=_ANNOUNCE_TIMEOUT_S,
                trust_env=False,
            )
        except (OSError, httpx.HTTPError) as error:
            log.warning("a file of the inbox waits: %s", type(error).__name__)
            return False
        if not answer.is_success:
            log.warning("a file of the inbox waits: intake answered %s", answer.status_code)
        return answer.is_success

    def _copy(self, path: Path, key: str) -> None:
        from lectern.objects import object_store

        with path.open("rb") as file:
            object_store(self._settings).write_stream(key, file)


def notification(key: str) -> bytes:
    """Return what MinIO posts when an object was created (the dialect with the bucket in `Key`)."""
    record = {
        "eventSource": "minio:s3",
        "eventName": "s3:ObjectCreated:Put",
        "s3": {"bucket": {"name": "local"}, "object": {"key": quote_plus(key)}},
    }
    return json.dumps(
        {"EventName": "s3:ObjectCreated:Put", "Key": f"local/{key}", "Records": [record]}
    ).encode()


def _files(folder: Path) -> Iterator[tuple[Path, _Sighting]]:
    """Yield finished regular files; links are not followed, wherever they lead."""
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except FileNotFoundError:  # removed while we look
        return
    for entry in entries:
        if is_unfinished(entry.name):
            continue
        try:
            if entry.is_dir(follow_symlinks=False):
                yield from _files(Path(entry.path))
            elif entry.is_file(follow_symlinks=False):
                status = entry.stat(follow_symlinks=False)
                yield Path(entry.path), _Sighting(status.st_size, status.st_mtime_ns)
        except FileNotFoundError:
            continue
