"""Names of backups, which say when they were made, and the keys in the store that follow."""

import re
from datetime import UTC, datetime

PREFIX = "backups/"
_TIME = "%Y%m%dT%H%M%S"
_NAME = re.compile(r"[0-9]{8}T[0-9]{6}\.[0-9]{3}Z")
_MANIFEST = "manifest.json"


def name_of(moment: datetime) -> str:
    """Return the name of a backup made at `moment`; names sort as their moments do."""
    moment = moment.astimezone(UTC)
    return f"{moment:{_TIME}}.{moment.microsecond // 1000:03}Z"


def moment_of(name: str) -> datetime | None:
    """Return when the backup of that name was made, in UTC; None if it is no such name."""
    if not _NAME.fullmatch(name):
        return None
    try:
        return datetime.strptime(name, f"{_TIME}.%fZ").replace(tzinfo=UTC)
    except ValueError:
        return None


def folder_of(name: str) -> str:
    """Return the prefix of the backup's objects."""
    return f"{PREFIX}{name}/"


def manifest_key(name: str) -> str:
    """Return the key of the object that makes it a backup."""
    return folder_of(name) + _MANIFEST


def rows_key(name: str, table: str) -> str:
    """Return the key of a table's rows."""
    return f"{folder_of(name)}catalog/{table}.jsonl.zst"


def objects_key(name: str) -> str:
    """Return the key of the list of objects that a copy holds."""
    return folder_of(name) + "objects.jsonl.zst"
