"""Changing documents: tags and metadata, many at once, and from an address on the web."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from lectern.api.bodies import Reply, Request
from lectern.api.documents import DocumentReply

Tags = Annotated[list[Annotated[str, Field(max_length=200)]], Field(max_length=50)]

BulkAction = Literal["delete", "restore", "retry", "reprocess", "tag", "untag"]


class DocumentChange(Request):
    """What shall be different in a document: fields left out stay.

    `tags` replaces the tags. `metadata` sets the named fields and removes those that are None.
    """

    tags: Tags | None = None
    metadata: Annotated[dict[str, str | None], Field(max_length=100)] | None = None


class FinalQuery(Request):
    """How to delete a document: `final` leaves no time to undo it."""

    final: bool = False


class BulkRequest(Request):
    """One action on many documents of a collection; `tags` are for `tag` and `untag`."""

    ids: Annotated[list[Annotated[str, Field(max_length=64)]], Field(min_length=1, max_length=200)]
    action: BulkAction
    tags: Tags = []

    @model_validator(mode="after")
    def _tags_fit_the_action(self) -> Self:
        if (self.action in {"tag", "untag"}) != bool(self.tags):
            message = "'tags' are needed for 'tag' and 'untag', and for no other action"
            raise ValueError(message)
        return self


class BulkResult(Reply):
    """What became of one document: the document, or why it stayed as it was."""

    document_id: str
    done: bool
    document: DocumentReply | None = None
    code: str = ""
    detail: str = ""


class BulkReply(Reply):
    """A result for every id, in the order asked, each id once."""

    results: list[BulkResult]


class UrlRequest(Request):
    """A page or file on the web to fetch and store as a document.

    `name` is by default the last part of the address, with the extension of what came.
    """

    url: Annotated[str, Field(min_length=1, max_length=2000)]
    name: Annotated[str, Field(max_length=500)] = ""
    tags: Tags = []
    allow_duplicate: bool = False
