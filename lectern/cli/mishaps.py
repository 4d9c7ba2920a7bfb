"""Errors from outside the taxonomy, told as what they mean to whoever typed the command."""

import sqlite3

_DAMAGED = "the catalog's database cannot be used ({}); restore a backup with `lectern restore`"
_BUG = "{}: {}; this is a mistake in Lectern, please report it with the lines above"


def explained(error: BaseException) -> str:
    """Return what happened and what to do about it, "" when only a programmer can tell."""
    cause = getattr(error, "orig", None) or error  # SQLAlchemy wraps what the driver raised
    if type(cause) is sqlite3.DatabaseError or isinstance(cause, sqlite3.OperationalError):
        return _DAMAGED.format(cause)
    if isinstance(error, OSError):
        reason = error.strerror or str(error) or type(error).__name__
        if error.filename is None:
            return f"{reason}; see that the machine has what the command needs"
        return f"{str(error.filename)!r}: {reason}; see that the path is right and may be used"
    return ""


def reported(error: BaseException) -> str:
    """Return the last line on an error nobody foresaw; the traceback stands above it."""
    return _BUG.format(type(error).__name__, error)
