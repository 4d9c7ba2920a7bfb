"""The endpoint embedder through the real client, against a scripted server on loopback."""

import json
import logging
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from lectern.errors import LecternError, PermanentError, RateLimited, TransientError
from lectern.models.embedding_errors import entry_place
from lectern.models.embedding_identity import endpoint_place
from lectern.models.endpoint import EndpointEmbedder
from lectern.tokens import estimate_tokens
from tests.provider.dripping import dripping
from tests.provider.embeddings import Script, ScriptedEmbeddings, meaning_of

KEY = "sk-a-very-secret-key"
TEXTS = ["first text", "second text", "third text"]


@pytest.fixture
def provider() -> Iterator[ScriptedEmbeddings]:
    with ScriptedEmbeddings().running() as running:
        yield running


def connect(provider: ScriptedEmbeddings, **options: Any) -> EndpointEmbedder:
    settings = {"max_tokens": 256, "deadline_s": 5.0, "back_off_s": 0.001}
    return EndpointEmbedder(url=provider.url, key=KEY, model="small", **(settings | options))


def refuse(provider: ScriptedEmbeddings, **options: Any) -> LecternError:
    """Return what the embedder raises, having made sure that nothing secret is in it."""
    with pytest.raises(LecternError) as caught:
        connect(provider, **options).embed_passages(TEXTS)
    assert KEY not in str(caught.value)
    assert "first text" not in str(caught.value)
    return caught.value


def expected(texts: list[str], dimensions: int = 32) -> Any:
    vectors = np.stack([meaning_of(text, dimensions) for text in texts])
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(Script(), id="base64"),
        pytest.param(Script(floats_only=True), id="numbers only"),
        pytest.param(Script(shuffled=True), id="in another order"),
        pytest.param(Script(numbered=False), id="without indexes"),
    ],
)
def test_every_dialect_gives_the_same_unit_vectors(
    provider: ScriptedEmbeddings, script: Script
) -> None:
    provider.play(script)

    vectors = connect(provider).embed_passages(TEXTS)

    np.testing.assert_allclose(vectors, expected(TEXTS), atol=1e-5)
    assert provider.requests[-1].authorization == f"Bearer {KEY}"


def test_a_server_that_knows_only_numbers_is_asked_for_base64_once(
    provider: ScriptedEmbeddings,
) -> None:
    provider.play(Script(floats_only=True))
    model = connect(provider)

    model.embed_passages(TEXTS)
    model.embed_passages(TEXTS)

    assert [request.encoding for request in provider.requests] == ["base64", "float", "float"]


@pytest.mark.parametrize(
    "trouble",
    [
        pytest.param(Script(status=429, headers={"Retry-After": "0"}), id="rate limited"),
        pytest.param(Script(status=500), id="internal error"),
        pytest.param(Script(status=503), id="overloaded"),
        pytest.param(Script(body=b'{"data": ['), id="malformed JSON"),
        pytest.param(Script(body=b"[" * 100_000), id="deeply nested JSON"),
        pytest.param(Script(drop=1), id="a vector too few"),
        pytest.param(Script(die_after_bytes=100), id="closed in the middle of the body"),
    ],
)
def test_passing_trouble_is_tried_again(provider: ScriptedEmbeddings, trouble: Script) -> None:
    provider.play(trouble, trouble, Script())

    vectors = connect(provider).embed_passages(TEXTS)

    np.testing.assert_allclose(vectors, expected(TEXTS), atol=1e-5)
    assert len(provider.requests) == 3


@pytest.mark.parametrize(
    ("reply", "says"),
    [
        pytest.param({"data": "no"}, "no list of objects", id="no list"),
        pytest.param({}, "no JSON object", id="no data"),
        pytest.param({"data": [{"index": 0}] * 3}, "from 0 upwards", id="index twice"),
        pytest.param({"data": [{"embedding": [[1.0]]}] * 3}, "neither a list", id="nested"),
        pytest.param({"data": [{"embedding": "%%%%"}] * 3}, "cannot be read", id="bad base64"),
        pytest.param({"data": [{"embedding": []}] * 3}, "unlike dimensions", id="no numbers"),
        pytest.param({"data": [{"embedding": [0.0, 0.0]}] * 3}, "no direction", id="zero"),
        pytest.param(
            {"data": [{"embedding": [float("nan"), 1.0]}] * 3}, "no direction", id="not a number"
        ),
        pytest.param({"data": [{"embedding": [1e400, 1.0]}] * 3}, "no direction", id="infinite"),
        pytest.param(
            {"data": [{"embedding": [1.0] * n} for n in (2, 2, 3)]}, "unlike", id="ragged"
        ),
    ],
)
def test_a_reply_that_makes_no_sense_is_transient_and_says_why(
    provider: ScriptedEmbeddings, reply: dict[str, Any], says: str
) -> None:
    provider.play(Script(body=json.dumps(reply).encode()))

    error = refuse(provider)

    assert isinstance(error, TransientError)
    assert error.code == "embedding_malformed"
    assert says in error.detail


@pytest.mark.parametrize(
    ("status", "setting"),
    [
        (401, "LECTERN_EMBEDDING_KEY"),
        (403, "LECTERN_EMBEDDING_KEY"),
        (404, "LECTERN_EMBEDDING_MODEL"),
        (400, "LECTERN_EMBEDDING_MAX_TOKENS"),
    ],
)
def test_a_refusal_names_the_setting_and_is_not_repeated(
    provider: ScriptedEmbeddings, status: int, setting: str
) -> None:
    provider.play(Script(status=status, message=f"no: first text, {KEY}"))

    error = refuse(provider)

    assert isinstance(error, PermanentError)
    assert setting in error.detail
    assert len(provider.requests) == 1


def test_patience_beyond_the_deadline_is_the_callers_affair(provider: ScriptedEmbeddings) -> None:
    provider.play(Script(status=429, headers={"Retry-After": "60"}))

    error = refuse(provider)

    assert isinstance(error, RateLimited)
    assert error.retry_after_s == 60
    assert len(provider.requests) == 1


def test_lasting_trouble_is_given_up_after_a_few_tries(provider: ScriptedEmbeddings) -> None:
    provider.play(Script(status=500))

    error = refuse(provider)

    assert isinstance(error, TransientError)
    assert error.code == "embedding_unavailable"
    assert len(provider.requests) == 5


def test_a_slow_server_is_given_up_at_the_deadline(provider: ScriptedEmbeddings) -> None:
    provider.play(Script(wait_s=30))
    started = time.monotonic()

    error = refuse(provider, deadline_s=0.3)

    assert error.code == "embedding_timeout"
    assert time.monotonic() - started < 5


def test_a_server_that_is_never_silent_is_given_up_at_the_deadline() -> None:
    with dripping() as url:
        model = EndpointEmbedder(url=url, key=KEY, model="m", max_tokens=9, query_deadline_s=0.5)
        started = time.monotonic()

        with pytest.raises(TransientError) as caught:
            model.embed_query("a text")

    assert caught.value.code == "embedding_timeout"
    assert time.monotonic() - started < 3


def test_nobody_listening_is_transient_and_names_the_address(
    provider: ScriptedEmbeddings,
) -> None:
    url = "http://127.0.0.1:9/v1"  # the discard port, where nothing runs

    with pytest.raises(TransientError, match="LECTERN_EMBEDDING_URL") as caught:
        EndpointEmbedder(
            url=url, key=KEY, model="small", max_tokens=256, back_off_s=0.001
        ).embed_query("first text")

    assert caught.value.code == "embedding_unreachable"
    assert provider.requests == []


def test_a_password_in_the_address_is_not_shown(provider: ScriptedEmbeddings) -> None:
    provider.play(Script(status=404))
    url = provider.url.replace("http://", "http://ada:lovelace@")

    with pytest.raises(PermanentError, match=r"'http://127\.0\.0\.1:\d+/v1'") as caught:
        EndpointEmbedder(url=url, key=KEY, model="small", max_tokens=256).embed_query("a")

    assert "lovelace" not in str(caught.value)


def test_another_dimension_than_before_is_another_model(provider: ScriptedEmbeddings) -> None:
    model = connect(provider)
    model.embed_passages(TEXTS)
    provider.play(Script(dimensions=48))

    with pytest.raises(PermanentError, match="48 dimensions where it gave 32"):
        model.embed_passages(TEXTS)


def test_batches_are_bounded_by_count_and_by_tokens(provider: ScriptedEmbeddings) -> None:
    long = "word " * 4000
    model = connect(provider, max_tokens=8191)

    model.embed_passages(["short"] * 130)
    by_count = [len(request.texts) for request in provider.requests]
    provider.requests.clear()
    model.embed_passages([long] * 10)
    by_tokens = [len(request.texts) for request in provider.requests]

    assert by_count == [64, 64, 2]
    assert max(by_tokens) * model.count_tokens(long) <= 32_000
    assert sum(by_tokens) == 10


def test_texts_are_cut_and_never_empty(provider: ScriptedEmbeddings) -> None:
    model = connect(provider)

    model.embed_passages(["", "word " * 5000])

    nothing, long = provider.requests[0].texts
    assert nothing.strip()
    assert 0 < model.count_tokens(long) <= 256


def test_the_dimensions_cost_one_request(provider: ScriptedEmbeddings) -> None:
    model = connect(provider)

    assert model.dimensions == 32
    assert model.fingerprint.startswith("endpoint-")
    assert len(provider.requests) == 1


def test_a_repeated_query_costs_one_request(provider: ScriptedEmbeddings) -> None:
    model = connect(provider)

    first = model.embed_query("first text")
    second = model.embed_query("first text")

    assert len(provider.requests) == 1
    np.testing.assert_array_equal(first, second)
    assert not first.flags.writeable, "callers share it"


def test_the_fingerprint_tells_hosts_models_and_dimensions_apart(
    provider: ScriptedEmbeddings,
) -> None:
    def fingerprint(model: str, dimensions: int) -> str:
        provider.play(Script(dimensions=dimensions))
        return EndpointEmbedder(url=provider.url, key=KEY, model=model, max_tokens=99).fingerprint

    distinct = {fingerprint("small", 32), fingerprint("small", 48), fingerprint("large", 32)}

    assert len(distinct) == 3


def fingerprint(provider: ScriptedEmbeddings, **options: Any) -> str:
    return connect(provider, **options).fingerprint


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({"query_prefix": "query: "}, id="query prefix"),
        pytest.param({"passage_prefix": "passage: "}, id="passage prefix"),
        pytest.param({"asked_dimensions": 16}, id="dimensions"),
    ],
)
def test_what_changes_vectors_changes_the_fingerprint(
    provider: ScriptedEmbeddings, options: dict[str, Any]
) -> None:
    assert fingerprint(provider, **options) != fingerprint(provider)


def test_what_changes_no_vector_leaves_the_fingerprint(provider: ScriptedEmbeddings) -> None:
    options = {"max_tokens": 99, "deadline_s": 1.0, "asked_dimensions": 32}

    assert fingerprint(provider, **options) == fingerprint(provider)


@pytest.mark.parametrize(
    ("url", "path_counts", "place"),
    [
        ("https://API.example.com/v1/", True, "api.example.com"),
        ("http://me:secret@api.example.com:8080", True, "api.example.com:8080"),
        ("https://gateway.example.com/e5/v1", True, "gateway.example.com/e5/v1"),
        ("https://gateway.example.com/e5/v1", False, "gateway.example.com"),
    ],
)
def test_a_server_is_its_host_and_an_unusual_path(
    *, url: str, path_counts: bool, place: str
) -> None:
    assert endpoint_place(url, path_counts=path_counts) == place


def test_prefixes_stand_before_what_is_sent_and_count(provider: ScriptedEmbeddings) -> None:
    model = connect(provider, query_prefix="query: ", passage_prefix="passage: ", max_tokens=64)

    model.embed_passages(["first text", "", "word " * 500])
    model.embed_query("first text")

    short, nothing, long = provider.requests[0].texts
    assert (short, nothing) == ("passage: first text", "passage: .")
    assert long.startswith("passage: word word")
    assert model.count_tokens(long.removeprefix("passage: ")) <= 64
    assert provider.requests[1].texts == ["query: first text"]


def test_dimensions_are_asked_for_only_where_they_are_set(provider: ScriptedEmbeddings) -> None:
    shortened = connect(provider, asked_dimensions=16)

    assert shortened.embed_passages(TEXTS).shape == (3, 16)
    assert shortened.dimensions == 16
    connect(provider).embed_passages(TEXTS)
    assert [each.dimensions for each in provider.requests] == [16, 16, None]


def test_a_model_that_cannot_shorten_its_vectors_is_told_apart(
    provider: ScriptedEmbeddings,
) -> None:
    provider.play(Script(shortens=False))
    model = connect(provider, asked_dimensions=16, place=entry_place("Small"))

    with pytest.raises(PermanentError, match="the dimensions of entry 'Small'") as refused:
        model.embed_query("first text")

    assert refused.value.code == "embedding_dimensions"


def test_tokens_are_the_servers_count_else_an_estimate(provider: ScriptedEmbeddings) -> None:
    told: list[int] = []
    model = connect(provider)

    provider.play(Script(tokens=7))
    model.embed_passages_counted(TEXTS * 50, told.append)
    provider.play(Script(tokens=0))
    model.embed_passages_counted(["first text"], told.append)

    assert told == [7, 7, 7, estimate_tokens("first text")]


def test_a_query_that_was_kept_costs_nothing(provider: ScriptedEmbeddings) -> None:
    told: list[int] = []
    model = connect(provider)

    for _ in range(3):
        model.embed_query_counted("first text", told.append)

    assert told == [1]


def test_an_entry_of_the_registry_is_named_instead_of_the_environment(
    provider: ScriptedEmbeddings,
) -> None:
    for status in (401, 404, 400, 500):
        provider.play(Script(status=status))

        error = refuse(provider, place=entry_place("Small"))

        assert "'Small'" in error.detail
        assert "LECTERN_" not in error.detail


@pytest.mark.parametrize("missing", ["url", "model"])
def test_incomplete_settings_name_what_is_missing(missing: str) -> None:
    settings = {"url": "http://127.0.0.1:9/v1", "model": "small"} | {missing: ""}

    with pytest.raises(PermanentError, match=f"LECTERN_EMBEDDING_{missing.upper()} is empty"):
        EndpointEmbedder(key="", max_tokens=256, **settings)


def test_nothing_of_a_text_or_a_key_is_logged_at_info(
    provider: ScriptedEmbeddings, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)

    connect(provider).embed_passages(TEXTS)

    assert KEY not in caplog.text
    assert "first text" not in caplog.text
