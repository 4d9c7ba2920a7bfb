"""What the key of an arrived object says: a reserved upload, a file in the inbox, or nothing."""

import re
from dataclasses import dataclass
from pathlib import PurePosixPath

from lectern.documents import is_unfinished
from lectern.objects.keys import is_key

DEFAULT_FOLDER = "inbox"
"""Where a file goes that lies in the inbox itself, outside of any collection's folder."""

_UPLOAD = re.compile(r"uploads/([^/]+)/([^/]+)/([1-9][0-9]{0,8})/[^/]+")


@dataclass(frozen=True, slots=True)
class UploadKey:
    """The key of a revision's bytes."""

    key: str
    collection_id: str
    document_id: str
    revision: int


@dataclass(frozen=True, slots=True)
class InboxKey:
    """A file dropped into a collection's folder; sub-folders are part of the document's name."""

    key: str
    folder: str
    name: str


def read_key(bucket_key: str, key_prefix: str) -> UploadKey | InboxKey | None:
    """Return what the object is to Lectern, or None if it is nothing.

    Args:
        bucket_key: The whole key in the bucket.
        key_prefix: What the store puts before its keys: "" or "prefix/".
    """
    key = bucket_key.removeprefix(key_prefix)
    if not bucket_key.startswith(key_prefix) or not is_key(key):
        return None
    if upload := _UPLOAD.fullmatch(key):
        return UploadKey(key, upload[1], upload[2], int(upload[3]))
    if not key.startswith("inbox/"):
        return None
    *folders, name = PurePosixPath(key).parts[1:]
    if any(is_unfinished(part) for part in (*folders, name)):
        return None
    folder = folders[0] if folders else DEFAULT_FOLDER
    return InboxKey(key, folder, " - ".join((*folders[1:], name)))
