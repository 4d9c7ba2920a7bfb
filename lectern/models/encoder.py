"""Runs a sentence encoder's graph over texts, one text at a time on every allotted CPU.

One text a run, not a padded batch: dynamic quantisation scales its activations by the largest in
the run, so in a batch a text's vector would depend on its neighbours (cosine .992, measured).
Alone it is always the same, no padding is computed, and a CPU works a quarter faster than on
batches of 32, because a text's activations fit its cache.
"""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

    import numpy as np
    from numpy.typing import NDArray

MAX_TOKENS = 256


class Encoder:
    """An ONNX sentence encoder with its tokeniser. Thread safe.

    Args:
        graph: The graph file: (`input_ids`, `attention_mask`) -> `embedding`, already optimised.
        tokenizer: The tokeniser file of the `tokenizers` library.
        threads: CPUs to use for more than one text.
    """

    def __init__(self, *, graph: Path, tokenizer: Path, threads: int) -> None:
        import onnxruntime
        from tokenizers import Tokenizer

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
        self._session = onnxruntime.InferenceSession(
            str(graph), options, providers=["CPUExecutionProvider"]
        )
        self._tokenizer = Tokenizer.from_file(str(tokenizer))
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        self._end = self._tokenizer.encode("").ids[-1]
        self._threads = threads

    @cached_property
    def _pool(self) -> "ThreadPoolExecutor":
        from concurrent.futures import ThreadPoolExecutor

        return ThreadPoolExecutor(self._threads, thread_name_prefix="encoder")

    def encode(self, texts: Sequence[str]) -> "NDArray[np.float32]":
        """Return shape (len(texts), dimensions), float32, unit length, in the order given."""
        import numpy as np

        if len(texts) == 0:
            dimensions = self._session.get_outputs()[0].shape[1]
            return np.empty((0, dimensions), dtype=np.float32)
        if len(texts) == 1 or self._threads == 1:
            return np.stack([self.encode_one(text) for text in texts])
        return np.stack(list(self._pool.map(self.encode_one, texts)))

    def encode_one(self, text: str) -> "NDArray[np.float32]":
        """Return shape (dimensions,), float32, unit length."""
        import numpy as np

        pieces = self._pieces(text)
        if len(pieces) > MAX_TOKENS:
            pieces = [*pieces[: MAX_TOKENS - 1], self._end]
        ids = np.array([pieces], dtype=np.int32)
        feed = {"input_ids": ids, "attention_mask": np.ones_like(ids)}
        return cast("NDArray[np.float32]", self._session.run(None, feed)[0][0])

    def count(self, text: str) -> int:
        """Return the word pieces of the whole text, its begin and end marks included."""
        return len(self._pieces(text))

    def _pieces(self, text: str) -> list[int]:
        clean = text.encode(errors="replace").decode()  # a lone surrogate is no text
        return self._tokenizer.encode(clean).ids
