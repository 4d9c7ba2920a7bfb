"""The tool that queries tables of documents with SQL: CSV, spreadsheets, tables in any document."""

from typing import Annotated

from pydantic import Field

from functions.answer.evidence import Finding
from functions.answer.inquiry import Inquiry
from functions.answer.tools.box import AnswerTool, Arguments, ToolResult
from functions.answer.tools.documents import in_scope
from functions.answer.tools.table_query import queried, sandbox
from functions.answer.tools.table_reading import DocumentTable, tables_of
from lectern.api import Passage, SearchFilters

_MOST_CHUNKS = 100
_MOST_CITED = 3  # chunks of the table that a result may be cited with
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


def query_tables(arguments: TableArguments, inquiry: Inquiry) -> ToolResult:
    """Return what a query gives, or which tables and columns there are."""
    document = next(in_scope(inquiry, arguments.document), None)
    if document is None:
        raise ValueError(f"no document has {arguments.document!r} in its name")
    sandbox().start()  # it imports what a query needs while the table is read
    tables = tables_of(_chunks(document.document_id, inquiry))
    if not tables:
        raise ValueError(f"{document.name!r} has no tables")
    if not arguments.sql.strip():
        return ToolResult("\n".join(map(_described, tables)), shown=f"{len(tables)}")
    result = queried(
        tables,
        arguments.sql,
        left_s=inquiry.left_s,
        on_cancel=inquiry.cancellation.on_cancel,
    )
    used = [table for table in tables if table.name in arguments.sql] or tables
    cited = [chunk for table in used for chunk in table.chunks[:_MOST_CITED]]
    inquiry.evidence.findings.append(Finding(f"{document.name}: {arguments.sql}", result))
    return ToolResult(result, cited[:_MOST_CITED], shown=result.splitlines()[-1])


def _chunks(document_id: str, inquiry: Inquiry) -> list[Passage]:
    reply = inquiry.search(
        "table",
        collections=[],
        documents=[document_id],
        filters=SearchFilters(kinds=["table"]),
        mode="vector",
        top_k=_MOST_CHUNKS,
    )
    return sorted(reply.passages, key=lambda p: (p.page_number, p.char_start))


def _described(table: DocumentTable) -> str:
    rows = "; ".join(" | ".join(row) for row in table.rows[:_SHOWN_ROWS])
    columns = ", ".join(f'"{column}"' for column in table.columns)
    return f"{table.name} (page {table.page_number}, {len(table.rows)} rows): {columns}. {rows}"


TABLE = AnswerTool(
    "table",
    "Queries the tables of a document, a CSV file or a spreadsheet with SQL (DuckDB). Names of "
    "columns stand in double quotes. A column of nothing but numbers is one of numbers, any other "
    "is text.",
    TableArguments,
    query_tables,
    lambda arguments: f"{arguments.document}: {arguments.sql or 'columns'}",
)
