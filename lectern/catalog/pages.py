"""Cursors of listings: where the next page begins, as one word that callers pass back."""

import base64
import binascii
import json
from collections.abc import Sequence
from datetime import datetime

from lectern.errors import InvalidRequest


def cursor_of(values: Sequence[str | bool | datetime]) -> str:
    """Return the cursor that stands for the values of a page's last row."""
    plain = [v.isoformat() if isinstance(v, datetime) else v for v in values]
    return base64.urlsafe_b64encode(json.dumps(plain).encode()).decode()


def values_of(cursor: str, kinds: Sequence[type]) -> tuple[str | bool | datetime, ...]:
    """Return the values behind a cursor; `kinds` says what each is: `str`, `bool`, `datetime`.

    Raises:
        InvalidRequest: The cursor is not one of such a listing.
    """
    try:
        plain = json.loads(base64.urlsafe_b64decode(cursor.encode()))
        return tuple(
            datetime.fromisoformat(value) if kind is datetime else _checked(value, kind)
            for value, kind in zip(plain, kinds, strict=True)
        )
    except (binascii.Error, ValueError, TypeError) as error:
        raise InvalidRequest(
            f"the cursor {cursor[:100]!r} is not one of this listing; leave it out to begin again"
        ) from error


def _checked(value: object, kind: type) -> str | bool:
    if not isinstance(value, kind) or not isinstance(value, str | bool):
        raise TypeError(kind)
    return value
