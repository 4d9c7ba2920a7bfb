"""Durations and schedules in the notations that Knative reads."""

import re
import zoneinfo

_GO = re.compile(r"(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h))+|0")
_GO_PART = re.compile(r"(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)")
_GO_UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_ISO = re.compile(
    r"P(?=\d|T)(?:(?P<d>\d+(?:\.\d+)?)D)?"
    r"(?:T(?=\d)(?:(?P<h>\d+(?:\.\d+)?)H)?(?:(?P<m>\d+(?:\.\d+)?)M)?(?:(?P<s>\d+(?:\.\d+)?)S)?)?"
)
_CRON_FIELD = r"(?:\*|\?|\w+(?:-\w+)?)(?:/\d+)?"
_CRON_LIST = re.compile(rf"{_CRON_FIELD}(?:,{_CRON_FIELD})*")
_CRON_BOUNDS = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 6))
_CRON_NAMES = re.compile(r"@(?:yearly|annually|monthly|weekly|daily|midnight|hourly)")


def go_seconds(text: str) -> float | None:
    """Return the seconds of a Go duration such as "1m30s", or None if it is none."""
    if not _GO.fullmatch(text):
        return None
    return sum(float(amount) * _GO_UNITS[unit] for amount, unit in _GO_PART.findall(text))


def iso_seconds(text: str) -> float | None:
    """Return the seconds of an ISO 8601 duration such as "PT0.5S", or None if it is none."""
    match = _ISO.fullmatch(text)
    if match is None:
        return None
    days, hours, minutes, seconds = (float(match[unit] or 0) for unit in "dhms")
    return ((days * 24 + hours) * 60 + minutes) * 60 + seconds


def is_schedule(text: str) -> bool:
    """Return whether `text` is a cron expression of five fields, or six that begin with seconds."""
    if _CRON_NAMES.fullmatch(text):
        return True
    fields = text.split()
    bounds = ((0, 59), *_CRON_BOUNDS) if len(fields) == 6 else _CRON_BOUNDS
    return len(fields) == len(bounds) and all(
        _CRON_LIST.fullmatch(field)
        and all(low <= int(number) <= high for number in re.findall(r"(?<!/)\b\d+", field))
        for field, (low, high) in zip(fields, bounds, strict=True)
    )


def is_timezone(text: str) -> bool:
    """Return whether `text` is a name of the time zone database."""
    return text in zoneinfo.available_timezones()
