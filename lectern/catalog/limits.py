"""Counting attempts to sign in, over all instances.

An attempt is counted before its outcome is known: a thousand guesses at once would otherwise all
be let in before the first has failed.
"""

import math
from datetime import timedelta

from sqlalchemy import Connection, case, delete, select, update

from lectern.catalog.database import Database, take_turns, writes
from lectern.catalog.records_accounts import Limit
from lectern.catalog.rows import now
from lectern.catalog.tables_accounts import sign_in_limits
from lectern.errors import RateLimited

_FORGOTTEN_AFTER = timedelta(days=1)


class SqlSignInLimits:
    """See `SignInLimits`."""

    def __init__(self, database: Database) -> None:
        self.database = database

    @writes
    def admit(self, connection: Connection, *limits: Limit) -> None:
        """See `SignInLimits.admit`."""
        for limit in sorted(limits, key=lambda limit: limit.subject):
            take_turns(connection, f"limit.{limit.subject}")
            _count(connection, limit)
        connection.execute(
            delete(sign_in_limits).where(sign_in_limits.c.since <= now() - _FORGOTTEN_AFTER)
        )

    @writes
    def succeeded(self, connection: Connection, limit: Limit) -> None:
        """See `SignInLimits.succeeded`."""
        connection.execute(delete(sign_in_limits).where(sign_in_limits.c.subject == limit.subject))

    @writes
    def forgive(self, connection: Connection, limit: Limit) -> None:
        """See `SignInLimits.forgive`."""
        attempts = sign_in_limits.c.attempts
        connection.execute(
            update(sign_in_limits)
            .where(sign_in_limits.c.subject == limit.subject, attempts > 0)
            .values(
                attempts=attempts - 1,
                locked_until=case(
                    (attempts - 1 < limit.attempts, None), else_=sign_in_limits.c.locked_until
                ),
            )
        )


def _drained(limit: Limit, passed: timedelta) -> int:
    """Return how many attempts are forgotten after some time: all that are allowed in a window."""
    return int(passed.total_seconds() / limit.window_s * limit.attempts)


def _count(connection: Connection, limit: Limit) -> None:
    at = now()
    row = connection.execute(
        select(sign_in_limits).where(sign_in_limits.c.subject == limit.subject)
    ).first()
    attempts = 1
    if row is not None:
        if row.locked_until is not None and row.locked_until > at:
            raise RateLimited(
                "there were too many attempts; wait, or ask an administrator",
                code="too_many_attempts",
                retry_after_s=math.ceil((row.locked_until - at).total_seconds()),
            )
        attempts += max(0, row.attempts - _drained(limit, at - row.since))
        connection.execute(delete(sign_in_limits).where(sign_in_limits.c.subject == limit.subject))
    locked_until = None
    if (beyond := attempts - limit.attempts) >= 0:
        seconds = min(limit.first_lock_s * 2.0 ** min(beyond, 30), limit.window_s)
        locked_until = at + timedelta(seconds=seconds)
    connection.execute(
        sign_in_limits.insert().values(
            subject=limit.subject, attempts=attempts, since=at, locked_until=locked_until
        )
    )
