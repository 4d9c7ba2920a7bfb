"""Changing documents: what one request or one of a bulk of them does, rights checked before."""

from collections.abc import Sequence

from functions.catalog.receiving import copy_again
from functions.catalog.service import announce
from functions.catalog.wiring import Dependencies
from lectern.catalog.records import Document
from lectern.errors import InvalidRequest, NotFound
from lectern.events import DocumentDeleted
from lectern.registration import uploaded


def trash(needs: Dependencies, document: Document) -> Document:
    """Put a document where it can be brought back from for a while, then remove it."""
    trashed = needs.catalog.documents.trash(document.document_id, undo_s=needs.undo_s)
    if trashed is None:
        raise _gone(document)
    needs.trash_timer.ask(needs.undo_s)
    return trashed


def delete_for_good(needs: Dependencies, document: Document) -> Document:
    """Remove a document: nobody sees it from now on, and its data goes soon after."""
    deleted = needs.catalog.documents.request_deletion(document.document_id)
    if deleted is None:
        raise _gone(document)
    announce(deleted_event(deleted))
    return deleted


def restore(needs: Dependencies, document: Document) -> Document:
    """Bring a document back from the trash."""
    return needs.catalog.documents.restore(document.document_id)


def retry(needs: Dependencies, document: Document) -> Document:
    """Begin a failed document again, where it failed."""
    again = needs.catalog.documents.retry(document.document_id, document.revision)
    if again is None:
        raise InvalidRequest(
            f"document {document.document_id!r} has not failed; reprocess it instead",
            code="not_failed",
        )
    announce(uploaded(again))
    return again


def reprocess(needs: Dependencies, document: Document) -> Document:
    """Parse and embed a document anew, as a new revision with the same bytes."""
    current, reserved = needs.catalog.documents.reserve_again(document.document_id)
    return copy_again(needs, current, reserved).document


def edit(
    needs: Dependencies,
    document: Document,
    *,
    tags: Sequence[str] | None = None,
    add_tags: Sequence[str] = (),
    remove_tags: Sequence[str] = (),
    metadata: dict[str, str | None] | None = None,
) -> Document:
    """Change tags and metadata; searches that filter by them see it at once. Safe to repeat.

    The index is told even if the catalog knew the tags: an earlier attempt may have ended between.
    """
    edited = needs.catalog.documents.edit(
        document.document_id,
        tags=tags,
        add_tags=add_tags,
        remove_tags=remove_tags,
        metadata=metadata,
    )
    if edited is None:
        raise _gone(document)
    if tags is not None or add_tags or remove_tags:
        needs.index_of(edited.collection_id).set_tags(edited.document_id, edited.tags)
    return edited


def empty_trash(needs: Dependencies) -> None:
    """Remove for good what has been in the trash for its time."""
    for document in needs.catalog.documents.empty_trash():
        announce(deleted_event(document))


def deleted_event(document: Document) -> DocumentDeleted:
    """Return the event that has everything of a document removed."""
    return DocumentDeleted(
        collection_id=document.collection_id,
        document_id=document.document_id,
        revision=document.revision,
    )


def _gone(document: Document) -> NotFound:
    return NotFound(f"there is no document {document.document_id!r}")
