"""From the catalog's records to the API's replies."""

from collections.abc import Sequence

from flask import Response

from lectern.access import Access
from lectern.api import (
    ApiKey,
    CollectionReply,
    DocumentReply,
    FailureReply,
    Notice,
    StageReply,
)
from lectern.catalog.records import Collection, Document, Registration, Role, StageEntry, Token


def api_key(token: Token, *, secret: str | None = None) -> ApiKey:
    """Return a token as its owner sees it."""
    return ApiKey(
        key_id=token.token_id,
        label=token.label,
        prefix=token.prefix,
        scopes=list(token.scopes),
        created_at=token.created_at,
        expires_at=token.expires_at,
        last_used_at=token.last_used_at,
        secret=secret,
    )


def collection_reply(collection: Collection, role: Role) -> CollectionReply:
    """Return a collection as somebody with `role` sees it."""
    return CollectionReply(
        collection_id=collection.collection_id,
        slug=collection.slug,
        name=collection.name,
        role=role,
        owner_id=collection.owner_id,
        description=collection.settings.description,
        embedder=collection.embedder,
        created_at=collection.created_at,
    )


def document_reply(
    document: Document,
    *,
    duplicate: bool = False,
    duplicate_of: str | None = None,
    timeline: Sequence[StageEntry] | None = None,
    held: Notice | None = None,
) -> DocumentReply:
    """Return a document as its reader sees it."""
    failure = document.failure
    return DocumentReply(
        document_id=document.document_id,
        collection_id=document.collection_id,
        name=document.name,
        revision=document.revision,
        state=document.state,
        content_type=document.content_type,
        size_bytes=document.size_bytes,
        sha256=document.sha256,
        pages=document.pages,
        chunks=document.chunks,
        parts=document.parts,
        parts_done=document.parts_done,
        tags=list(document.tags),
        metadata=document.metadata,
        parent_id=document.parent_id,
        created_at=document.created_at,
        moved_at=document.moved_at,
        failure=failure
        and FailureReply(stage=failure.stage, code=failure.code, detail=failure.detail),
        duplicate=duplicate,
        duplicate_of=duplicate_of,
        trashed_until=document.trashed_until,
        timeline=None
        if timeline is None
        else [
            StageReply(at=entry.at, revision=entry.revision, stage=entry.stage, detail=entry.detail)
            for entry in timeline
        ],
        held=held,
    )


def changed_reply(access: Access, document: Document) -> DocumentReply:
    """Return a document that the caller changed, without what they may not read.

    A key of the scope `write` alone changes documents that it is not to see: names, tags, metadata
    and what went wrong are blank, ids and states are not.
    """
    reply = document_reply(document)
    if "read" in access.scopes:
        return reply
    unread = {"name": "", "content_type": "", "sha256": "", "tags": [], "metadata": {}}
    numbers = {"size_bytes": 0, "pages": 0, "chunks": 0, "failure": None}
    return reply.model_copy(update=unread | numbers)


def registration_reply(registration: Registration) -> DocumentReply:
    """Return a document as whoever uploaded it sees it."""
    document = registration.document
    known = registration.under_another_name
    return document_reply(
        document,
        duplicate=registration.duplicate,
        duplicate_of=document.document_id if known else None,
    )


def json_response(reply: DocumentReply, status: int) -> Response:
    """Return a document with a status of its own."""
    return Response(reply.model_dump_json(), status=status, content_type="application/json")
