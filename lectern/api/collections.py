"""Collections."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from lectern.api.bodies import Reply, Request


class CollectionRequest(Request):
    """A new collection."""

    name: Annotated[str, Field(min_length=1, max_length=100)]


class CollectionReply(Reply):
    """A collection as its reader sees it."""

    collection_id: str
    slug: str
    name: str
    role: Literal["owner", "editor", "viewer"]
    owner_id: str
    description: str
    embedder: str
    created_at: datetime


class CollectionList(Reply):
    """The collections the caller may read, by name."""

    collections: list[CollectionReply]


class DeletionQuery(Request):
    """How to remove a collection; `force` removes its documents as well."""

    force: bool = False
