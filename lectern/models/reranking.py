"""Rerankers behind HTTP endpoints: Cohere's, Jina's, Voyage's and TEI's request and reply."""

import asyncio
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus
from time import monotonic
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

from lectern.errors import LecternError, PermanentError, RateLimited, TransientError
from lectern.models.background import awaited, background_loop

if TYPE_CHECKING:
    import httpx

RerankDialect = Literal["cohere", "jina", "voyage", "tei"]

_CONNECT_S = 5.0
_MOST_CHARACTERS = 16_000  # of one text; rerankers read some thousand tokens and cut the rest
_MAX_BODY_BYTES = 4 << 20


@dataclass(frozen=True, slots=True)
class _Wire:
    """How a dialect names things. `batch` is how many texts its servers take by default."""

    texts: str
    results: str
    relevance: str
    batch: int
    more: Mapping[str, Any]


_WIRES: Mapping[RerankDialect, _Wire] = {
    # docs.cohere.com/reference/rerank, jina.ai/reranker, docs.voyageai.com/reference/reranker-api
    "cohere": _Wire("documents", "results", "relevance_score", 1000, {}),
    "jina": _Wire("documents", "results", "relevance_score", 1000, {"return_documents": False}),
    "voyage": _Wire("documents", "data", "relevance_score", 1000, {}),
    # huggingface/text-embeddings-inference: --max-client-batch-size is 32; logits without a sigmoid
    # unless raw_scores is false
    "tei": _Wire("texts", "", "score", 32, {"raw_scores": False, "truncate": True}),
}


class EndpointReranker:
    """See `Reranker`. Thread safe; one connection pool.

    Args:
        url: Base URL, up to where `/rerank` follows.
        key: API key; "" for servers that want none.
        model: Name of the model; TEI serves one and ignores it.
        dialect: Whose request and reply the endpoint speaks.
        timeout_s: Longest wait for the judgement of one question.
        entry: Name of the registry's entry that set it up, "" for the environment.
    """

    def __init__(
        self,
        url: str,
        key: str,
        model: str,
        *,
        dialect: RerankDialect,
        timeout_s: float = 10.0,
        entry: str = "",
    ) -> None:
        self.name = model
        self._url = f"{url.rstrip('/')}/rerank"
        self._key = key
        self._wire = _WIRES[dialect]
        self._timeout_s = timeout_s
        named = f"reranker {entry!r}" if entry else "reranker"
        self._subject = f"the {named} at {_host(self._url)!r}"

    @cached_property
    def _client(self) -> "httpx.AsyncClient":
        import weakref

        import httpx

        headers = {"Authorization": f"Bearer {self._key}"} if self._key else {}
        loopback = urlsplit(self._url).hostname in {"127.0.0.1", "localhost", "::1"}
        client = httpx.AsyncClient(
            headers=headers,
            trust_env=not loopback,
            timeout=httpx.Timeout(None, connect=_CONNECT_S),
        )
        weakref.finalize(self, _close, client).atexit = False
        return client

    def rerank(self, query: str, texts: Sequence[str]) -> Sequence[float]:
        """See `Reranker.rerank`."""
        until = monotonic() + self._timeout_s
        size = self._wire.batch
        batches = [texts[start : start + size] for start in range(0, len(texts), size)]
        return [relevance for batch in batches for relevance in self._judge(query, batch, until)]

    def _judge(self, query: str, texts: Sequence[str], until: float) -> Sequence[float]:
        import httpx

        if (left_s := until - monotonic()) <= 0:
            raise self._slow()
        shortened = [text[:_MOST_CHARACTERS] for text in texts]
        body = {"model": self.name, "query": query, self._wire.texts: shortened, **self._wire.more}
        try:
            data = awaited(self._posted(body), left_s)
        except (TimeoutError, httpx.TimeoutException) as error:
            raise self._slow() from error
        except httpx.HTTPError as error:
            raise TransientError(
                f"{self._subject} cannot be reached; check its address and that it runs",
                code="rerank_unreachable",
            ) from error
        return self._relevances(data, len(texts))

    async def _posted(self, body: Mapping[str, Any]) -> bytes:
        async with self._client.stream("POST", self._url, json=body) as response:
            if not response.is_success:
                raise self._refused(response)
            data = bytearray()
            async for piece in response.aiter_bytes():
                data += piece
                if len(data) > _MAX_BODY_BYTES:
                    raise self._senseless()
            return bytes(data)

    def _relevances(self, data: bytes, count: int) -> Sequence[float]:
        import json

        try:
            reply = json.loads(data)
            rows = reply[self._wire.results] if self._wire.results else reply
            found = {int(row["index"]): float(row[self._wire.relevance]) for row in rows}
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            raise self._senseless() from error
        if found.keys() != set(range(count)) or not all(map(math.isfinite, found.values())):
            raise self._senseless()
        return [min(1.0, max(0.0, found[index])) for index in range(count)]

    def _refused(self, response: "httpx.Response") -> LecternError:
        status = response.status_code
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            return RateLimited(f"{self._subject} asks for patience", code="rerank_limited")
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return TransientError(
                f"{self._subject} answered {status}; try again later",
                code="rerank_unavailable",
            )
        if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND}:
            return PermanentError(
                f"{self._subject} refuses the key or knows no such model or address ({status}); "
                f"check the key, the address (up to where /rerank follows) and {self.name!r}",
                code="rerank_not_found"
                if status == HTTPStatus.NOT_FOUND
                else "rerank_unauthorized",
            )
        return PermanentError(
            f"{self._subject} refuses the request ({status}); check its key, its address "
            f"(up to where /rerank follows) and the model {self.name!r}",
            code="rerank_refused",
        )

    def _slow(self) -> TransientError:
        return TransientError(
            f"{self._subject} took longer than {self._timeout_s:g} s",
            code="rerank_timeout",
        )

    def _senseless(self) -> TransientError:
        return TransientError(
            f"the reply of {self._subject} makes no sense; is its kind right?",
            code="rerank_senseless",
        )


def _close(client: "httpx.AsyncClient") -> None:
    asyncio.run_coroutine_threadsafe(client.aclose(), background_loop())


def _host(url: str) -> str:
    return urlsplit(url).netloc.rpartition("@")[2]
