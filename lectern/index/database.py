"""The LanceDB database of one collection: opening, creating, and reading with fresh handles."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from lectern.index.fast_import import import_lancedb
from lectern.index.schema import TABLES
from lectern.index.troubles import handle_is_stale, table_is_missing, translated

if TYPE_CHECKING:
    import pyarrow as pa
    from lancedb import AsyncConnection, AsyncTable, Session

T = TypeVar("T")
LANCE_ERRORS = (ValueError, RuntimeError, OSError)

_INDEX_CACHE_BYTES = 256 << 20  # LanceDB's own defaults are 6 GiB and 1 GiB
_METADATA_CACHE_BYTES = 64 << 20


@cache
def _session() -> "Session":
    """Return the caches that all collections of this process share."""
    return import_lancedb().Session(
        index_cache_size_bytes=_INDEX_CACHE_BYTES, metadata_cache_size_bytes=_METADATA_CACHE_BYTES
    )


class Database:
    """Tables of one collection. Used on the loop of `lectern.index.loop` only.

    Args:
        uri: A folder or `s3://bucket/prefix`; it is created by the first write.
        storage_options: Credentials and endpoint for object storage.
        fresh_within: Age at which an opened table looks for a newer version; 0 before every read.
    """

    def __init__(
        self, uri: str, *, storage_options: Mapping[str, str], fresh_within: timedelta
    ) -> None:
        self._uri = uri
        self._storage_options = dict(storage_options)
        self._fresh_within = fresh_within
        self._connection: AsyncConnection | None = None
        self._tables: dict[str, AsyncTable] = {}
        self._indexed: set[str] = set()  # tables whose indexes we have seen

    async def connection(self) -> "AsyncConnection":
        """Return the connection; made once."""
        if self._connection is None:
            self._connection = await import_lancedb().connect_async(
                self._uri,
                storage_options=self._storage_options or None,
                session=_session(),
                read_consistency_interval=self._fresh_within,
            )
        return self._connection

    async def table(self, name: str) -> "AsyncTable | None":
        """Return the table, opened once, or None if it does not exist."""
        if name not in self._tables:
            try:
                self._tables[name] = await (await self.connection()).open_table(name)
            except ValueError as error:
                if table_is_missing(error):
                    return None
                raise
        return self._tables[name]

    async def created(
        self, name: str, schema: "pa.Schema", indexes: Mapping[str, Any]
    ) -> "AsyncTable":
        """Return the table with its indexes, creating what is missing; many may do so at once.

        Indexes are made on the empty table, so that no row is ever outside of them: LanceDB
        searches what it has not folded in yet beside the index.
        """
        table = await self.table(name)
        if table is None:
            connection = await self.connection()
            try:
                table = await connection.create_table(name, schema=schema, exist_ok=True)
            except ValueError:  # somebody else created it with another schema; the caller looks
                table = await connection.open_table(name)
            self._tables[name] = table
        if name not in self._indexed:
            await ensure_indexes(table, indexes)
            self._indexed.add(name)
        return table

    async def read(
        self, name: str, work: "Callable[[AsyncTable], Awaitable[T]]", *, missing: T
    ) -> T:
        """Return what `work` makes of the table, or `missing` when there is none.

        A version cleaned up or a table dropped under the handle is opened again, once.
        """
        try:
            try:
                return await self._attempt(name, work, missing)
            except LANCE_ERRORS as error:
                if not handle_is_stale(error):
                    raise
                self.forget()
                return await self._attempt(name, work, missing)
        except LANCE_ERRORS as error:
            raise (translated(error) or error) from error

    async def _attempt(
        self, name: str, work: "Callable[[AsyncTable], Awaitable[T]]", missing: T
    ) -> T:
        table = await self.table(name)
        return missing if table is None else await work(table)

    def forget(self) -> None:
        """Open every table anew at its next use."""
        self._tables.clear()
        self._indexed.clear()

    async def drop(self) -> None:
        """Remove every table; none is no error."""
        connection = await self.connection()
        for name in TABLES:  # listing them would load the client that the cheap import skips
            await connection.drop_table(name, ignore_missing=True)
        self.forget()


async def ensure_indexes(table: "AsyncTable", indexes: Mapping[str, Any]) -> None:
    """Create those of `indexes` (by column) that `table` lacks; a lost race is no error."""
    present = {index.columns[0] for index in await table.list_indices()}
    for column, config in indexes.items():
        if column in present:
            continue
        try:
            await table.create_index(column, config=config, replace=False)
        except LANCE_ERRORS:
            present = {index.columns[0] for index in await table.list_indices()}
            if column not in present:
                raise
