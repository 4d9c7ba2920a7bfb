"""The order of a listing of documents, and where its next page begins.

Pages are cut by key, not by number: a cursor holds what the last row was ordered by, and its id.
So nothing is shown twice or left out because something came or went before it.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, Text, case, tuple_
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from lectern.catalog.pages import cursor_of, values_of
from lectern.catalog.tables import documents, revisions
from lectern.documents import DocumentSort, DocumentState
from lectern.errors import InvalidRequest

_KEY = "sort_key"


class _ByCodePoint(FunctionElement[str]):
    """A text in an order that depends on no locale, and on no version of a server's libraries."""

    type = Text()
    inherit_cache = True


@compiles(_ByCodePoint)
def _as_it_is(element: _ByCodePoint, compiler: SQLCompiler, **options: Any) -> str:
    return compiler.process(element.clauses, **options)


@compiles(_ByCodePoint, "postgresql")
def _collated(element: _ByCodePoint, compiler: SQLCompiler, **options: Any) -> str:
    return f'{compiler.process(element.clauses, **options)} COLLATE "C"'


_ON_THE_WAY = case(
    {state.value: place for place, state in enumerate(DocumentState)}, value=documents.c.state
)
_KEYS: Mapping[str, tuple[ColumnElement[Any], type]] = {
    "name": (_ByCodePoint(documents.c.name_folded), str),
    "created": (documents.c.created_at, datetime),
    "updated": (documents.c.moved_at, datetime),
    "size": (revisions.c.size_bytes, int),
    "pages": (revisions.c.pages, int),
    "state": (_ON_THE_WAY, int),
}


def ordered(query: Select[Any], sort: DocumentSort, cursor: str) -> Select[Any]:
    """Return the query in an order without ties, from where the cursor says; "" is the beginning.

    Args:
        query: Documents joined with their revisions.
        sort: See `DocumentSort`.
        cursor: What `cursor_behind` gave for the same order.

    Raises:
        InvalidRequest: The cursor is not one of a listing in this order.
    """
    key, kind = _KEYS[sort.removeprefix("-")]
    place = tuple_(key, documents.c.document_id)
    if cursor:
        of_order, value, document_id = values_of(cursor, (str, kind, str))
        if of_order != sort:
            raise InvalidRequest(
                f"the cursor {cursor[:100]!r} is of a listing by {of_order!r}, not {sort!r}; "
                "leave it out to begin again"
            )
        last = tuple_(value, document_id, types=[key.type, documents.c.document_id.type])
        query = query.where(place < last if sort.startswith("-") else place > last)
    order = [key, documents.c.document_id]
    if sort.startswith("-"):
        order = [each.desc() for each in order]
    return query.add_columns(key.label(_KEY)).order_by(*order)


def cursor_behind(row: Row[Any], sort: DocumentSort) -> str:
    """Return the cursor of the page that begins behind a row of a query from `ordered`."""
    return cursor_of((sort, getattr(row, _KEY), row.document_id))
