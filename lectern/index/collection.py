"""A collection's index on LanceDB: see `CollectionIndex`."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from lectern.errors import TransientError
from lectern.index import filters, schema
from lectern.index.database import LANCE_ERRORS, Database
from lectern.index.fast_import import import_lancedb
from lectern.index.loop import wait_for
from lectern.index.port import UpkeepReport
from lectern.index.rows import (
    ChunkRow,
    MentionRow,
    SearchFilter,
    StoredChunk,
    SubjectRow,
    TextHit,
    VectorHit,
)
from lectern.index.terms import query_terms
from lectern.index.troubles import embedder_mismatch, handle_is_stale, is_conflict, translated
from lectern.index.upkeep import chunk_indexes, row_indexes, upkeep
from lectern.index.writes import GroupCommit

if TYPE_CHECKING:
    import pyarrow as pa
    from lancedb import AsyncTable
    from numpy.typing import NDArray

R = TypeVar("R", SubjectRow, MentionRow)

_ATTEMPTS = 3  # each of them already retries inside LanceDB for 30 s
_LOOKUP_BATCH = 500  # values of one IN (…)


@dataclass(frozen=True, slots=True)
class _PartWrite:
    """The rows of one part as they shall be; None for no rows."""

    document_id: str
    revision: int
    part: int
    rows: "pa.Table | None"

    @property
    def condition(self) -> str:
        return filters.of_part(self.document_id, self.revision, self.part)


class LanceCollectionIndex:
    """See `CollectionIndex`. Safe to use from many threads.

    Args:
        database: The collection's own LanceDB database.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._chunk_writes = GroupCommit[_PartWrite](self._commit_chunks)
        self._row_writes = {
            name: GroupCommit[_PartWrite](partial(self._commit_rows, name)) for name in _ROW_SCHEMAS
        }

    def replace_part(
        self, document_id: str, revision: int, part: int, rows: Sequence[ChunkRow]
    ) -> None:
        """See `CollectionIndex.replace_part`."""
        distinct = list({row.chunk.chunk_id: row for row in rows}.values())
        encoded = None
        if distinct:
            sizes = {row.vector.shape for row in distinct}
            if len(sizes) > 1:
                raise embedder_mismatch(f"vectors of several sizes came together: {sizes!r}")
            dimensions = distinct[0].vector.shape[0]
            wait_for(self._require_dimensions(dimensions))
            encoded = schema.encode_chunks(distinct, dimensions)
        self._chunk_writes.submit(_PartWrite(document_id, revision, part, encoded))

    def set_tags(self, document_id: str, tags: Sequence[str]) -> None:
        """See `CollectionIndex.set_tags`."""
        wait_for(self._persistently(partial(self._set_tags, document_id, list(tags))))

    def delete_document(self, document_id: str, *, before_revision: int | None = None) -> None:
        """See `CollectionIndex.delete_document`."""
        condition = filters.of_document(document_id, before_revision=before_revision)
        for name in (schema.CHUNKS, *_ROW_SCHEMAS):
            wait_for(self._persistently(partial(self._delete, name, condition)))

    def drop(self) -> None:
        """See `CollectionIndex.drop`."""
        wait_for(self._persistently(self._database.drop))

    def search_vector(
        self, vector: "NDArray[np.float32]", *, where: SearchFilter, limit: int
    ) -> Sequence[VectorHit]:
        """See `CollectionIndex.search_vector`."""

        async def search(table: "AsyncTable") -> "pa.Table":
            query = table.query().nearest_to(np.asarray(vector, np.float32)).distance_type("cosine")
            return await _restricted(query, where, limit, "_distance").to_arrow()

        found = wait_for(self._database.read(schema.CHUNKS, search, missing=None))
        if found is None:
            return ()
        distances = found.column("_distance").to_pylist()
        rows = schema.decode_chunks(found)
        return [VectorHit(row, distance) for row, distance in zip(rows, distances, strict=True)]

    def search_text(self, text: str, *, where: SearchFilter, limit: int) -> Sequence[TextHit]:
        """See `CollectionIndex.search_text`."""
        wanted = " ".join(query_terms(text))
        if not wanted:
            return ()

        async def search(table: "AsyncTable") -> "pa.Table":
            query = table.query().nearest_to_text(wanted, columns=["terms"])
            return await _restricted(query, where, limit, "_score").to_arrow()

        found = wait_for(self._database.read(schema.CHUNKS, search, missing=None))
        if found is None:
            return ()
        weights = found.column("_score").to_pylist()
        rows = schema.decode_chunks(found)
        return [TextHit(row, bm25) for row, bm25 in zip(rows, weights, strict=True)]

    def chunks(
        self, document_id: str, *, offset: int = 0, limit: int = 100
    ) -> Sequence[StoredChunk]:
        """See `CollectionIndex.chunks`."""
        ordering = import_lancedb().query.ColumnOrdering
        order = [ordering(column_name=name) for name in ("revision", "part", "ordinal")]

        async def window(table: "AsyncTable") -> "pa.Table":
            query = table.query().where(filters.of_document(document_id)).order_by(order)
            query = query.offset(offset).limit(limit).select(list(schema.STORED_COLUMNS))
            return await query.to_arrow()

        found = wait_for(self._database.read(schema.CHUNKS, window, missing=None))
        return () if found is None else schema.decode_chunks(found)

    def chunks_by_id(self, chunk_ids: Sequence[str]) -> Mapping[str, StoredChunk]:
        """See `CollectionIndex.chunks_by_id`."""
        found = self._look_up("chunk_id", chunk_ids, schema.STORED_COLUMNS)
        return {
            stored.chunk.chunk_id: stored
            for table in found
            for stored in schema.decode_chunks(table)
        }

    def known_vectors(self, digests: Sequence[str]) -> "Mapping[str, NDArray[np.float32]]":
        """See `CollectionIndex.known_vectors`."""
        return {
            digest: vector
            for table in self._look_up("text_digest", digests, ("text_digest", "vector"))
            for digest, vector in schema.decode_vectors(table)
        }

    def version(self) -> int:
        """See `CollectionIndex.version`."""
        return wait_for(self._database.read(schema.CHUNKS, lambda t: t.version(), missing=0))

    def count(self, document_id: str = "") -> int:
        """See `CollectionIndex.count`."""
        condition = filters.of_document(document_id) if document_id else None
        return wait_for(
            self._database.read(schema.CHUNKS, lambda t: t.count_rows(condition), missing=0)
        )

    def held(self) -> Mapping[tuple[str, int], int]:
        """See `CollectionIndex.held`."""
        return wait_for(self._database.read(schema.CHUNKS, schema.rows_by_revision, missing={}))

    def replace_subjects(
        self,
        document_id: str,
        revision: int,
        part: int,
        subjects: Sequence[SubjectRow],
        mentions: Sequence[MentionRow],
    ) -> None:
        """See `CollectionIndex.replace_subjects`."""
        for name, rows in ((schema.SUBJECTS, subjects), (schema.MENTIONS, mentions)):
            encoded = schema.encode_rows(rows, _ROW_SCHEMAS[name]) if rows else None
            self._row_writes[name].submit(_PartWrite(document_id, revision, part, encoded))

    def subjects(self, document_id: str) -> Sequence[SubjectRow]:
        """See `CollectionIndex.subjects`."""
        found = self._rows(schema.SUBJECTS, document_id, SubjectRow)
        return sorted(found, key=lambda row: (row.part, row.subject_id))

    def mentions(self, document_id: str) -> Sequence[MentionRow]:
        """See `CollectionIndex.mentions`."""
        found = self._rows(schema.MENTIONS, document_id, MentionRow)
        return sorted(found, key=lambda row: (row.part, row.mention_id))

    def upkeep(self) -> UpkeepReport:
        """See `CollectionIndex.upkeep`."""
        return wait_for(upkeep(self._database))

    def _look_up(
        self, column: str, values: Sequence[str], columns: Sequence[str]
    ) -> "Sequence[pa.Table]":
        distinct = list(dict.fromkeys(values))
        found = []
        for start in range(0, len(distinct), _LOOKUP_BATCH):
            condition = filters.any_of(column, distinct[start : start + _LOOKUP_BATCH])
            found.append(wait_for(self._select(schema.CHUNKS, condition, columns)))
        return [table for table in found if table is not None]

    def _rows(self, name: str, document_id: str, row_type: type[R]) -> list[R]:
        table = wait_for(self._select(name, filters.of_document(document_id), None))
        return [] if table is None else schema.decode_rows(table, row_type)

    async def _select(
        self, name: str, condition: str, columns: Sequence[str] | None
    ) -> "pa.Table | None":
        async def scan(table: "AsyncTable") -> "pa.Table":
            query = table.query().where(condition)
            return await (query.select(list(columns)) if columns else query).to_arrow()

        return await self._database.read(name, scan, missing=None)

    async def _require_dimensions(self, dimensions: int) -> None:
        actual = await self._database.read(schema.CHUNKS, schema.dimensions_of, missing=dimensions)
        if actual != dimensions:
            raise embedder_mismatch(
                f"the vectors have {dimensions!r} dimensions, the collection's have {actual!r}"
            )

    def _commit_chunks(self, group: Sequence[_PartWrite]) -> None:
        wait_for(self._persistently(partial(self._merge, schema.CHUNKS, "chunk_id", group)))

    def _commit_rows(self, name: str, group: Sequence[_PartWrite]) -> None:
        wait_for(self._persistently(partial(self._merge, name, "row_id", group)))

    async def _merge(self, name: str, key: str, group: Sequence[_PartWrite]) -> None:
        """Replace the rows of every part of the group in one commit; the last of a part wins."""
        import pyarrow as pa

        writes = {write.condition: write for write in group}
        condition = " OR ".join(writes)
        tables = [write.rows for write in writes.values() if write.rows is not None]
        if not tables:
            await self._delete(name, condition)
            return
        rows = pa.concat_tables(tables)
        indexes = chunk_indexes() if name == schema.CHUNKS else row_indexes()
        table = await self._database.created(name, rows.schema, indexes)
        await (
            table.merge_insert(key)
            .when_matched_update_all()
            .when_not_matched_insert_all()
            .when_not_matched_by_source_delete(condition)
            .execute(rows)
        )

    async def _delete(self, name: str, condition: str) -> None:
        table = await self._database.table(name)
        if table is not None and await table.count_rows(condition):
            await table.delete(condition)

    async def _set_tags(self, document_id: str, tags: Sequence[str]) -> None:
        table = await self._database.table(schema.CHUNKS)
        condition = filters.of_document(document_id)
        if table is not None and await table.count_rows(condition):
            await table.update(where=condition, updates_sql={"tags": filters.listed(tags)})

    async def _persistently(self, work: Callable[[], Awaitable[None]]) -> None:
        """Do `work`, again when other writers won or a handle was stale."""
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                await work()
            except LANCE_ERRORS as error:
                known = translated(error)
                if attempt == _ATTEMPTS or not isinstance(known, TransientError):
                    raise (known or error) from error
                if handle_is_stale(error):
                    self._database.forget()
                if is_conflict(error):
                    await asyncio.sleep(random.uniform(0.1, 0.5) * attempt)  # noqa: S311 - jitter
            else:
                return


_ROW_SCHEMAS = {
    schema.SUBJECTS: schema.SUBJECTS_SCHEMA,
    schema.MENTIONS: schema.MENTIONS_SCHEMA,
}


def _restricted(query: Any, where: SearchFilter, limit: int, rank_column: str) -> Any:
    condition = filters.of_search(where)
    if condition:
        query = query.where(condition)
    return query.limit(limit).select([*schema.STORED_COLUMNS, rank_column])
