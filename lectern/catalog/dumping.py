"""The catalog as rows of JSON that both kinds of database can write and read.

Tables are read from the database, not from this code's models, so that a database of any schema
version can be dumped, and loaded into tables of the very same version.
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    Connection,
    DateTime,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    func,
    insert,
    select,
)

from lectern.errors import PermanentError

LEFT_OUT = frozenset({"alembic_version", "oidc_flows", "sessions", "sign_in_limits"})
"""What a dump does not hold. Signing in again is all that is lost by it, and nobody who was signed
out since is signed in by a restore."""

_ROWS_AT_ONCE = 500


def dumped_tables(connection: Connection) -> Sequence[Table]:
    """Return the tables that a dump holds, each after those that it refers to."""
    found = MetaData()
    found.reflect(connection)
    return [table for table in found.sorted_tables if table.name not in LEFT_OUT]


def dump_rows(connection: Connection, table: Table) -> Iterator[bytes]:
    r"""Yield every row as a JSON array of its columns' values in order, ending in "\n".

    Times are ISO 8601 in UTC, bytes are base64. Rows come in order of the primary key.
    """
    writers = [_writer(column) for column in table.columns]
    query = select(table).order_by(*table.primary_key.columns)
    for row in connection.execute(query, execution_options={"yield_per": _ROWS_AT_ONCE}):
        values = [
            None if value is None else write(value)
            for write, value in zip(writers, row, strict=True)
        ]
        yield json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def load_rows(
    connection: Connection, table: Table, columns: Sequence[str], rows: Iterable[bytes]
) -> int:
    """Insert rows of `dump_rows`; return how many there were.

    Args:
        connection: Its transaction is the caller's.
        table: As `dumped_tables` returns it.
        columns: The names of the values in each row.
        rows: As they were dumped.

    Raises:
        PermanentError: A row or the columns do not fit the table (code `damaged_backup`).
    """
    if set(columns) != set(table.columns.keys()):
        raise _damaged(table, "has other columns than this version of the table")
    readers = [_reader(table.columns[name]) for name in columns]
    count = 0
    remaining = iter(rows)
    while batch := list(islice(remaining, _ROWS_AT_ONCE)):
        decoded = [_decoded(table, columns, readers, row) for row in batch]
        connection.execute(insert(table), decoded)
        count += len(batch)
    _continue_counting(connection, table)
    return count


def _decoded(
    table: Table, columns: Sequence[str], readers: Sequence[Callable[[Any], Any]], row: bytes
) -> dict[str, Any]:
    try:
        values = json.loads(row)
        return {
            name: None if value is None else read(value)
            for name, read, value in zip(columns, readers, values, strict=True)
        }
    except (ValueError, TypeError) as error:
        raise _damaged(table, "holds a row that cannot be read") from error


def _damaged(table: Table, why: str) -> PermanentError:
    return PermanentError(
        f"the backup's table {table.name!r} {why}; choose another backup", code="damaged_backup"
    )


def _writer(column: Column[Any]) -> Callable[[Any], Any]:
    if isinstance(column.type, DateTime):
        return _written_time
    if isinstance(column.type, LargeBinary):
        return lambda value: b64encode(value).decode()
    return _unchanged


def _reader(column: Column[Any]) -> Callable[[Any], Any]:
    if isinstance(column.type, JSON):  # SQL NULL where a column may be empty, never JSON's null
        column.type = JSON(none_as_null=bool(column.nullable))
    if isinstance(column.type, DateTime):
        return _read_aware if column.type.timezone else _read_naive
    if isinstance(column.type, LargeBinary):
        return b64decode
    return _unchanged


def _unchanged(value: Any) -> Any:
    return value


def _written_time(value: datetime) -> str:
    return (
        value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    ).isoformat()


def _read_aware(value: str) -> datetime:
    return datetime.fromisoformat(value)


def _read_naive(value: str) -> datetime:
    return datetime.fromisoformat(value).replace(tzinfo=None)  # SQLite; it is in UTC


def _continue_counting(connection: Connection, table: Table) -> None:
    """Have PostgreSQL number new rows after those that came with their numbers."""
    if connection.dialect.name != "postgresql":
        return
    for column in table.primary_key.columns:
        if not isinstance(column.type, Integer) or column.foreign_keys:
            continue
        quoted = connection.dialect.identifier_preparer.quote_identifier(table.name)
        sequence = connection.scalar(select(func.pg_get_serial_sequence(quoted, column.name)))
        if sequence:
            last = connection.scalar(select(func.max(column)))
            connection.execute(select(func.setval(sequence, last or 1, last is not None)))
