"""Why nothing happens to documents for now, though nothing is wrong with them."""

from functions.catalog.wiring import Dependencies
from lectern.api import Notice
from lectern.catalog.records import Document
from lectern.documents import DocumentState
from lectern.errors import RateLimited
from lectern.models.embedding_identity import ENDPOINT_MARK, OFFLINE
from lectern.models.registry_budgets import Allowance


def held_notice(needs: Dependencies, *documents: Document) -> Notice | None:
    """Return why documents of one collection that are being embedded wait, or None.

    Raises:
        TransientError: The catalog cannot be reached.
    """
    waiting = next((each for each in documents if _is_embedding(each)), None)
    if waiting is None or not _costs(needs, waiting.collection_id):
        return None
    budgets = needs.catalog.models.registry().budgets
    allowance = Allowance(budgets, needs.catalog.usage, "", waiting.collection_id)
    try:
        allowance.require()
    except RateLimited as error:
        return Notice(
            code="held_by_budget",
            detail=f"the document waits, for {error.detail}; it then goes on by itself",
        )
    return None


def notice_of(document: Document, held: Notice | None) -> Notice | None:
    """Return the notice if it concerns the document."""
    return held if _is_embedding(document) else None


def _is_embedding(document: Document) -> bool:
    return document.state is DocumentState.EMBEDDING


def _costs(needs: Dependencies, collection_id: str) -> bool:
    """Return whether an endpoint embeds the collection: the embedder in Lectern has no budget."""
    collection = needs.catalog.collections.get(collection_id)
    if collection is None:
        return False
    if collection.embedder_fingerprint:
        return collection.embedder_fingerprint.startswith(ENDPOINT_MARK)
    known = needs.known_models()
    return (collection.settings.embedder or known.embedding()[0].model_id) != OFFLINE
