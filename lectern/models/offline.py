"""The offline embedder: all-MiniLM-L6-v2 in process, without a network and without torch."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from lectern.models.build import ensure_artifact
from lectern.models.choosing import OFFLINE_NAME
from lectern.models.encoder import MAX_TOKENS, Encoder
from lectern.models.graph import DIMENSIONS
from lectern.models.processors import allotted_processors

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_QUERIES_KEPT = 256  # 400 kB


class OfflineEmbedder:
    """See `Embedder`. English; the first 256 word pieces of a text count. Thread safe.

    Args:
        home: Where the model may be stored when neither the environment nor the user's cache
            folder is writable.
    """

    name = OFFLINE_NAME
    dimensions = DIMENSIONS
    max_tokens = MAX_TOKENS

    def __init__(self, home: Path) -> None:
        artifact = ensure_artifact(home)
        self._fingerprint = artifact.fingerprint
        self._encoder = Encoder(
            graph=artifact.graph, tokenizer=artifact.tokenizer, threads=allotted_processors()
        )
        self._query = lru_cache(maxsize=_QUERIES_KEPT)(self._embed_query)

    @property
    def fingerprint(self) -> str:
        """See `Embedder.fingerprint`."""
        return self._fingerprint

    def embed_passages(self, texts: Sequence[str]) -> "NDArray[np.float32]":
        """See `Embedder.embed_passages`."""
        return self._encoder.encode(texts)

    def embed_query(self, text: str) -> "NDArray[np.float32]":
        """See `Embedder.embed_query`. The array is read-only: repeated queries share it."""
        return self._query(text)

    def count_tokens(self, text: str) -> int:
        """See `Embedder.count_tokens`. Exact."""
        return self._encoder.count(text)

    def _embed_query(self, text: str) -> "NDArray[np.float32]":
        vector = self._encoder.encode_one(text)
        vector.flags.writeable = False
        return vector
