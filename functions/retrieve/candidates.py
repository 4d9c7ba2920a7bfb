"""What the searches found in one collection, before fusion."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from functions.retrieve.fusion import Fused, Signal, fuse, text_relevance, vector_relevance
from lectern.catalog.records import Collection
from lectern.index.rows import StoredChunk, TextHit, VectorHit


@dataclass(frozen=True, slots=True)
class Result:
    """A chunk of a collection with its relevance, and those of the signals that found it."""

    collection_id: str
    stored: StoredChunk
    relevance: float
    relevances: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Candidates:
    """The hits of one collection; None for a signal that was not asked.

    `depth` is where each search was cut, `rows` how many rows the collection has.
    """

    collection: Collection
    depth: int
    rows: int
    vector: Sequence[VectorHit] | None
    text: Sequence[TextHit] | None

    def stored(self) -> dict[str, StoredChunk]:
        """Return the rows that were hit, by chunk id."""
        hits: tuple[VectorHit | TextHit, ...] = (*(self.vector or ()), *(self.text or ()))
        return {hit.row.chunk.chunk_id: hit.row for hit in hits}

    def results(
        self, *, telling: float, vector_weight: float, current: Mapping[str, int]
    ) -> list[Result]:
        """Return the hits fused, most relevant first; rows of outdated revisions are left out.

        Args:
            telling: How many terms of the question an answer would share (see `telling_terms`).
            vector_weight: Weight of the vector signal; the text signal has the rest of 1.
            current: The current revision of every document that is not being deleted.
        """
        stored = self.stored()
        return [
            self._result(fused, stored[fused.chunk_id])
            for fused in fuse(self._signals(telling, vector_weight))
            if _is_current(stored[fused.chunk_id], current)
        ]

    def _signals(self, telling: float, vector_weight: float) -> list[Signal]:
        signals = []
        if self.vector is not None:
            near = {h.row.chunk.chunk_id: vector_relevance(h.distance) for h in self.vector}
            signals.append(Signal("vector", vector_weight, near, self._floor(near)))
        if self.text is not None:
            worded = {
                h.row.chunk.chunk_id: text_relevance(h.bm25, telling=telling, rows=self.rows)
                for h in self.text
            }
            signals.append(Signal("text", 1 - vector_weight, worded, self._floor(worded)))
        return signals

    def _floor(self, relevances: Mapping[str, float]) -> float:
        return min(relevances.values()) if len(relevances) >= self.depth else 0.0

    def _result(self, fused: Fused, stored: StoredChunk) -> Result:
        return Result(
            self.collection.collection_id, stored, fused.relevance, dict(fused.relevances)
        )


def in_context(results: Sequence[Result], factors: Mapping[str, float]) -> list[Result]:
    """Return the results with their relevance multiplied by the factor of their document."""
    return [
        replace(result, relevance=result.relevance * factors[result.stored.chunk.document_id])
        for result in results
    ]


def ranked(results: Sequence[Result], limit: int) -> list[Result]:
    """Return the best results of all collections; of equal texts only the first."""
    seen: set[str] = set()
    best: list[Result] = []
    for result in sorted(results, key=lambda r: (-r.relevance, r.stored.chunk.chunk_id)):
        text = " ".join(result.stored.chunk.text.split())
        if text not in seen:
            seen.add(text)
            best.append(result)
            if len(best) == limit:
                break
    return best


def _is_current(stored: StoredChunk, current: Mapping[str, int]) -> bool:
    return current.get(stored.chunk.document_id) == stored.chunk.revision
