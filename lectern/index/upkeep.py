"""Keeping a collection's index fast: folding in new rows, vector index, old versions."""

import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from lectern import telemetry
from lectern.index import schema
from lectern.index.database import LANCE_ERRORS, Database, ensure_indexes
from lectern.index.fast_import import import_lancedb
from lectern.index.port import UpkeepReport
from lectern.index.troubles import handle_is_stale, is_conflict

if TYPE_CHECKING:
    from lancedb import AsyncTable

VECTOR_INDEX_FROM_ROWS = 20_000  # below, a flat scan is as fast (measured) and exact
UNINDEXED_ROWS = 500  # each costs a full-text query about 50 microseconds
SMALL_FRAGMENTS = 16
OLD_VERSIONS = 8
VECTOR_SEGMENTS = 8  # folding in adds a segment each time, which every query searches
KEEP_VERSIONS = timedelta(hours=1)  # longer than any reader holds one


def chunk_indexes() -> dict[str, Any]:
    """Return the indexes of `chunks` by column; terms come folded, so nothing is left to do.

    There is none on chunk_id: with a scalar index there, concurrent merges double rows.
    """
    index = import_lancedb().index
    return {
        "document_id": index.BTree(),
        "tags": index.LabelList(),
        "terms": index.FTS(
            base_tokenizer="whitespace",
            max_token_length=None,
            lower_case=False,
            stem=False,
            remove_stop_words=False,
            ascii_folding=False,
        ),
    }


def row_indexes() -> dict[str, Any]:
    """Return the indexes of `subjects` and `mentions` by column."""
    return {"document_id": import_lancedb().index.BTree()}


async def upkeep(database: Database) -> UpkeepReport:
    """Do for every table of a collection what is due. See `CollectionIndex.upkeep`."""
    started = time.perf_counter()
    rows = await database.read(schema.CHUNKS, lambda table: table.count_rows(), missing=0)
    before = await database.read(schema.CHUNKS, _unindexed_rows, missing=0)
    for name in (schema.CHUNKS, schema.SUBJECTS, schema.MENTIONS):
        try:
            await database.read(name, _maintain, missing=None)
        except LANCE_ERRORS as error:
            if not (is_conflict(error) or handle_is_stale(error)):
                raise
            telemetry.note(upkeep_lost_race=name)
    return UpkeepReport(
        rows=rows,
        unindexed_rows_before=before,
        unindexed_rows_after=await database.read(schema.CHUNKS, _unindexed_rows, missing=0),
        vector_index=await database.read(schema.CHUNKS, _vector_index_type, missing=""),
        seconds=time.perf_counter() - started,
    )


async def _maintain(table: "AsyncTable") -> None:
    if table.name == schema.CHUNKS:
        await ensure_indexes(table, chunk_indexes())
        await _maintain_vector_index(table)
    if await _optimize_is_due(table):
        await table.optimize(cleanup_older_than=KEEP_VERSIONS)


async def _maintain_vector_index(table: "AsyncTable") -> None:
    if await table.count_rows() < VECTOR_INDEX_FROM_ROWS:
        return
    existing = await _vector_index(table)
    if existing is None or (existing.num_segments or 0) > VECTOR_SEGMENTS:
        config = import_lancedb().index.IvfSq(distance_type="cosine")
        await table.create_index("vector", config=config, replace=True)


async def _optimize_is_due(table: "AsyncTable") -> bool:
    if await _unindexed_rows(table) > UNINDEXED_ROWS:
        return True
    stats = await table.stats()
    if stats["fragment_stats"]["num_small_fragments"] > SMALL_FRAGMENTS:
        return True
    expired = datetime.now(UTC) - KEEP_VERSIONS
    versions = await table.list_versions()
    return sum(_utc(version["timestamp"]) < expired for version in versions[:-1]) > OLD_VERSIONS


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)


async def _unindexed_rows(table: "AsyncTable") -> int:
    return max((index.num_unindexed_rows or 0 for index in await table.list_indices()), default=0)


async def _vector_index(table: "AsyncTable") -> Any:
    for index in await table.list_indices():
        if index.columns == ["vector"]:
            return index
    return None


async def _vector_index_type(table: "AsyncTable") -> str:
    index = await _vector_index(table)
    return "" if index is None else str(index.index_type)
