"""Tools that find passages: searching, and reading around what was found."""

from typing import Annotated

from pydantic import Field

from functions.answer.inquiry import Inquiry
from functions.answer.tools.box import AnswerTool, Arguments, ToolResult
from lectern.api import SearchFilters

_PASSAGES = 6
_AROUND = 24  # chunks of the pages around a passage


class SearchArguments(Arguments):
    """What to look for."""

    query: Annotated[str, Field(min_length=1, max_length=500, description="words or a question")]


class ReadArguments(Arguments):
    """Where to go on reading."""

    passage: Annotated[int, Field(ge=1, description="number of a passage that was found")]
    pages: Annotated[int, Field(ge=0, le=3, description="pages before and after it to read")] = 1


def search(arguments: SearchArguments, inquiry: Inquiry) -> ToolResult:
    """Return what is found for the words, within the scope of the question."""
    reply = inquiry.search(arguments.query, top_k=max(_PASSAGES, inquiry.wishes.top_k))
    inquiry.evidence.queries.append(arguments.query)
    return ToolResult(passages=reply.passages)


def read(arguments: ReadArguments, inquiry: Inquiry) -> ToolResult:
    """Return the chunks on the pages around a passage, in reading order."""
    found = inquiry.evidence.passages
    if arguments.passage > len(found):
        raise ValueError(f"there is no passage {arguments.passage}; the last is {len(found)}")
    near = found[arguments.passage - 1]
    first = max(1, near.page_number - arguments.pages)
    pages = list(range(first, near.page_number + arguments.pages + 1))
    reply = inquiry.search(
        near.text[:500],
        collections=[],
        documents=[near.document_id],
        filters=SearchFilters(page_numbers=pages),
        mode="vector",
        top_k=_AROUND,
    )
    in_order = sorted(reply.passages, key=lambda p: (p.page_number, p.char_start))
    return ToolResult(passages=in_order)


SEARCH = AnswerTool(
    "search",
    "Finds passages of the documents by words and by meaning.",
    SearchArguments,
    search,
    lambda arguments: arguments.query,
)
READ = AnswerTool(
    "read",
    "Reads the pages around a passage that was found.",
    ReadArguments,
    read,
    lambda arguments: f"[{arguments.passage}] ±{arguments.pages}",
)
