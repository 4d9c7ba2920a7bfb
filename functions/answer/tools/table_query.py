"""Queries over tables in memory: DuckDB without files, network, settings or much time."""

import re
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from functions.answer.tools.table_reading import DocumentTable

if TYPE_CHECKING:
    import duckdb

_LIMITS: dict[str, Any] = {"threads": 1, "memory_limit": "256MB"}
_LOCKED = (
    "SET temp_directory=''",
    "SET python_enable_replacements=false",
    "SET autoinstall_known_extensions=false",
    "SET autoload_known_extensions=false",
    "SET enable_external_access=false",
    "SET lock_configuration=true",
)
_LONGEST_S = 5.0
_MOST_ROWS = 50
_NUMBER = re.compile(r"^[-+]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?$")
_UNIT = re.compile(r"[\s$€£¥₩%]")


def queried(tables: Sequence[DocumentTable], sql: str) -> str:
    """Return the result of one SELECT as lines of cells, the header first; at most 50 rows.

    Args:
        tables: What can be queried, under their names.
        sql: As a model wrote it: hostile. It sees the tables and nothing else.

    Raises:
        ValueError: It is no SELECT, is wrong, or takes longer than 5 s.
    """
    import duckdb

    connection = duckdb.connect(":memory:", config=_LIMITS)
    try:
        for table in tables:
            _load(connection, table)
        for setting in _LOCKED:
            connection.execute(setting)
        return _selected(connection, sql)
    except duckdb.Error as error:
        raise ValueError(str(error).splitlines()[0][:300]) from error
    finally:
        connection.close()


def _selected(connection: "duckdb.DuckDBPyConnection", sql: str) -> str:
    import duckdb

    statements = connection.extract_statements(sql)
    if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
        raise ValueError("only one SELECT is possible")
    timer = threading.Timer(_LONGEST_S, connection.interrupt)
    timer.start()
    try:
        found = connection.execute(statements[0])
        names = [column[0] for column in found.description or ()]
        rows = found.fetchmany(_MOST_ROWS + 1)
    finally:
        timer.cancel()
    lines = [" | ".join(map(_shown, row)) for row in (names, *rows[:_MOST_ROWS])]
    return "\n".join([*lines, *["…"][: len(rows) > _MOST_ROWS]])


def _load(connection: "duckdb.DuckDBPyConnection", table: DocumentTable) -> None:
    """Create a table; a column that holds nothing but numbers becomes one of numbers."""
    columns = list(zip(*table.rows, strict=True)) or [()] * len(table.columns)
    numeric = [_is_numeric(column) for column in columns]
    types = ["DOUBLE" if is_number else "VARCHAR" for is_number in numeric]
    named = ", ".join(
        f"{_quoted(name)} {kind}" for name, kind in zip(table.columns, types, strict=True)
    )
    connection.execute(f"CREATE TABLE {_quoted(table.name)} ({named})")
    rows = [
        [_number(cell) if is_number else cell for cell, is_number in zip(row, numeric, strict=True)]
        for row in table.rows
    ]
    if rows:
        marks = ", ".join("?" * len(table.columns))
        connection.executemany(f"INSERT INTO {_quoted(table.name)} VALUES ({marks})", rows)  # noqa: S608 - the name is ours


def _is_numeric(cells: Sequence[str]) -> bool:
    filled = [cell for cell in cells if cell]
    return bool(filled) and all(_NUMBER.match(_UNIT.sub("", cell)) for cell in filled)


def _number(cell: str) -> float | None:
    return float(_UNIT.sub("", cell).replace(",", "")) if cell else None


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _shown(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value)
