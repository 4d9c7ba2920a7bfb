"""The tool that queries tables of documents with SQL: CSV, spreadsheets, tables in any document."""

import re
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from functions.answer.evidence import Finding
from functions.answer.inquiry import Inquiry
from functions.answer.noticing import tables_partial
from functions.answer.querying import is_numeric
from functions.answer.tools.box import AnswerTool, Arguments, ToolResult
from functions.answer.tools.documents import in_scope
from functions.answer.tools.table_query import queried, sandbox
from functions.answer.tools.table_reading import DocumentTable, tables_of
from lectern.api import BoxReply, ChunkReply, DocumentReply, Passage, SearchFilters

_MOST_CHUNKS = 10_000  # of a document, its text among them
_AT_ONCE = 500  # the most that one request gives
_MOST_CITED = 3  # chunks of the table that a result may be cited with
_MOST_LOOKED_AT = 100  # passages of their pages
_SHOWN_ROWS = 3


class TableArguments(Arguments):
    """What to ask of which document's tables."""

    document: Annotated[
        str, Field(min_length=1, max_length=200, description="name of a document, or a part of it")
    ]
    sql: Annotated[
        str,
        Field(
            max_length=2000,
            description="one SELECT over the tables t1, t2, …; empty to see their columns first",
        ),
    ] = ""


@dataclass(frozen=True, slots=True)
class ReadTables:
    """The tables of a document; `cut` says what of it was not read, "" for nothing."""

    tables: list[DocumentTable]
    cut: str


def query_tables(arguments: TableArguments, inquiry: Inquiry) -> ToolResult:
    """Return what a query gives, or which tables and columns there are."""
    document = next(in_scope(inquiry, arguments.document), None)
    if document is None:
        raise ValueError(f"no document has {arguments.document!r} in its name")
    sandbox().start()  # it imports what a query needs while the tables are read
    read = _read(document, inquiry)
    if not read.tables:
        raise ValueError(f"{document.name!r} has no tables{read.cut and f'; {read.cut}'}")
    if not arguments.sql.strip():
        described = "\n".join(map(_described, read.tables))
        return ToolResult(_with_cut(described, read), shown=f"{len(read.tables)}")
    result = queried(
        read.tables,
        arguments.sql,
        left_s=inquiry.left_s,
        on_cancel=inquiry.cancellation.on_cancel,
    )
    used = [table for table in read.tables if _names(arguments.sql, table)] or read.tables
    cited = [chunk for table in used for chunk in table.chunks[:_MOST_CITED]][:_MOST_CITED]
    told = _with_cut(result, read)
    inquiry.evidence.findings.append(Finding(f"{document.name}: {arguments.sql}", told))
    return ToolResult(told, _passages(cited, document, inquiry), shown=result.splitlines()[-1])


def _read(document: DocumentReply, inquiry: Inquiry) -> ReadTables:
    """Return the tables of a document; an agent mostly asks for them more than once."""
    key = f"tables of {document.document_id}.{document.revision}"
    known = inquiry.kept.get(key)
    if isinstance(known, ReadTables):
        return known
    current = f"{document.document_id}.{document.revision}."
    shelf, offset, of_tables = inquiry.library.documents, 0, []
    while offset < _MOST_CHUNKS and inquiry.left_s:
        window = shelf.chunks(document.document_id, offset=offset, limit=_AT_ONCE).chunks
        of_tables += [c for c in window if c.kind == "table" and c.chunk_id.startswith(current)]
        offset += len(window)
        if len(window) < _AT_ONCE:
            break
    cut = ""
    if offset == _MOST_CHUNKS and document.chunks > offset:
        cut = (
            f"only the first {offset} of {document.chunks} passages of {document.name!r} were "
            "read, so rows are missing: sums and counts may be wrong; say so"
        )
        inquiry.warn(tables_partial(document.name, offset, document.chunks))
    read = ReadTables(tables_of(of_tables), cut)
    inquiry.kept[key] = read
    return read


def _passages(chunks: list[ChunkReply], document: DocumentReply, inquiry: Inquiry) -> list[Passage]:
    """Return chunks as passages, with the places of their lines where a search gives them."""
    reply = inquiry.search(
        chunks[0].text,
        collections=[],
        documents=[document.document_id],
        filters=SearchFilters(
            kinds=["table"], page_numbers=sorted({chunk.page_number for chunk in chunks})
        ),
        mode="text",
        top_k=_MOST_LOOKED_AT,
        rerank=False,
    )
    found = {passage.chunk_id: passage for passage in reply.passages}
    return [found.get(chunk.chunk_id) or _passage(chunk, document) for chunk in chunks]


def _passage(chunk: ChunkReply, document: DocumentReply) -> Passage:
    return Passage(
        **chunk.model_dump(exclude={"boxes"}),
        boxes=[BoxReply(**box.model_dump()) for box in chunk.boxes],
        collection_id=document.collection_id,
        document_id=document.document_id,
        document_name=document.name,
        revision=document.revision,
        lines=[],
        relevance=1.0,
        relevances={},
    )


def _names(sql: str, table: DocumentTable) -> bool:
    return re.search(rf"\b{table.name}\b", sql, re.IGNORECASE) is not None


def _with_cut(text: str, read: ReadTables) -> str:
    return f"Attention: {read.cut}.\n{text}" if read.cut else text


def _described(table: DocumentTable) -> str:
    cells = list(zip(*table.rows, strict=True)) or [()] * len(table.columns)
    columns = ", ".join(
        f'"{column}"{" (number)" if is_numeric(each) else ""}'
        for column, each in zip(table.columns, cells, strict=True)
    )
    rows = "; ".join(" | ".join(row) for row in table.rows[:_SHOWN_ROWS])
    caption = f"{table.caption}, " if table.caption else ""
    place = f"{caption}page {table.page_number}, {len(table.rows)} rows"
    return f"{table.name} ({place}): {columns}. {rows}"


TABLE = AnswerTool(
    "table",
    "Queries the tables of a document, a CSV file or a spreadsheet with SQL (DuckDB). Names of "
    "columns stand in double quotes. A column of nothing but numbers is one of numbers, any other "
    "is text. A table that goes on over pages is one on each of them: join them by UNION ALL.",
    TableArguments,
    query_tables,
    lambda arguments: f"{arguments.document}: {arguments.sql or 'columns'}",
)
