"""Telling intake of files in the inbox, where the store's own notification was lost."""

import json
from collections.abc import Iterable
from urllib.parse import quote_plus

from lectern.errors import TransientError
from lectern.objects import ObjectInfo
from lectern.trust import tls_context

_TIMEOUT_S = 120.0


def announce(
    objects: Iterable[ObjectInfo], *, intake_url: str, token: str, key_prefix: str
) -> None:
    """Tell intake that `objects` have arrived. Safe to repeat.

    Raises:
        TransientError: Intake cannot be reached or could not take them all in now.
    """
    import httpx

    authorization = {"Authorization": f"Bearer {token}"} if token else {}
    try:
        answer = httpx.post(
            f"{intake_url}/",
            content=announcement(objects, key_prefix=key_prefix),
            headers={"Content-Type": "application/json"} | authorization,
            timeout=_TIMEOUT_S,
            verify=tls_context(),
            trust_env=False,  # intake is a neighbour, not behind a proxy
        )
    except httpx.HTTPError as error:
        raise TransientError("intake cannot be reached", code="no_intake") from error
    if not answer.is_success:
        raise TransientError(f"intake answered {answer.status_code}", code="intake_refused")


def announcement(objects: Iterable[ObjectInfo], *, key_prefix: str) -> bytes:
    """Return the notification that a store such as MinIO would POST for `objects`.

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
