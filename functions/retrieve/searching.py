"""Asking the indexes: every collection and both signals side by side."""

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from functions.retrieve.candidates import Candidates
from functions.retrieve.scope import Scope
from functions.retrieve.timing import Timings
from lectern.api import Notice, SearchMode
from lectern.errors import LecternError
from lectern.index.port import CollectionIndex
from lectern.index.rows import TextHit, VectorHit
from lectern.models import Embedder, Embedders

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Searcher:
    """Runs the searches of one question.

    Args:
        index: Opens the index of a collection.
        embedders: Embed the question, each for the collections that are bound to it.
        pool: Threads for the searches.
        timings: Told how long embedding, vector and text search took.
        warnings: Told what was not done and why.
    """

    index: Callable[[str], CollectionIndex]
    embedders: Embedders
    pool: Executor
    timings: Timings
    warnings: list[Notice]

    def candidates(
        self, query: str, scopes: Sequence[Scope], *, mode: SearchMode, depth: int
    ) -> Sequence[Candidates]:
        """Return what was found in each scope, in the order of `scopes`.

        A collection whose vectors are another embedder's is searched by text alone, with a
        warning; so are all when the embedder is unavailable or refuses, unless vectors alone were
        asked for.

        Raises:
            TransientError: The index, or the embedder in mode `vector`, is unavailable.
            PermanentError: The embedder refuses, in mode `vector`.
        """
        near = [None if mode == "text" else self._embedder_of(scope) for scope in scopes]
        worded = [mode != "vector" or embedder is None for embedder in near]
        texts = [
            self.pool.submit(self._search_text, query, scope, depth) if wanted else None
            for scope, wanted in zip(scopes, worded, strict=True)
        ]
        embedded: dict[str, NDArray[np.float32] | None] = {}
        for embedder in near:
            if embedder is not None and embedder.fingerprint not in embedded:
                vector = self._embedded(query, embedder, required=mode == "vector")
                embedded[embedder.fingerprint] = vector
        vectors = []
        for scope, embedder in zip(scopes, near, strict=True):
            vector = None if embedder is None else embedded[embedder.fingerprint]
            vectors.append(
                None
                if vector is None
                else self.pool.submit(self._search_vector, vector, scope, depth)
            )
        found = []
        for scope, text, nearest in zip(scopes, texts, vectors, strict=True):
            rows, text_hits = text.result() if text else (0, None)
            vector_hits = nearest.result() if nearest else None
            found.append(Candidates(scope.collection, depth, rows, vector_hits, text_hits))
        return found

    def _embedder_of(self, scope: Scope) -> Embedder | None:
        """Return the embedder of the scope's vectors, or None with a warning: it is not here."""
        collection = scope.collection
        if not collection.embedder_fingerprint:
            return None  # nothing of it is embedded yet
        embedder = self.embedders.bound(
            collection.embedder_fingerprint,
            collection.dimensions,
            first=collection.settings.embedder,
        )
        if embedder is None:
            self.warnings.append(
                Notice(
                    code="embedder_differs",
                    detail=f"collection {collection.slug!r} was embedded with "
                    f"{collection.embedder!r}, which is not available any more: only its text "
                    "was searched; embed it anew with "
                    f"`lectern reembed --collection {collection.slug}`",
                    parameters={"collection": collection.name, "embedder": collection.embedder},
                )
            )
        return embedder

    def _embedded(
        self, query: str, embedder: Embedder, *, required: bool
    ) -> "NDArray[np.float32] | None":
        try:
            with self.timings.step("embed"):
                return embedder.embed_query(query)
        except LecternError as error:
            if required:
                raise
            self.warnings.append(
                Notice(
                    code="embedder_failed",
                    detail=f"only text was searched, for the embedder failed: {error.detail}",
                    parameters={"reason": error.code},
                )
            )
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
