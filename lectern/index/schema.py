"""Arrow schemas of the tables, and chunks as rows and back.

`lines` is one binary value of 24 bytes a line: six little-endian 32-bit integers, the offsets in
code points and the rectangle in hundredths of a point. A list of structs takes three times that.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import pyarrow as pa

from lectern.documents import Chunk, Line
from lectern.index.rows import ChunkRow, MentionRow, StoredChunk, SubjectRow, text_digest
from lectern.index.terms import terms

if TYPE_CHECKING:
    from lancedb import AsyncTable
    from numpy.typing import NDArray

R = TypeVar("R", SubjectRow, MentionRow)

CHUNKS, SUBJECTS, MENTIONS = TABLES = ("chunks", "subjects", "mentions")

_PRIMARY_KEY = {"lance-schema:unenforced-primary-key": "true"}
_LINE_SCALE = np.array([1, 1, 100, 100, 100, 100])
_LINE_FIELDS = 6
_LINE_LIMIT = 2**31 - 1


def _key(name: str) -> pa.Field:
    return pa.field(name, pa.string(), nullable=False, metadata=_PRIMARY_KEY)


_PART_FIELDS = [
    pa.field("document_id", pa.string(), nullable=False),
    pa.field("revision", pa.int32(), nullable=False),
    pa.field("part", pa.int32(), nullable=False),
]

_CHUNK_FIELDS = tuple(name for name in Chunk.model_fields if name != "lines")

STORED_COLUMNS = (*_CHUNK_FIELDS, "lines", "tags", "document_name")
"""What a search reads: neither the vector nor the terms."""

SUBJECTS_SCHEMA = pa.schema(
    [
        _key("row_id"),
        *_PART_FIELDS,
        pa.field("subject_id", pa.string()),
        pa.field("name", pa.string()),
        pa.field("kind", pa.string()),
        pa.field("definition", pa.string()),
        pa.field("chunk_ids", pa.list_(pa.string())),
    ]
)
MENTIONS_SCHEMA = pa.schema(
    [
        _key("row_id"),
        *_PART_FIELDS,
        pa.field("mention_id", pa.string()),
        pa.field("subject_name", pa.string()),
        pa.field("chunk_id", pa.string()),
        pa.field("starts", pa.list_(pa.int32())),
    ]
)


def chunks_schema(dimensions: int) -> pa.Schema:
    """Return the schema of the table `chunks` for vectors of `dimensions`, stored as float16."""
    return pa.schema(
        [
            _key("chunk_id"),
            *_PART_FIELDS,
            pa.field("ordinal", pa.int32(), nullable=False),
            pa.field("page_number", pa.int32()),
            pa.field("kind", pa.string()),
            pa.field("text", pa.string()),
            pa.field("heading_path", pa.list_(pa.string())),
            pa.field("terms", pa.string()),
            pa.field("tags", pa.list_(pa.string())),
            pa.field("vector", pa.list_(pa.float16(), dimensions)),
            pa.field("char_start", pa.int32()),
            pa.field("char_end", pa.int32()),
            pa.field("lines", pa.binary()),
            pa.field("figure_key", pa.string()),
            pa.field("document_name", pa.string()),
            pa.field("text_digest", pa.string()),
        ]
    )


def encode_chunks(rows: Sequence[ChunkRow], dimensions: int) -> pa.Table:
    """Return `rows` as a table of `chunks_schema(dimensions)`."""
    vectors = np.stack([row.vector for row in rows]).astype(np.float16)
    columns: dict[str, Any] = {
        name: [getattr(row.chunk, name) for row in rows] for name in _CHUNK_FIELDS
    }
    columns |= {
        "terms": [" ".join(searchable_terms(row)) for row in rows],
        "tags": [row.tags for row in rows],
        "vector": pa.FixedSizeListArray.from_arrays(pa.array(vectors.reshape(-1)), dimensions),
        "lines": [encode_lines(row.chunk.lines) for row in rows],
        "document_name": [row.document_name for row in rows],
        "text_digest": [row.embedded_digest or text_digest(row.chunk.text) for row in rows],
    }
    return pa.table(columns, schema=chunks_schema(dimensions))


def decode_chunks(table: pa.Table) -> list[StoredChunk]:
    """Return the rows of a table that has `STORED_COLUMNS`, in its order.

    Rows were validated when they were written, so the models are built without validation.
    """
    columns = [table.column(name).to_pylist() for name in STORED_COLUMNS]
    return [
        _stored(dict(zip(STORED_COLUMNS, values, strict=True)))
        for values in zip(*columns, strict=True)
    ]


def _stored(row: dict[str, Any]) -> StoredChunk:
    tags = tuple(row.pop("tags") or ())
    document_name = row.pop("document_name")
    row["heading_path"] = tuple(row["heading_path"] or ())
    row["lines"] = decode_lines(row["lines"] or b"")
    return StoredChunk(Chunk.model_construct(**row), document_name, tags)


def decode_vectors(table: pa.Table) -> Iterable[tuple[str, "NDArray[np.float32]"]]:
    """Yield digest and vector of every row, the vector as float32."""
    vectors = table.column("vector").combine_chunks()
    shape = (len(vectors), vectors.type.list_size)
    matrix = vectors.flatten().to_numpy().reshape(shape).astype(np.float32)
    yield from zip(table.column("text_digest").to_pylist(), matrix, strict=True)


async def dimensions_of(table: "AsyncTable") -> int:
    """Return the dimension of the vectors that `table` takes."""
    return int((await table.schema()).field("vector").type.list_size)


async def rows_by_revision(table: "AsyncTable") -> Mapping[tuple[str, int], int]:
    """Return the number of rows of `table` by document and revision."""
    key = ["document_id", "revision"]
    rows = await table.query().select(key).to_arrow()
    counted = rows.group_by(key).aggregate([([], "count_all")])
    columns = [counted.column(name).to_pylist() for name in (*key, "count_all")]
    return {(document, revision): n for document, revision, n in zip(*columns, strict=True)}


def encode_lines(lines: Iterable[Line]) -> bytes:
    """Return `lines` packed; rectangles are rounded to hundredths of a point."""
    values = np.array([tuple(line) for line in lines], dtype=np.float64).reshape(-1, _LINE_FIELDS)
    scaled = np.clip(np.rint(values * _LINE_SCALE), -_LINE_LIMIT, _LINE_LIMIT)
    return bytes(scaled.astype("<i4").tobytes())


def decode_lines(packed: bytes) -> tuple[Line, ...]:
    """Return the lines that `encode_lines` packed."""
    values: NDArray[np.int32] = np.frombuffer(packed, dtype="<i4").reshape(-1, _LINE_FIELDS)
    return tuple(
        Line(start, end, x0 / 100, y0 / 100, x1 / 100, y1 / 100)
        for start, end, x0, y0, x1, y1 in values.tolist()
    )


def searchable_terms(row: ChunkRow) -> list[str]:
    """Return the terms under which full-text search finds `row`."""
    title = row.document_name.rpartition(".")[0] or row.document_name
    return terms(" \n".join((title, *row.chunk.heading_path, row.chunk.text)))


def encode_rows(rows: Sequence[SubjectRow] | Sequence[MentionRow], schema: pa.Schema) -> pa.Table:
    """Return subjects or mentions as a table of their `schema`.

    Ids are unique within a part only, so the primary key puts the part in front.
    """
    plain = [asdict(row) for row in rows]
    for row in plain:
        own_id = row.get("mention_id") or row["subject_id"]
        row["row_id"] = f"{row['document_id']}.{row['revision']}.{row['part']:04d}.{own_id}"
    return pa.Table.from_pylist(plain, schema=schema)


def decode_rows(table: pa.Table, row_type: type[R]) -> list[R]:
    """Return the rows that `encode_rows` encoded, in the table's order."""
    names = [field.name for field in fields(row_type)]
    build: Callable[..., R] = row_type
    return [
        build(*(tuple(v) if isinstance(v, list) else v for v in row.values()))
        for row in table.select(names).to_pylist()
    ]
