"""The tool that says which documents there are."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from functions.answer.inquiry import Inquiry
from functions.answer.tools.box import AnswerTool, Arguments, ToolResult
from lectern.api import DocumentQuery, DocumentReply
from lectern.documents import DocumentState

_MOST_LISTED = 60
_MOST_LOOKED_AT = 200  # of one collection: one page of a listing


class ListArguments(Arguments):
    """Which documents to list."""

    name: Annotated[str, Field(max_length=200, description="part of the name; empty for all")] = ""


def in_scope(inquiry: Inquiry, name: str = "") -> Iterator[DocumentReply]:
    """Yield the documents that the question is about and that can be searched.

    Args:
        inquiry: The question.
        name: Part of the documents' names; "" for all.
    """
    wishes, library = inquiry.wishes, inquiry.library
    if wishes.documents:
        chosen = (library.documents.get(document_id) for document_id in wishes.documents)
        yield from (document for document in chosen if name.casefold() in document.name.casefold())
    if wishes.documents and not wishes.collections:
        return
    collections = wishes.collections or [c.collection_id for c in library.collections.list()]
    query = DocumentQuery(
        limit=_MOST_LOOKED_AT, name=name, state=[DocumentState.READY], sort="name"
    )
    for collection in collections:
        yield from library.documents.list(collection, query).documents


def list_documents(arguments: ListArguments, inquiry: Inquiry) -> ToolResult:
    """Return names, pages and tags of documents in scope."""
    lines: list[str] = []
    for document in in_scope(inquiry, arguments.name):
        if len(lines) == _MOST_LISTED:
            lines.append("… and more; give a part of the name")
            break
        tags = f", tags {', '.join(document.tags)}" if document.tags else ""
        lines.append(f"- {document.name} ({document.pages} pages{tags})")
    return ToolResult("\n".join(lines) or "no such document", shown=str(len(lines)))


LIST = AnswerTool(
    "list",
    "Lists the documents by name, with their number of pages.",
    ListArguments,
    list_documents,
    lambda arguments: arguments.name or "*",
)
