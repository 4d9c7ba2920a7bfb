"""One transaction at a time on SQLite or PostgreSQL, with its isolation and its retries.

SQLite: WAL, and every writer begins with BEGIN IMMEDIATE, so that it waits for its turn instead of
deadlocking when a read turns into a write. PostgreSQL: READ COMMITTED with row locks.
"""

import random
import time
from collections.abc import Callable
from functools import wraps
from itertools import count
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar
from urllib.parse import quote, quote_plus

from sqlalchemy import (
    URL,
    Connection,
    Engine,
    create_engine,
    event,
    exc,
    func,
    make_url,
    select,
    text,
)

from lectern.errors import InvalidRequest, TransientError
from lectern.trust import postgres_roots

P = ParamSpec("P")
T = TypeVar("T")

_BUSY_TIMEOUT_MS = 15_000
_CONNECT_TIMEOUT_S = 10
_POOL_TIMEOUT_S = 20
_PATIENCE_S = 15.0  # of all attempts together
_LONGEST_PAUSE_S = 0.5
_REASON_MAX = 600
_WRITES = "lectern_writes"
_RETRIED_SQLSTATES = frozenset({"40001", "40P01", "55P03"})  # serialization, deadlock, lock


class Database:
    """A pool of connections that opens its first one with the first transaction.

    Args:
        url: SQLAlchemy URL of an SQLite file or of PostgreSQL.
    """

    def __init__(self, url: str) -> None:
        self.url = _with_driver(make_url(url))
        self.engine = _engine(self.url)

    @property
    def file(self) -> Path | None:
        """The SQLite file, or None for PostgreSQL."""
        is_file = self.url.get_backend_name() == "sqlite" and self.url.database
        return Path(str(self.url.database)) if is_file else None

    def read(self, work: Callable[[Connection], T]) -> T:
        """Return what `work` reads in one transaction.

        Raises:
            InvalidRequest: PostgreSQL cannot hold a value: a NUL character, a number too large.
            TransientError: The database cannot be reached or is locked too long.
        """
        return self._run(work, writes=False)

    def write(self, work: Callable[[Connection], T]) -> T:
        """Return what `work` returns after its transaction was committed; it may run repeatedly.

        Raises:
            TransientError: See `read`.
        """
        return self._run(work, writes=True)

    def snapshot(self, work: Callable[[Connection], T]) -> T:
        """Return what `work` reads of one moment, however many statements and however long.

        Raises:
            TransientError: See `read`.
        """
        return self._run(lambda connection: work(_as_snapshot(connection)), writes=False)

    def close(self) -> None:
        """Give back every connection."""
        self.engine.dispose()

    def _run(self, work: Callable[[Connection], T], *, writes: bool) -> T:
        deadline = time.monotonic() + _PATIENCE_S
        for attempt in count():
            try:
                return self._once(work, writes=writes)
            except exc.DataError as error:
                raise InvalidRequest("a value does not fit into the catalog") from error
            except (exc.OperationalError, exc.InterfaceError, exc.TimeoutError) as error:
                if time.monotonic() >= deadline or not _lost_a_race(error):
                    raise _in_trouble(error, self.url) from error
            longest_s = min(0.02 * 2**attempt, _LONGEST_PAUSE_S)
            time.sleep(random.uniform(0, longest_s))  # noqa: S311 - jitter, no secret
        raise AssertionError("unreachable: counting has no end")

    def _once(self, work: Callable[[Connection], T], *, writes: bool) -> T:
        with self.engine.connect() as connection:
            connection.execution_options(**{_WRITES: writes})
            with connection.begin():
                return work(connection)


class HasDatabase(Protocol):
    """What `reads` and `writes` need of the class they decorate."""

    @property
    def database(self) -> Database:
        """Where the transactions run."""
        ...


S = TypeVar("S", bound=HasDatabase)


def reads(
    method: Callable[Concatenate[S, Connection, P], T],
) -> Callable[Concatenate[S, P], T]:
    """Run a method in one reading transaction; callers do not pass the connection."""

    @wraps(method)
    def run(self: S, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return self.database.read(lambda connection: method(self, connection, *args, **kwargs))

    return run


def writes(
    method: Callable[Concatenate[S, Connection, P], T],
) -> Callable[Concatenate[S, P], T]:
    """Run a method in one writing transaction, again after a lost race."""

    @wraps(method)
    def run(self: S, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return self.database.write(lambda connection: method(self, connection, *args, **kwargs))

    return run


def take_turns(connection: Connection, subject: str) -> None:
    """Let one transaction at a time go on about `subject`, until it ends.

    For decisions over rows that do not exist yet. SQLite's only writer has its turn already.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"lectern.{subject}"))))


def _with_driver(url: URL) -> URL:
    backend = url.get_backend_name()
    if backend == "postgresql":
        return url.set(drivername="postgresql+psycopg")
    if backend != "sqlite":
        raise TransientError(
            f"LECTERN_DATABASE_URL names {backend!r}; use sqlite:///… or postgresql://…",
            code="catalog_unavailable",
        )
    return url


def _engine(url: URL) -> Engine:
    if url.get_backend_name() == "postgresql":
        return create_engine(
            url,
            pool_size=2,
            max_overflow=8,
            pool_timeout=_POOL_TIMEOUT_S,
            pool_pre_ping=True,
            connect_args={"connect_timeout": _CONNECT_TIMEOUT_S} | postgres_roots(url.query),
        )
    engine = create_engine(url, pool_size=2, max_overflow=30, pool_timeout=_POOL_TIMEOUT_S)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver begins nothing by itself; `_begin_sqlite` does
    for pragma in (
        f"busy_timeout={_BUSY_TIMEOUT_MS}",
        "foreign_keys=ON",
        "synchronous=NORMAL",
    ):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(connection: Connection) -> None:
    writing = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def _as_snapshot(connection: Connection) -> Connection:
    """Return the connection, whose transaction has read nothing yet, seeing one moment only.

    SQLite's reading transactions do so by themselves.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
    return connection


def _in_trouble(error: Exception, url: URL) -> TransientError:
    """Return the error for everybody, who learn nothing of our network but in its reason."""
    trouble = TransientError(
        f"the catalog's database is in trouble ({type(error).__name__}); the log of the function "
        "says why, and LECTERN_DATABASE_URL where it was looked for",
        code="catalog_unavailable",
    )
    trouble.reason = without_password(str(getattr(error, "orig", None) or error), url)
    return trouble


def without_password(reason: str, url: URL) -> str:
    """Return on one line what the driver says, without the password of `url` in any spelling."""
    shown = " ".join(reason.split())[:_REASON_MAX]
    password = str(url.password or "")
    for spelled in sorted({password, quote(password, safe=""), quote_plus(password)}, key=len):
        shown = shown.replace(spelled, "***") if spelled else shown
    return shown


def _lost_a_race(error: Exception) -> bool:
    if not isinstance(error, exc.DBAPIError):
        return False
    if getattr(error.orig, "sqlstate", None) in _RETRIED_SQLSTATES:
        return True
    return getattr(error.orig, "sqlite_errorname", "").startswith(("SQLITE_BUSY", "SQLITE_LOCKED"))
