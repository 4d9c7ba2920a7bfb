"""The sample documents, loaded at the first start so that there is something to ask."""

import logging
import threading
from pathlib import Path

from lectern.client import Lectern
from lectern.errors import LecternError
from lectern.local.home import Home

_FILES = Path(__file__).resolve().parents[2] / "samples" / "files"
_COLLECTION = "Handbook"

log = logging.getLogger("lectern.local")


def load_samples(home: Home, function_url: str, stopping: threading.Event) -> None:
    """Put the samples into a collection of their own, once per home; safe to interrupt.

    Whoever deletes them later does not get them back: a file in the home remembers.
    """
    done = home.path / "samples-loaded"
    if done.exists() or not _FILES.is_dir():
        return
    try:
        with Lectern(function_url, home.owner_token()) as lectern:
            collection = lectern.collections.ensure(_COLLECTION).collection_id
            for file in sorted(path for path in _FILES.rglob("*") if path.is_file()):
                if stopping.is_set():
                    return
                lectern.documents.upload(collection, file, name=str(file.relative_to(_FILES)))
        done.touch()
    except LecternError as error:
        log.warning("the samples could not be loaded: %s", error.detail)
