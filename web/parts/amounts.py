"""Amounts as people read them: bytes, durations, moments."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st

from web.language import t

_KILO = 1000
_UNITS = ("B", "KB", "MB", "GB", "TB")
_MINUTE_S = 60
_HOUR_S = 3600
_DAY_S = 86_400
_WEEK_S = 7 * _DAY_S


def size_text(size_bytes: int) -> str:
    """Return a size with its decimal unit, such as "1.4 MB"."""
    value, power = float(size_bytes), 0
    while value >= _KILO and power < len(_UNITS) - 1:
        value, power = value / _KILO, power + 1
    digits = 0 if power == 0 or value >= 100 else 1  # noqa: PLR2004 - three digits say enough
    return f"{value:.{digits}f} {_UNITS[power]}"


def duration_text(duration_ms: float) -> str:
    """Return a duration in the unit that fits it."""
    if duration_ms < _KILO:
        return t("library.milliseconds", value=f"{duration_ms:.0f}")
    seconds = duration_ms / _KILO
    if seconds < _MINUTE_S:
        return t("library.seconds", value=f"{seconds:.1f}")
    minutes, rest = divmod(round(seconds), _MINUTE_S)
    return t("library.minutes_seconds", minutes=minutes, seconds=rest)


def left_text(seconds: float) -> str:
    """Return how much time is left, in the largest unit of which there are two or more."""
    for name, unit_s in (("days", _DAY_S), ("hours", _HOUR_S), ("minutes", _MINUTE_S)):
        if seconds >= 2 * unit_s:
            return t(f"library.left_{name}", count=int(seconds // unit_s))
    return t("library.left_seconds", count=max(1, round(seconds)))


def moment_text(moment: datetime, *, now: datetime | None = None) -> str:
    """Return how long ago a moment was, or its date when that is more than a week."""
    age_s = ((now or datetime.now(UTC)) - moment).total_seconds()
    if age_s < _MINUTE_S:
        return t("library.just_now")
    if age_s < _HOUR_S:
        return t("library.minutes_ago", count=int(age_s // _MINUTE_S))
    if age_s < _DAY_S:
        return t("library.hours_ago", count=int(age_s // _HOUR_S))
    if age_s < _WEEK_S:
        return t("library.days_ago", count=int(age_s // _DAY_S))
    return local_text(moment)[:10]


def local_text(moment: datetime, *, seconds: bool = False) -> str:
    """Return a moment by the clock of the reader's browser."""
    try:
        moment = moment.astimezone(ZoneInfo(st.context.timezone or "UTC"))
    except (ZoneInfoNotFoundError, ValueError):
        moment = moment.astimezone(UTC)
    return f"{moment:%Y-%m-%d %H:%M:%S}" if seconds else f"{moment:%Y-%m-%d %H:%M}"
