"""An embedder behind any OpenAI-compatible `POST <url>/embeddings`."""

import asyncio
import random
import time
import weakref
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from lectern.errors import PermanentError, RateLimited, TransientError
from lectern.models.background import awaited, background_loop
from lectern.models.embedding_errors import (
    ENVIRONMENT,
    EmbeddingPlace,
    too_slow,
    translated,
    unreachable,
)
from lectern.models.embedding_identity import endpoint_fingerprint, endpoint_place
from lectern.models.embedding_wire import Embedded, read_embeddings
from lectern.tokens import estimate_tokens

if TYPE_CHECKING:
    import numpy as np
    import openai
    from numpy.typing import NDArray

    Told = Callable[[int], None]

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
        max_tokens: Longest input of the model, prefixes included; longer texts are cut.
        asked_dimensions: Length of vectors to ask for, for models that can shorten them; 0 for the
            model's own.
        query_prefix: Stands before every query, as some models want it (`query: `).
        passage_prefix: The same for passages.
        place: Where it is set up, for messages.
        path_counts: See `endpoint_place`.
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
        asked_dimensions: int = 0,
        query_prefix: str = "",
        passage_prefix: str = "",
        place: EmbeddingPlace = ENVIRONMENT,
        path_counts: bool = True,
        deadline_s: float = 120.0,
        query_deadline_s: float = 20.0,
        back_off_s: float = 0.5,
    ) -> None:
        for setting, value in ((place.url, url), (place.model, model)):
            if not value:
                raise PermanentError(
                    f"the embedder is an endpoint, but {setting} is empty; set it",
                    code="embedding_settings",
                )
        self.name = model
        self.max_tokens = max_tokens
        self._url = url.rstrip("/")
        parts = urlsplit(self._url)
        netloc = parts.netloc.rpartition("@")[2].lower()
        self._address = parts._replace(netloc=netloc).geturl()  # for people: no password
        self._server = endpoint_place(self._url, path_counts=path_counts)
        self._key = key
        self._asked_dimensions = asked_dimensions
        self._query_prefix = query_prefix
        self._passage_prefix = passage_prefix
        self._place = place
        self._deadline_s = deadline_s
        self._query_deadline_s = query_deadline_s
        self._back_off_s = back_off_s
        self._encoding = "base64"
        self._known_dimensions = asked_dimensions or None
        self._query = lru_cache(maxsize=_QUERIES_KEPT)(self._embed_query)

    @cached_property
    def dimensions(self) -> int:
        """The model's dimensions, asked of the endpoint once."""
        return int(self._request(["dimensions"], self._query_deadline_s).vectors.shape[1])

    @cached_property
    def fingerprint(self) -> str:
        """See `Embedder.fingerprint` and `lectern.models.embedding_identity`."""
        return endpoint_fingerprint(
            self._server,
            self.name,
            self.dimensions,
            query_prefix=self._query_prefix,
            passage_prefix=self._passage_prefix,
        )

    def embed_passages(self, texts: Sequence[str]) -> "NDArray[np.float32]":
        """See `Embedder.embed_passages`."""
        return self.embed_passages_counted(texts, _nobody)

    def embed_query(self, text: str) -> "NDArray[np.float32]":
        """See `Embedder.embed_query`. The array is read-only: repeated queries share it."""
        return self.embed_query_counted(text, _nobody)

    def embed_passages_counted(self, texts: Sequence[str], told: "Told") -> "NDArray[np.float32]":
        """Do as `embed_passages`; `told` hears the tokens of each request that was answered."""
        import numpy as np

        if len(texts) == 0:
            return np.empty((0, self.dimensions), dtype=np.float32)
        vectors = []
        for batch in self._batches(texts):
            embedded = self._request(batch, self._deadline_s)
            told(embedded.tokens)
            vectors.append(embedded.vectors)
        return np.concatenate(vectors)

    def embed_query_counted(self, text: str, told: "Told") -> "NDArray[np.float32]":
        """Do as `embed_query`; `told` hears the tokens, unless the query was kept."""
        vector, uncounted = self._query(text)
        if uncounted:
            told(uncounted.pop())
        return vector

    def count_tokens(self, text: str) -> int:
        """See `Embedder.count_tokens`; the prefix of passages counts."""
        return estimate_tokens(self._passage_prefix + text)

    def _embed_query(self, text: str) -> "tuple[NDArray[np.float32], list[int]]":
        sent = [self._acceptable(text, self._query_prefix)]
        embedded = self._request(sent, self._query_deadline_s)
        vector: NDArray[np.float32] = embedded.vectors[0]
        vector.flags.writeable = False
        return vector, [embedded.tokens]

    def _batches(self, texts: Sequence[str]) -> Iterator[list[str]]:
        batch: list[str] = []
        tokens = 0
        for text in (self._acceptable(text, self._passage_prefix) for text in texts):
            size = estimate_tokens(text)
            if batch and (len(batch) == _BATCH_TEXTS or tokens + size > _BATCH_TOKENS):
                yield batch
                batch, tokens = [], 0
            batch.append(text)
            tokens += size
        yield batch

    def _acceptable(self, text: str, prefix: str) -> str:
        text = text.encode(errors="replace").decode()  # a lone surrogate cannot be sent
        while text and (tokens := estimate_tokens(prefix + text)) > self.max_tokens:
            text = text[: len(text) * self.max_tokens // tokens]
        return prefix + (text if text.strip() else _STANDS_FOR_NOTHING)

    def _request(self, texts: list[str], deadline_s: float) -> Embedded:
        """Return the vectors of one batch, trying again while the deadline allows it."""
        deadline = time.monotonic() + deadline_s
        attempt = 1
        while True:
            try:
                embedded = self._read(self._post(texts, deadline), texts)
            except TransientError as error:
                wait_s = self._back_off_s * 2 ** (attempt - 1) * random.uniform(0.5, 1.0)  # noqa: S311 - no secret
                if isinstance(error, RateLimited):
                    wait_s = max(wait_s, error.retry_after_s)
                if attempt == _ATTEMPTS or time.monotonic() + wait_s >= deadline:
                    raise
                time.sleep(wait_s)
                attempt += 1
            else:
                self._known_dimensions = embedded.vectors.shape[1]
                return embedded

    def _read(self, body: bytes, texts: list[str]) -> Embedded:
        embedded = read_embeddings(
            body, count=len(texts), dimensions=self._known_dimensions, place=self._place
        )
        tokens = embedded.tokens or sum(map(estimate_tokens, texts))
        return Embedded(embedded.vectors, tokens)

    def _post(self, texts: list[str], deadline: float) -> bytes:
        try:
            return awaited(self._posted(texts), max(0.1, deadline - time.monotonic()))
        except TimeoutError as error:
            raise too_slow(self._address, self._place) from error

    async def _posted(self, texts: list[str]) -> bytes:
        import openai

        encoding: Any = self._encoding
        asked = self._asked_dimensions
        try:
            async with self._client.embeddings.with_streaming_response.create(
                input=texts,
                model=self.name,
                encoding_format=encoding,
                dimensions=asked or openai.omit,
            ) as response:
                return await self._body(response.iter_bytes())
        except openai.APIStatusError as error:
            if encoding == "base64" and "encoding_format" in error.message:
                self._encoding = "float"  # a server that knows only this; never ask again
                return await self._posted(texts)
            raise self._translated(error) from error
        except openai.APIError as error:
            raise self._translated(error) from error

    def _translated(self, error: "openai.APIError") -> Exception:
        return translated(error, url=self._address, model=self.name, place=self._place)

    async def _body(self, pieces: AsyncIterator[bytes]) -> bytes:
        body = bytearray()
        async for piece in self._unbroken(pieces):
            body += piece
            if len(body) > _MAX_BODY_BYTES:
                raise PermanentError(
                    f"{self._place.endpoint} {self._address!r} answered more than {_MAX_BODY_BYTES}"
                    f" bytes; check {self._place.url}",
                    code="embedding_refused",
                )
        return bytes(body)

    async def _unbroken(self, pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        try:
            async for piece in pieces:
                yield piece
        except Exception as error:
            # Only reading from the network can fail here, with whatever the HTTP library raises.
            raise unreachable(self._address, self._place) from error

    @cached_property
    def _client(self) -> "openai.AsyncOpenAI":
        import openai

        client = openai.AsyncOpenAI(
            base_url=self._url,
            api_key=self._key or "none",
            max_retries=0,
            http_client=openai.DefaultAsyncHttpx2Client(
                base_url=self._url,
                timeout=openai.Timeout(None, connect=_CONNECT_S),
                follow_redirects=False,  # texts and key are for this address alone
            ),
        )
        weakref.finalize(self, _close, client).atexit = False  # nobody else ends its connections
        return client


def _close(client: "openai.AsyncOpenAI") -> None:
    asyncio.run_coroutine_threadsafe(client.close(), background_loop())


def _nobody(tokens: int) -> None:
    """Hear of tokens that nobody counts."""
