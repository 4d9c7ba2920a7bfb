"""Asking the indexes: every collection and both signals side by side."""

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from functions.retrieve.candidates import Candidates
from functions.retrieve.scope import Scope
from functions.retrieve.timing import Timings
from lectern.api import SearchMode
from lectern.errors import TransientError
from lectern.index.port import CollectionIndex
from lectern.index.rows import TextHit, VectorHit
from lectern.models import Embedder

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Searcher:
    """Runs the searches of one question.

    Args:
        index: Opens the index of a collection.
        embedder: Embeds the question.
        pool: Threads for the searches.
        timings: Told how long embedding, vector and text search took.
        warnings: Told what was not done and why.
    """

    index: Callable[[str], CollectionIndex]
    embedder: Embedder
    pool: Executor
    timings: Timings
    warnings: list[str]

    def candidates(
        self, query: str, scopes: Sequence[Scope], *, mode: SearchMode, depth: int
    ) -> Sequence[Candidates]:
        """Return what was found in each scope, in the order of `scopes`.

        A collection whose vectors are another embedder's is searched by text alone, with a
        warning; so are all when the embedder is unavailable, unless vectors alone were asked for.

        Raises:
            TransientError: The index, or the embedder in mode `vector`, is unavailable.
        """
        near = [mode != "text" and self._vectors_fit(scope) for scope in scopes]
        worded = [mode != "vector" or not fits for fits in near]
        texts = [
            self.pool.submit(self._search_text, query, scope, depth) if wanted else None
            for scope, wanted in zip(scopes, worded, strict=True)
        ]
        vector = self._embedded(query, required=mode == "vector") if any(near) else None
        vectors = [
            self.pool.submit(self._search_vector, vector, scope, depth)
            if fits and vector is not None
            else None
            for scope, fits in zip(scopes, near, strict=True)
        ]
        found = []
        for scope, text, nearest in zip(scopes, texts, vectors, strict=True):
            rows, text_hits = text.result() if text else (0, None)
            vector_hits = nearest.result() if nearest else None
            found.append(Candidates(scope.collection, depth, rows, vector_hits, text_hits))
        return found

    def _vectors_fit(self, scope: Scope) -> bool:
        bound = scope.collection.embedder_fingerprint
        if bound and bound != self.embedder.fingerprint:
            self.warnings.append(
                f"collection {scope.collection.slug!r} was embedded with "
                f"{scope.collection.embedder!r}, which is not this instance's "
                f"{self.embedder.name!r}: only its text was searched; reprocess its documents to "
                "embed them anew"
            )
            return False
        return True

    def _embedded(self, query: str, *, required: bool) -> "NDArray[np.float32] | None":
        try:
            with self.timings.step("embed"):
                return self.embedder.embed_query(query)
        except TransientError as error:
            if required:
                raise
            self.warnings.append(f"only text was searched, for the embedder failed: {error.detail}")
            return None

    def _search_text(self, query: str, scope: Scope, depth: int) -> tuple[int, Sequence[TextHit]]:
        with self.timings.step("text"):
            index = self.index(scope.collection.collection_id)
            hits = index.search_text(query, where=scope.where, limit=depth)
            return index.count() if hits else 0, hits

    def _search_vector(
        self, vector: "NDArray[np.float32]", scope: Scope, depth: int
    ) -> Sequence[VectorHit]:
        with self.timings.step("vector"):
            index = self.index(scope.collection.collection_id)
            return index.search_vector(vector, where=scope.where, limit=depth)
