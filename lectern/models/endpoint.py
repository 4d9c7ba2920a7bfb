"""An embedder behind any OpenAI-compatible `POST <url>/embeddings`."""

import hashlib
import random
import time
import weakref
from collections.abc import Iterator, Sequence
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from lectern.errors import PermanentError, RateLimited, TransientError
from lectern.models.choosing import ENDPOINT_MARK
from lectern.models.embedding_errors import too_slow, translated, unreachable
from lectern.models.embedding_wire import read_embeddings
from lectern.tokens import estimate_tokens

if TYPE_CHECKING:
    import numpy as np
    import openai
    from numpy.typing import NDArray

_BATCH_TEXTS = 64
_BATCH_TOKENS = 32_000
_ATTEMPTS = 5
_CONNECT_S = 10.0
_MAX_BODY_BYTES = 64 << 20
_QUERIES_KEPT = 256
_STANDS_FOR_NOTHING = "."  # endpoints refuse an empty input; an empty text needs a vector too


class EndpointEmbedder:
    """See `Embedder`. Thread safe; one connection pool for the process.

    Tries again when the endpoint is unreachable, in trouble or asks for patience, as long as the
    next try fits into the deadline; `Retry-After` is honoured.

    Args:
        url: Base URL, up to where `/embeddings` follows (`https://…/v1`).
        key: API key; "" for servers that want none.
        model: Name of the model at the endpoint.
        max_tokens: Longest input of the model; longer texts are cut.
        deadline_s: Longest wait for the vectors of one request, all tries together.
        query_deadline_s: The same for a query, for which a person waits.
        back_off_s: Wait before the second try; doubles with each further one.

    Raises:
        PermanentError: `url` or `model` is empty.
    """

    def __init__(
        self,
        *,
        url: str,
        key: str,
        model: str,
        max_tokens: int,
        deadline_s: float = 120.0,
        query_deadline_s: float = 20.0,
        back_off_s: float = 0.5,
    ) -> None:
        for setting, value in (("LECTERN_EMBEDDING_URL", url), ("LECTERN_EMBEDDING_MODEL", model)):
            if not value:
                raise PermanentError(
                    f"LECTERN_EMBEDDER is 'endpoint', but {setting} is empty; set it",
                    code="embedding_settings",
                )
        self.name = model
        self.max_tokens = max_tokens
        self._url = url.rstrip("/")
        parts = urlsplit(self._url)
        self._host = parts.netloc.rpartition("@")[2].lower()
        self._address = parts._replace(netloc=self._host).geturl()  # for people: no password
        self._key = key
        self._deadline_s = deadline_s
        self._query_deadline_s = query_deadline_s
        self._back_off_s = back_off_s
        self._encoding = "base64"
        self._known_dimensions: int | None = None
        self._query = lru_cache(maxsize=_QUERIES_KEPT)(self._embed_query)

    @cached_property
    def dimensions(self) -> int:
        """The model's dimensions, asked of the endpoint once."""
        if self._known_dimensions is None:
            self._request(["dimensions"], self._query_deadline_s)
        assert self._known_dimensions is not None  # noqa: S101 - every reply sets it
        return self._known_dimensions

    @cached_property
    def fingerprint(self) -> str:
        """See `Embedder.fingerprint`. Host, model and dimensions, as far as one can see them."""
        identity = f"{self._host}\n{self.name}\n{self.dimensions}"
        return ENDPOINT_MARK + hashlib.sha256(identity.encode()).hexdigest()[:24]

    def embed_passages(self, texts: Sequence[str]) -> "NDArray[np.float32]":
        """See `Embedder.embed_passages`."""
        import numpy as np

        if len(texts) == 0:
            return np.empty((0, self.dimensions), dtype=np.float32)
        batches = [self._request(batch, self._deadline_s) for batch in self._batches(texts)]
        return np.concatenate(batches)

    def embed_query(self, text: str) -> "NDArray[np.float32]":
        """See `Embedder.embed_query`. The array is read-only: repeated queries share it."""
        return self._query(text)

    def count_tokens(self, text: str) -> int:
        """See `Embedder.count_tokens`."""
        return estimate_tokens(text)

    def _embed_query(self, text: str) -> "NDArray[np.float32]":
        vector: NDArray[np.float32] = self._request(
            [self._acceptable(text)], self._query_deadline_s
        )[0]
        vector.flags.writeable = False
        return vector

    def _batches(self, texts: Sequence[str]) -> Iterator[list[str]]:
        batch: list[str] = []
        tokens = 0
        for text in map(self._acceptable, texts):
            size = estimate_tokens(text)
            if batch and (len(batch) == _BATCH_TEXTS or tokens + size > _BATCH_TOKENS):
                yield batch
                batch, tokens = [], 0
            batch.append(text)
            tokens += size
        yield batch

    def _acceptable(self, text: str) -> str:
        text = text.encode(errors="replace").decode()  # a lone surrogate cannot be sent
        while (tokens := estimate_tokens(text)) > self.max_tokens:
            text = text[: len(text) * self.max_tokens // tokens]
        return text if text.strip() else _STANDS_FOR_NOTHING

    def _request(self, texts: list[str], deadline_s: float) -> "NDArray[np.float32]":
        """Return the vectors of one batch, trying again while the deadline allows it."""
        deadline = time.monotonic() + deadline_s
        attempt = 1
        while True:
            try:
                body = self._post(texts, deadline)
                vectors = read_embeddings(body, count=len(texts), dimensions=self._known_dimensions)
            except TransientError as error:
                wait_s = self._back_off_s * 2 ** (attempt - 1) * random.uniform(0.5, 1.0)  # noqa: S311 - no secret
                if isinstance(error, RateLimited):
                    wait_s = max(wait_s, error.retry_after_s)
                if attempt == _ATTEMPTS or time.monotonic() + wait_s >= deadline:
                    raise
                time.sleep(wait_s)
                attempt += 1
            else:
                self._known_dimensions = vectors.shape[1]
                return vectors

    def _post(self, texts: list[str], deadline: float) -> bytes:
        import openai

        encoding: Any = self._encoding
        try:
            with self._client.embeddings.with_streaming_response.create(
                input=texts,
                model=self.name,
                encoding_format=encoding,
                timeout=openai.Timeout(max(0.1, deadline - time.monotonic()), connect=_CONNECT_S),
            ) as response:
                return self._body(response.iter_bytes(), deadline)
        except openai.APIStatusError as error:
            if encoding == "base64" and "encoding_format" in error.message:
                self._encoding = "float"  # a server that knows only this; never ask again
                return self._post(texts, deadline)
            raise translated(error, url=self._address, model=self.name) from error
        except openai.APIError as error:
            raise translated(error, url=self._address, model=self.name) from error

    def _body(self, pieces: Iterator[bytes], deadline: float) -> bytes:
        body = bytearray()
        for piece in self._unbroken(pieces):
            body += piece
            if len(body) > _MAX_BODY_BYTES:
                raise PermanentError(
                    f"the embedding endpoint {self._address!r} answered more than {_MAX_BODY_BYTES}"
                    " bytes; check LECTERN_EMBEDDING_URL",
                    code="embedding_refused",
                )
            if time.monotonic() > deadline:
                raise too_slow(self._address)
        return bytes(body)

    def _unbroken(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        try:
            yield from pieces
        except Exception as error:
            # Only reading from the network can fail here, with whatever the HTTP library raises.
            raise unreachable(self._address) from error

    @cached_property
    def _client(self) -> "openai.OpenAI":
        import openai

        client = openai.OpenAI(base_url=self._url, api_key=self._key or "none", max_retries=0)
        weakref.finalize(self, client.close).atexit = False  # nobody else ends its connections
        return client
