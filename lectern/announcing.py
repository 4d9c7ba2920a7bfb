"""Telling intake of objects ourselves, where no store does: a folder, or a notification lost."""

import json
from collections.abc import Iterable
from urllib.parse import quote_plus

from lectern.objects import ObjectInfo


def announcement(objects: Iterable[ObjectInfo], *, key_prefix: str = "") -> bytes:
    """Return the notification that a store such as MinIO would POST to intake for `objects`.

    Args:
        objects: What has arrived, as a listing of the store says it.
        key_prefix: See `lectern.objects.key_prefix`.
    """
    records = [
        {
            "eventSource": "lectern:s3",
            "eventName": "s3:ObjectCreated:Put",
            "s3": {
                "object": {
                    "key": quote_plus(key_prefix + info.key),
                    "size": info.size_bytes,
                    "eTag": info.etag,
                }
            },
        }
        for info in objects
    ]
    return json.dumps({"EventName": "s3:ObjectCreated:Put", "Records": records}).encode()
