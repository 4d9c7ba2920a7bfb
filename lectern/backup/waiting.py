"""Waiting for an installation's database and store, which a cluster starts at the same time."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from lectern.errors import TransientError

if TYPE_CHECKING:
    from lectern.settings import Settings

_PAUSE_S = 2.0


def wait_until_reachable(
    settings: "Settings", longest_s: float, say: Callable[[str], None]
) -> None:
    """Return when database and object store answer.

    Args:
        settings: The installation.
        longest_s: How long to wait for both.
        say: Told what is waited for, whenever that changes.

    Raises:
        TransientError: One of them does not answer in time; the last error.
        PermanentError: The store refuses, which waiting does not change.
    """
    deadline = time.monotonic() + longest_s
    said = ""
    while True:
        try:
            _reach(settings)
        except TransientError as error:
            if time.monotonic() >= deadline:
                raise
            waiting = f"waiting: {error.detail}" + (f": {error.reason}" if error.reason else "")
            if waiting != said:
                say(waiting)
            said = waiting
        else:
            return
        time.sleep(_PAUSE_S)


def _reach(settings: "Settings") -> None:
    from lectern.catalog.database import Database
    from lectern.catalog.versions import stored_version
    from lectern.objects import object_store

    database = Database(settings.resolved_database_url())
    try:
        if database.file is None:
            database.read(stored_version)
    finally:
        database.close()
    for _ in object_store(settings).list("backups/"):
        return
