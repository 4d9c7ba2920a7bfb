"""From rows of the database to the values the catalog returns."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row

from lectern.catalog.collection_settings import CollectionSettings
from lectern.catalog.records import (
    Collection,
    Document,
    Failure,
    Part,
    Scope,
    StageEntry,
    Token,
    User,
)
from lectern.documents import DocumentState, PartState


def now() -> datetime:
    """Return the current time in UTC."""
    return datetime.now(UTC)


def user_of(row: Row[Any]) -> User:
    """Return a row of `users`."""
    return User(row.user_id, row.name, is_admin=row.is_admin, created_at=row.created_at)


def scopes_of(stored: str) -> tuple[Scope, ...]:
    """Return the scopes of a key, in the order of their weight."""
    held = stored.split()
    every: tuple[Scope, ...] = ("read", "write", "admin")
    return tuple(scope for scope in every if scope in held)


def token_of(row: Row[Any]) -> Token:
    """Return a row of `api_tokens`."""
    return Token(
        token_id=row.token_id,
        user_id=row.user_id,
        label=row.label,
        prefix=row.prefix,
        scopes=scopes_of(row.scopes),
        created_at=row.created_at,
        expires_at=row.expires_at,
        last_used_at=row.last_used_at,
    )


def collection_of(row: Row[Any]) -> Collection:
    """Return a row of `collections`."""
    return Collection(
        collection_id=row.collection_id,
        slug=row.slug,
        name=row.name,
        owner_id=row.owner_id,
        created_at=row.created_at,
        embedder=row.embedder,
        embedder_fingerprint=row.embedder_fingerprint,
        dimensions=row.dimensions,
        settings=CollectionSettings.model_validate(row.settings),
    )


def document_of(row: Row[Any], tags: Sequence[str]) -> Document:
    """Return a row of `documents` joined with its current row of `revisions`."""
    state = DocumentState(row.state)
    failure = Failure(row.failed_stage, row.failed_code, row.failed_detail)
    return Document(
        document_id=row.document_id,
        collection_id=row.collection_id,
        owner_id=row.owner_id,
        name=row.name,
        revision=row.revision,
        state=state,
        object_key=row.object_key,
        content_type=row.content_type,
        size_bytes=row.size_bytes,
        sha256=row.sha256,
        created_at=row.created_at,
        moved_at=row.moved_at,
        pages=row.pages,
        chunks=row.chunks,
        parts=row.parts,
        parts_done=row.parts_done,
        tags=tuple(tags),
        metadata=dict(row.metadata),
        parent_id=row.parent_id,
        failure=failure if state is DocumentState.FAILED else None,
        trashed_until=row.trashed_until,
    )


def part_of(row: Row[Any]) -> Part:
    """Return a row of `parts`."""
    return Part(
        document_id=row.document_id,
        revision=row.revision,
        part=row.part,
        first_page=row.first_page,
        last_page=row.last_page,
        state=PartState(row.state),
        chunks_key=row.chunks_key,
        chunk_count=row.chunk_count,
        graphed=row.graphed,
    )


def entry_of(row: Row[Any]) -> StageEntry:
    """Return a row of `document_events`."""
    return StageEntry(at=row.at, revision=row.revision, stage=row.stage, detail=row.detail)
