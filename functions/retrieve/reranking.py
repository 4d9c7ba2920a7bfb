"""A second look at what the search found, by a model that reads question and passage together."""

from collections.abc import Callable
from dataclasses import replace

from functions.retrieve.candidates import Result
from lectern import telemetry
from lectern.access import Access
from lectern.api import Notice, SearchRequest
from lectern.errors import LecternError
from lectern.models import Reranker
from lectern.preferences import effective_settings

RERANKED = 40
"""How many of the best passages a reranker judges at least: time and price grow with them."""


def wants_reranking(request: SearchRequest, access: Access) -> bool:
    """Return whether the request says so, else the caller's settings."""
    if request.rerank is not None:
        return request.rerank
    return effective_settings(access.catalog.preferences.get(access.user.user_id)).rerank


def reranked(
    query: str,
    results: list[Result],
    reranker: Callable[[], Reranker | None],
    warnings: list[Notice],
) -> list[Result]:
    """Return the results in the reranker's order, or as they are with a warning that says why.

    The reranker's judgement becomes the relevance, beside those of the signals. Results of equal
    relevance keep their order.
    """
    try:
        judge = reranker()
        if judge is None:
            warnings.append(_NO_RERANKER)
            return results
        relevances = judge.rerank(query, [result.stored.chunk.text for result in results])
    except LecternError as error:
        telemetry.logger.warning("reranker failed", extra={"code": error.code})
        warnings.append(_failed(error))
        return results
    anew = [
        replace(result, relevance=value, relevances={**result.relevances, "rerank": value})
        for result, value in zip(results, relevances, strict=True)
    ]
    return sorted(anew, key=lambda result: -result.relevance)


_NO_RERANKER = Notice(
    code="no_reranking",
    detail="there is no reranker; the passages are in the order of the search",
)


def _failed(error: LecternError) -> Notice:
    return Notice(
        code="reranker_failed",
        detail=f"the passages are in the order of the search: {error.detail}",
        parameters={"reason": error.code},
    )
