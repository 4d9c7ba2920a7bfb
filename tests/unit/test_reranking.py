"""Rerank endpoints of every dialect, through the real client."""

import time
from collections.abc import Iterator

import pytest

from lectern.errors import LecternError, PermanentError, RateLimited, TransientError
from lectern.models.reranking import EndpointReranker, RerankDialect
from tests.provider.dripping import dripping
from tests.provider.rerank import ScriptedReranker

TEXTS = ["the office is closed", "annual leave is 25 days", "annual report"]
KEY = "rk-a-very-secret-key"


@pytest.fixture
def provider() -> Iterator[ScriptedReranker]:
    with ScriptedReranker().running() as running:
        yield running


def reranker(
    provider: ScriptedReranker, dialect: RerankDialect = "jina", timeout_s: float = 5.0
) -> EndpointReranker:
    return EndpointReranker(provider.url, KEY, "judge-1", dialect=dialect, timeout_s=timeout_s)


@pytest.mark.parametrize("dialect", ["cohere", "jina", "voyage", "tei"])
def test_relevances_come_in_the_order_of_the_texts(
    provider: ScriptedReranker, dialect: RerankDialect
) -> None:
    relevances = reranker(provider, dialect).rerank("annual leave", TEXTS)

    assert relevances == [0.0, 1.0, 0.5]
    assert provider.requests[0]["path"] == "/v1/rerank"
    assert provider.authorizations == [f"Bearer {KEY}"]


def test_more_texts_than_a_server_takes_come_in_batches(provider: ScriptedReranker) -> None:
    texts = [f"leave {number}" for number in range(70)]

    relevances = reranker(provider, "tei").rerank("leave", texts)

    assert relevances == [1.0] * 70
    assert [len(request["texts"]) for request in provider.requests] == [32, 32, 6]


def test_no_text_is_no_request(provider: ScriptedReranker) -> None:
    assert reranker(provider).rerank("annual leave", []) == []
    assert provider.requests == []


@pytest.mark.parametrize(
    ("status", "kind"),
    [(401, PermanentError), (404, PermanentError), (429, RateLimited), (503, TransientError)],
)
def test_refusals_have_their_class_and_keep_the_key(
    provider: ScriptedReranker, status: int, kind: type[LecternError]
) -> None:
    provider.status, provider.body = status, KEY.encode()

    with pytest.raises(kind) as caught:
        reranker(provider).rerank("annual leave", TEXTS)

    assert KEY not in str(caught.value)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"[" * 50_000, id="deeply nested"),
        pytest.param(b'{"results": 5}', id="no list"),
        pytest.param(b'{"results": [{"index": 0, "relevance_score": 1}]}', id="some missing"),
        pytest.param(b'{"results": [{"index": 7, "relevance_score": 1}]}', id="unknown text"),
        pytest.param(
            b'{"results": [{"index": 0, "relevance_score": NaN}, {"index": 1, "relevance_score": 1'
            b'}, {"index": 2, "relevance_score": 1}]}',
            id="no number",
        ),
    ],
)
def test_a_reply_without_sense_is_said_to_be_one(provider: ScriptedReranker, body: bytes) -> None:
    provider.body = body

    with pytest.raises(TransientError, match="makes no sense"):
        reranker(provider).rerank("annual leave", TEXTS)


def test_a_slow_reranker_is_not_awaited_for_ever(provider: ScriptedReranker) -> None:
    provider.wait_s = 30

    with pytest.raises(TransientError, match="took longer"):
        reranker(provider, timeout_s=0.3).rerank("annual leave", TEXTS)


def test_a_reranker_that_is_never_silent_keeps_the_limit_too() -> None:
    with dripping() as url:
        model = EndpointReranker(url, KEY, "judge-1", dialect="jina", timeout_s=0.5)
        started = time.monotonic()

        with pytest.raises(TransientError) as caught:
            model.rerank("annual leave", TEXTS)

    assert caught.value.code == "rerank_timeout"
    assert time.monotonic() - started < 3


def test_a_dead_reranker_is_transient() -> None:
    dead = EndpointReranker("http://127.0.0.1:9/v1", "", "judge-1", dialect="cohere")

    with pytest.raises(TransientError, match="cannot be reached"):
        dead.rerank("annual leave", TEXTS)
