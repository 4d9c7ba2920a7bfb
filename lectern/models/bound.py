"""The embedder of a collection: those that make its vectors, of which one is asked at a time."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

from lectern.errors import LecternError, PermanentError
from lectern.models.registry_fallback import passes_on

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from lectern.models.ports import Embedder

T = TypeVar("T")


class BoundEmbedder:
    """See `Embedder`. The next of its embedders is asked when one fails.

    A vector of another length than the collection's is never let through: another model answers.

    Args:
        chain: Make the embedders of the fingerprint, the first choice first; at least one.
        fingerprint: What the collection is bound to.
        dimensions: Length of its vectors.
    """

    def __init__(
        self, chain: "Sequence[Callable[[], Embedder]]", fingerprint: str, dimensions: int
    ) -> None:
        self.fingerprint = fingerprint
        self.dimensions = dimensions
        self._chain = chain

    @property
    def name(self) -> str:
        """See `Embedder.name`."""
        return self._asked(lambda embedder: embedder.name)

    @property
    def max_tokens(self) -> int:
        """See `Embedder.max_tokens`; what the first of them takes, the others cut."""
        return self._asked(lambda embedder: embedder.max_tokens)

    def embed_passages(self, texts: Sequence[str]) -> "NDArray[np.float32]":
        """See `Embedder.embed_passages`."""
        return self._asked(lambda embedder: self._fitting(embedder.embed_passages(texts)))

    def embed_query(self, text: str) -> "NDArray[np.float32]":
        """See `Embedder.embed_query`."""
        return self._asked(lambda embedder: self._fitting(embedder.embed_query(text)))

    def count_tokens(self, text: str) -> int:
        """See `Embedder.count_tokens`."""
        return self._asked(lambda embedder: embedder.count_tokens(text))

    def _asked(self, ask: "Callable[[Embedder], T]") -> T:
        *others, last = self._chain
        for make in others:
            try:
                return ask(make())
            except LecternError as error:
                if not passes_on(error):
                    raise
                from lectern import telemetry

                telemetry.logger.warning(
                    "embedder failed, the next one is asked", extra={"code": error.code}
                )
        return ask(last())

    def _fitting(self, vectors: "NDArray[np.float32]") -> "NDArray[np.float32]":
        if vectors.shape[-1] != self.dimensions:
            raise PermanentError(
                f"the embedding model gives {vectors.shape[-1]} dimensions, the collection was "
                f"embedded with {self.dimensions}: another model answers; set it back, or embed "
                "the collection anew",
                code="embedder_mismatch",
            )
        return vectors
