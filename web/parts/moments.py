"""Points in time as people say them."""

from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st

from web.language import t

_UNITS = (("day", 86_400), ("hour", 3600), ("minute", 60))
_WEEK_S = 7 * 86_400


def ago(moment: datetime) -> str:
    """Return how long ago something was; after a week, its date."""
    seconds = (datetime.now(UTC) - moment).total_seconds()
    if seconds > _WEEK_S:
        return day(moment)
    for unit, length in _UNITS:
        if seconds >= length:
            return t(f"shell.{unit}s_ago", count=int(seconds // length))
    return t("shell.just_now")


def day(moment: datetime) -> str:
    """Return the day of a moment where the reader is."""
    there = moment.astimezone(_zone())
    return t("shell.date", year=there.year, month=f"{there.month:02d}", day=f"{there.day:02d}")


def clock(moment: datetime) -> str:
    """Return day and time of a moment where the reader is."""
    return f"{day(moment)} {moment.astimezone(_zone()):%H:%M}"


def _zone() -> tzinfo:
    try:
        return ZoneInfo(st.context.timezone or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return UTC
