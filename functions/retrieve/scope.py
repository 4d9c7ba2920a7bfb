"""Where a search may look: rights first, then the conditions that only the catalog knows."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from lectern.access import Access
from lectern.api import Notice, SearchFilters, SearchRequest
from lectern.catalog.port import Documents
from lectern.catalog.records import Collection
from lectern.index.rows import SearchFilter


@dataclass(frozen=True, slots=True)
class Scope:
    """A collection the caller may read, and which of its rows the search may see."""

    collection: Collection
    where: SearchFilter


def scopes(request: SearchRequest, access: Access) -> Sequence[Scope]:
    """Return where to search; a collection that cannot have a result is left out.

    Documents restrict the collection they are in; beside them, named collections are searched as
    a whole. Without either, it is all the caller may read.

    Raises:
        NotFound: A collection or a document does not exist, or the caller may not read it.
    """
    chosen: defaultdict[str, list[str]] = defaultdict(list)
    for document_id in dict.fromkeys(request.documents):
        document = access.document(document_id)
        chosen[document.collection_id].append(document_id)
    collections = {}
    if request.collections or not chosen:
        collections = {c.collection_id: c for c in access.collections(request.collections)}
    for collection_id in chosen:
        if collection_id not in collections:
            collections[collection_id] = access.collection(collection_id)
    found = []
    for collection_id, collection in collections.items():
        where = _where(request.filters, collection_id, chosen[collection_id], access)
        if where is not None:
            found.append(Scope(collection, where))
    return found


def still_being_read(
    request: SearchRequest, where: Sequence[Scope], access: Access
) -> Sequence[Notice]:
    """Return that documents in scope cannot be found in full yet, if there are such."""
    count = access.catalog.documents.unread(
        [scope.collection.collection_id for scope in where],
        document_ids=() if request.collections else request.documents,
    )
    if not count:
        return ()
    noun = "document is" if count == 1 else "documents are"
    detail = f"{count} {noun} still being read; ask again later to search them as well"
    return (Notice(code="still_being_read", detail=detail, parameters={"count": count}),)


def _where(
    filters: SearchFilters, collection_id: str, chosen: Sequence[str], access: Access
) -> SearchFilter | None:
    """Return the condition on rows, or None if no document meets it."""
    document_ids = tuple(chosen)
    if _concerns_documents(filters):
        matching = _matching(filters, collection_id, access.catalog.documents)
        document_ids = tuple(d for d in matching if not chosen or d in set(chosen))
        if not document_ids:
            return None
    return SearchFilter(
        document_ids=document_ids,
        tags=tuple(filters.tags),
        kinds=tuple(filters.kinds),
        page_numbers=tuple(filters.page_numbers),
    )


def _concerns_documents(filters: SearchFilters) -> bool:
    return bool(
        filters.metadata
        or filters.content_types
        or filters.uploaded_after
        or filters.uploaded_before
    )


def _matching(filters: SearchFilters, collection_id: str, documents: Documents) -> Sequence[str]:
    return documents.matching(
        collection_id,
        metadata=filters.metadata,
        content_types=filters.content_types,
        uploaded_after=filters.uploaded_after,
        uploaded_before=filters.uploaded_before,
    )
