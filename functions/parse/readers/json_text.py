"""JSON as readable text: one line per value with its path, lists of alike objects as tables."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from functions.parse.blocks import ReadPage
from functions.parse.readers.cleaning import without_data
from functions.parse.readers.decoding import decode, read_limited
from functions.parse.readers.delimited import has_header
from functions.parse.readers.page_builder import PageBuilder
from lectern.errors import TooLarge, UnreadableDocument

_MAX_DEPTH = 100
_MAX_COLUMNS = 24
_LONG_VALUE = 400
"""Longer strings are prose: the list that holds them is no table."""


def read(path: Path, *, first_page: int, last_page: int | None) -> Iterator[ReadPage]:
    """Yield one page. See `Reader`."""
    del first_page, last_page
    page = PageBuilder()
    try:
        value = json.loads(decode(read_limited(path)))
    except RecursionError as error:
        raise TooLarge("the JSON nests too deeply to be read; flatten it") from error
    except ValueError as error:
        raise UnreadableDocument(
            f"the file is not valid JSON ({error}); correct it, or upload it as .txt",
            code="damaged",
        ) from error
    add_value(page, value)
    yield page.page(1)


def add_value(page: PageBuilder, value: Any, name: str = "", depth: int = 0) -> None:
    """Add a JSON value: objects as headed groups of "key: value" lines, tables where they fit."""
    if depth > _MAX_DEPTH:
        raise TooLarge(f"the JSON nests deeper than {_MAX_DEPTH} levels; flatten it")
    if _is_table(value):
        _add_table(page, value, name)
    elif _is_grid(value):
        rows = [[shown(cell) for cell in row] for row in value]
        page.table(rows, has_header=has_header(rows), caption=name)
    elif isinstance(value, dict):
        _add_object(page, value, depth)
    elif isinstance(value, list):
        _add_list(page, value, name, depth)
    else:
        page.text(f"{name}: {shown(value)}" if name else shown(value))


def shown(value: Any) -> str:
    """Return a JSON scalar as people write it."""
    if value is None:
        return ""
    return without_data(value) if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _add_object(page: PageBuilder, value: dict[str, Any], depth: int) -> None:
    plain = [f"{key}: {shown(v)}" for key, v in value.items() if not isinstance(v, (dict, list))]
    page.text("\n".join(plain))
    for key, inner in value.items():
        if inner and _is_plain_list(inner):
            page.text(f"{key}: {', '.join(map(shown, inner))}")
    for key, inner in value.items():
        if inner and isinstance(inner, (dict, list)) and not _is_plain_list(inner):
            page.heading(key, depth + 1)
            add_value(page, inner, key, depth + 1)


def _add_list(page: PageBuilder, value: list[Any], name: str, depth: int) -> None:
    for inner in value:
        page.leave(depth + 1)
        if isinstance(inner, (dict, list)):
            page.end_list()
            add_value(page, inner, name, depth + 1)
        else:
            page.item(shown(inner))


def _add_table(page: PageBuilder, value: list[dict[str, Any]], name: str) -> None:
    columns = list(dict.fromkeys(key for row in value for key in row))
    rows = [[shown(row.get(column)) for column in columns] for row in value]
    page.table([columns, *rows], caption=name)


def _is_plain_list(value: Any) -> bool:
    return isinstance(value, list) and not any(isinstance(v, (dict, list)) for v in value)


def _is_grid(value: Any) -> bool:
    """Whether a list holds at least two lists of some of the same few short scalars each."""
    if not isinstance(value, list) or len(value) < 2:  # noqa: PLR2004
        return False
    if not all(row and _is_plain_list(row) for row in value):
        return False
    widths = [len(row) for row in value]
    return (
        2 <= max(widths) <= _MAX_COLUMNS  # noqa: PLR2004
        and sum(widths) * 2 >= max(widths) * len(value)
        and not any(
            isinstance(cell, str) and len(cell) > _LONG_VALUE for row in value for cell in row
        )
    )


def _is_table(value: Any) -> bool:
    """Whether a list holds at least two flat objects with mostly the same few short fields."""
    if not isinstance(value, list) or len(value) < 2:  # noqa: PLR2004
        return False
    if not all(isinstance(row, dict) and row for row in value):
        return False
    columns = {key for row in value for key in row}
    cells = [cell for row in value for cell in row.values()]
    return (
        len(columns) <= _MAX_COLUMNS
        and len(cells) * 2 >= len(columns) * len(value)
        and not any(isinstance(cell, (dict, list)) for cell in cells)
        and not any(isinstance(cell, str) and len(cell) > _LONG_VALUE for cell in cells)
    )
