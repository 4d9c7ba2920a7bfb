"""Rows for every table of the catalog, whatever tables and columns there are."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Connection,
    DateTime,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    insert,
    select,
)

from lectern.catalog.schema import metadata
from lectern.catalog.tables import UtcDateTime

ROWS = 3
_MOMENT = datetime(2026, 3, 29, 1, 59, 59, 123456, tzinfo=UTC)


def fill(connection: Connection) -> None:
    """Put three rows into every table; in the last one, whatever may be empty is."""
    for table in metadata.sorted_tables:
        connection.execute(insert(table), [_row(table, number) for number in range(1, ROWS + 1)])


def rows_of(connection: Connection, known: MetaData = metadata) -> dict[str, list[dict[str, Any]]]:
    """Return all rows of all tables, in order of their primary keys."""
    return {
        table.name: [
            dict(row._mapping)
            for row in connection.execute(select(table).order_by(*table.primary_key.columns))
        ]
        for table in known.sorted_tables
    }


def _row(table: Table, number: int) -> dict[str, Any]:
    return {column.name: _value(column, number) for column in table.columns}


def _value(column: Column[Any], number: int) -> Any:
    if column.nullable and number == ROWS:
        return None
    for key in column.foreign_keys:
        return _value(key.column, number)
    return _of_type(column, number)


def _of_type(column: Column[Any], number: int) -> Any:
    match column.type:
        case UtcDateTime() | DateTime():
            value: Any = _MOMENT + timedelta(days=number)
        case Boolean():
            value = number % 2 == 0
        case Integer():
            value = number
        case Float():
            value = number + 0.1
        case LargeBinary():
            value = bytes([0, number, 255])
        case JSON():
            value = {"text": 'a "quoted"\n line\u2028', "list": [number, None, 0.5, True]}
        case String(length=None):
            value = f"{number} {column.name} 한국어 \u2028\n'\""
        case String(length=length):
            value = f"{number}{column.name}"[:length]
    return value
