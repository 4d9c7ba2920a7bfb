"""What a document leaves behind: older revisions once it is indexed, all of it once deleted."""

from collections.abc import Callable

from lectern import telemetry
from lectern.catalog.port import Catalog
from lectern.documents import DocumentState, document_prefix
from lectern.events import DocumentDeleted, DocumentIndexed
from lectern.index.port import CollectionIndex
from lectern.objects import ObjectStore

AREAS = ("uploads", "parsed", "figures")


def remove_older_revisions(
    event: DocumentIndexed, *, store: ObjectStore, index_of: Callable[[str], CollectionIndex]
) -> None:
    """Remove objects and rows of the revisions before the one that was indexed. Safe to repeat."""
    index = index_of(event.collection_id)
    index.delete_document(event.document_id, before_revision=event.revision)
    outdated = []
    for area in AREAS:
        prefix = document_prefix(area, event.collection_id, event.document_id)
        outdated += [
            info.key
            for info in store.list(prefix)
            if _revision(info.key.removeprefix(prefix)) < event.revision
        ]
    store.delete(outdated)
    telemetry.note(removed_objects=len(outdated))


def remove_document(
    event: DocumentDeleted,
    *,
    catalog: Catalog,
    store: ObjectStore,
    index_of: Callable[[str], CollectionIndex],
) -> None:
    """Remove every row and object of a document, and then the document itself.

    Safe to repeat. A stage that finishes late finds the document gone or `deleting` and removes
    what it wrote; until this came to its end, the sweeper publishes the event again.
    """
    document = catalog.documents.get(event.document_id)
    if document is not None and document.state != DocumentState.DELETING:
        telemetry.note(outcome="superseded")
        return
    index_of(event.collection_id).delete_document(event.document_id)
    telemetry.note(
        removed_objects=sum(
            store.delete_prefix(document_prefix(area, event.collection_id, event.document_id))
            for area in AREAS
        )
    )
    catalog.documents.forget(event.document_id)


def _revision(path: str) -> int:
    """Return the revision a path below a document begins with; what has none is kept."""
    number = path.partition("/")[0]
    return int(number) if number.isascii() and number.isdigit() else 1 << 62
