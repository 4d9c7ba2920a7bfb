"""From a question to ranked passages: rights, searches, fusion, neighbours."""

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from typing import Protocol

from functions.retrieve.candidates import Candidates, Result, in_context, ranked
from functions.retrieve.context import context_factors
from functions.retrieve.fusion import telling_terms, vector_weight
from functions.retrieve.passages import passages
from functions.retrieve.reranking import RERANKED, reranked, wants_reranking
from functions.retrieve.scope import scopes, still_being_read
from functions.retrieve.searching import Searcher
from functions.retrieve.timing import Timings
from lectern import telemetry
from lectern.access import Access
from lectern.api import Notice, SearchedIndex, SearchMode, SearchReply, SearchRequest
from lectern.catalog.records import Collection
from lectern.index.port import CollectionIndex
from lectern.index.terms import query_terms
from lectern.models import Embedders, Reranker


class EmbeddersFor(Protocol):
    """See `lectern.models.registry.Models.embedders`."""

    def __call__(self, *, user_id: str, collection_id: str) -> Embedders:
        """Return the embedders at hand, at the expense of a user and of the only collection."""
        ...


_LEAST_DEPTH = 40
_DEPTH_FACTOR = 4  # candidates of each signal for every passage asked for


def search(
    request: SearchRequest,
    authorise: Callable[[], Access],
    *,
    index: Callable[[str], CollectionIndex],
    embedders_for: EmbeddersFor,
    reranker: Callable[[], Reranker | None],
    pool: Executor,
) -> SearchReply:
    """Return the passages that answer `request`, most relevant first.

    Args:
        request: The question and where to look.
        authorise: Says who is asking; what they may not read is never searched.
        index: Opens the index of a collection.
        embedders_for: Returns what embeds the question, at whose expense.
        reranker: Returns what judges the passages found, if there is anything that does.
        pool: Threads for the searches.

    Raises:
        Unauthorized: Nobody known is asking.
        NotFound: A collection or document is not the caller's to read.
        TransientError: The index is unavailable.
    """
    timings = Timings()
    warnings: list[Notice] = []
    with timings.step("total"):
        with timings.step("authorise"):
            access = authorise()
            where = scopes(request, access)
        unread = pool.submit(still_being_read, request, where, access)
        embedders = embedders_for(
            user_id=access.user.user_id,
            collection_id=where[0].collection.collection_id if len(where) == 1 else "",
        )
        searcher = Searcher(index, embedders, pool, timings, warnings)
        found = searcher.candidates(
            request.query,
            where,
            mode=_mode(request, warnings),
            depth=max(_DEPTH_FACTOR * request.top_k, _LEAST_DEPTH),
        )
        warnings += unread.result()
        with timings.step("fuse"):
            fused = _fused(request, found, access)
        if wants_reranking(request, access):
            with timings.step("rerank"):
                fused = reranked(request.query, fused, reranker, warnings)
        best = fused[: request.top_k]
        with timings.step("expand"):
            shown = passages(best, reach=request.neighbours, index=index)
            collections = [scope.collection for scope in where]
            searched = list(pool.map(lambda each: _searched(each, index), collections))
    telemetry.note(collections=len(where), passages=len(shown), mode=request.mode)
    return SearchReply(
        passages=shown, timings_ms=timings.milliseconds, warnings=warnings, searched=searched
    )


def _searched(collection: Collection, index: Callable[[str], CollectionIndex]) -> SearchedIndex:
    return SearchedIndex(
        collection_id=collection.collection_id,
        version=index(collection.collection_id).version(),
        embedder=collection.embedder,
    )


def _mode(request: SearchRequest, warnings: list[Notice]) -> SearchMode:
    """Return the mode that is carried out, and warn of what is asked for and not there."""
    if request.mode == "graph":
        warnings.append(
            Notice(
                code="no_graph_search",
                detail="graph search is not available; the hybrid search answered",
            )
        )
        return "hybrid"
    return request.mode


def _fused(request: SearchRequest, found: Sequence[Candidates], access: Access) -> list[Result]:
    documents = {
        stored.chunk.document_id for candidates in found for stored in candidates.stored().values()
    }
    current = access.catalog.documents.current_revisions(sorted(documents)) if documents else {}
    wanted = query_terms(request.query)
    telling = telling_terms(wanted)
    results = [
        result
        for candidates in found
        for result in candidates.results(
            telling=telling,
            vector_weight=vector_weight(request.query, candidates.collection.embedder),
            current=current,
        )
    ]
    factors = context_factors([result.stored for result in results], wanted)
    return ranked(in_context(results, factors), max(request.top_k, RERANKED))
