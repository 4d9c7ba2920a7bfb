"""Cursors of listings: where the next page begins, as one word that callers pass back."""

import base64
import json
from collections.abc import Sequence
from datetime import UTC, datetime

from lectern.catalog.spelling import storable
from lectern.errors import InvalidRequest

Value = str | bool | int | datetime

_LARGEST = 2**63 - 1  # the databases' integer


def cursor_of(values: Sequence[Value]) -> str:
    """Return the cursor that stands for the values of a page's last row."""
    plain = [v.isoformat() if isinstance(v, datetime) else v for v in values]
    return base64.urlsafe_b64encode(json.dumps(plain).encode()).decode()


def values_of(cursor: str, kinds: Sequence[type]) -> tuple[Value, ...]:
    """Return the values behind a cursor; `kinds` says what each is, of those in `Value`.

    Raises:
        InvalidRequest: The cursor is not one of such a listing.
    """
    try:
        plain = json.loads(base64.urlsafe_b64decode(cursor.encode()))
        return tuple(
            _moment(value) if kind is datetime else _checked(value, kind)
            for value, kind in zip(plain, kinds, strict=True)
        )
    except (ValueError, TypeError, RecursionError, OverflowError) as error:
        raise InvalidRequest(
            f"the cursor {cursor[:100]!r} is not one of this listing; leave it out to begin again"
        ) from error


def _checked(value: object, kind: type) -> Value:
    if type(value) is not kind or not isinstance(value, str | int):
        raise TypeError(kind)
    fits = storable(value) == value if isinstance(value, str) else abs(value) <= _LARGEST
    if not fits:
        raise ValueError(value)
    return value


def _moment(value: object) -> datetime:
    if not isinstance(value, str) or (moment := datetime.fromisoformat(value)).tzinfo is None:
        raise TypeError(datetime)
    return moment.astimezone(UTC)  # at the ends of the calendar there is no such moment
