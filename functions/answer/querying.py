"""What runs in the sandbox for the tool `table`: one SELECT over tables in memory, by DuckDB.

DuckDB counts the memory of its buffers and can be interrupted between them, but not inside its
functions of strings: only the process it runs in has limits that hold. It stands outside `tools`,
whose imports the sandbox has no use for.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lectern.errors import InvalidRequest

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
_MOST_ROWS = 50
_LONGEST_CELL = 500  # characters; so are the next
_LONGEST_LINE = 4000
_LONGEST_RESULT = 5500
_LONGEST_ERROR = 300
_ROWS_AT_ONCE = 5000
_MOST_DIGITS = 15  # more are not exact in a DOUBLE, and mostly an id
_NUMBER = re.compile(
    r"""([-+]?) \s? ([$€£¥₩]?) \s? ([-+]?)
        ( [0-9]{1,3} (?: [,\u00a0\u202f] [0-9]{3} )+ | [0-9]+ ) ( \.[0-9]+ )?
        \s? ([$€£¥₩%]?)""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class PlainTable:
    """A table under the name that a query calls it; rows are as long as `columns`."""

    name: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]


def select(tables: Sequence[PlainTable], sql: str) -> str:
    """Return the result of one SELECT as lines of cells, the header first.

    A last line that begins with "…" says what was cut: rows behind the first 50, characters behind
    the first 500 of a cell and 5500 in all.

    Args:
        tables: What can be queried, under their names.
        sql: As a model wrote it: hostile. It sees the tables and nothing else.

    Raises:
        InvalidRequest: It is no SELECT, is wrong, or needs too much memory.
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
        raise InvalidRequest(str(error).splitlines()[0][:_LONGEST_ERROR]) from error
    finally:
        connection.close()


def _selected(connection: "duckdb.DuckDBPyConnection", sql: str) -> str:
    import duckdb

    statements = connection.extract_statements(sql)
    if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
        raise InvalidRequest("only one SELECT is possible")
    found = connection.execute(statements[0])
    lines = [_line([column[0] for column in found.description or ()])]
    room = _LONGEST_RESULT - len(lines[0])
    while row := found.fetchone():
        line = _line(row)
        room -= len(line) + 1
        if len(lines) > _MOST_ROWS or room < 0:
            shown = len(lines) - 1
            return "\n".join([*lines, f"… (cut: only the first {shown} rows are shown)"])
        lines.append(line)
    return "\n".join(lines)


def _line(cells: Sequence[object]) -> str:
    return _cut(" | ".join(map(_shown, cells)), _LONGEST_LINE)


def _shown(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else _cut(str(value), _LONGEST_CELL)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most]}… (cut)"


def _load(connection: "duckdb.DuckDBPyConnection", table: PlainTable) -> None:
    """Create a table; a column that holds nothing but numbers becomes one of numbers."""
    columns = list(zip(*table.rows, strict=True)) or [()] * len(table.columns)
    numeric = [is_numeric(column) for column in columns]
    types = ["DOUBLE" if is_number else "VARCHAR" for is_number in numeric]
    named = ", ".join(
        f"{_quoted(name)} {kind}" for name, kind in zip(table.columns, types, strict=True)
    )
    connection.execute(f"CREATE TABLE {_quoted(table.name)} ({named})")
    values = [
        [_number(cell) for cell in column] if is_number else list(column)
        for column, is_number in zip(columns, numeric, strict=True)
    ]
    lists = ", ".join(f"unnest(?::{kind}[])" for kind in types)
    insert = f"INSERT INTO {_quoted(table.name)} SELECT {lists}"
    for start in range(0, len(table.rows), _ROWS_AT_ONCE):
        connection.execute(insert, [each[start : start + _ROWS_AT_ONCE] for each in values])


def is_numeric(cells: Sequence[str]) -> bool:
    """Whether a column can be computed with: numbers, of one unit, and nothing else.

    What begins with a needless zero, or has more digits than a number can keep, is an id: text.
    """
    read = [_read_number(cell) for cell in cells if cell]
    units = {number[1] for number in read if number and number[1]}
    return bool(read) and None not in read and len(units) <= 1


def _read_number(cell: str) -> tuple[float, str] | None:
    """Return the number in a cell and its unit, "" for none; None when it is no number."""
    match = _NUMBER.fullmatch(cell)
    if match is None:
        return None
    sign, before, inner_sign, grouped, fraction, after = match.groups(default="")
    whole = re.sub(r"\D", "", grouped)
    is_id = (whole[0] == "0" and len(whole) > 1) or len(whole + fraction) > _MOST_DIGITS
    if is_id or (sign and inner_sign) or (before and after):
        return None
    return float(f"{sign}{inner_sign}{whole}{fraction}"), before or after


def _number(cell: str) -> float | None:
    number = _read_number(cell)
    return None if number is None else number[0]


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
