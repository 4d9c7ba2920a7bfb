"""What every `Embedder` promises, run on the offline one and on one behind an endpoint."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from lectern.models import Embedder, embedder
from lectern.settings import Settings
from tests.provider.embeddings import ScriptedEmbeddings

TEXTS = [
    "The warranty covers defects in material for two years.",
    "a",
    "",
    " \n\t ",
    "보증 기간은 구매일로부터 이 년입니다.",
    "word " * 3000,
    "half a pair \ud83d and a null \x00",
    "The warranty covers defects in material for two years.",
]


@pytest.fixture(scope="module", params=["offline", "endpoint"])
def model(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Embedder]:
    home = tmp_path_factory.mktemp("home")
    if request.param == "offline":
        yield embedder(Settings(home=home))
        return
    with ScriptedEmbeddings(key="sk-test").running() as provider:
        yield embedder(
            Settings(
                home=home,
                embedder="endpoint",
                embedding_url=provider.url,
                embedding_key="sk-test",
                embedding_model="small",
                embedding_max_tokens=256,
            )
        )


def test_passages_become_one_unit_vector_each(model: Embedder) -> None:
    vectors = model.embed_passages(TEXTS)

    assert vectors.shape == (len(TEXTS), model.dimensions)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_vectors_come_in_the_order_of_the_texts(model: Embedder) -> None:
    forwards = model.embed_passages(TEXTS)
    backwards = model.embed_passages(TEXTS[::-1])

    np.testing.assert_allclose(forwards, backwards[::-1], atol=1e-5)


def test_a_texts_vector_does_not_depend_on_its_neighbours(model: Embedder) -> None:
    together = model.embed_passages(TEXTS)
    alone = np.concatenate([model.embed_passages([text]) for text in TEXTS])

    np.testing.assert_allclose(together, alone, atol=1e-5)


def test_a_query_is_embedded_like_a_passage(model: Embedder) -> None:
    (passage,) = model.embed_passages(["Who pays for the repair?"])

    query = model.embed_query("Who pays for the repair?")

    assert query.shape == (model.dimensions,)
    assert query.dtype == np.float32
    np.testing.assert_allclose(query, passage, atol=1e-5)
    np.testing.assert_array_equal(model.embed_query("Who pays for the repair?"), query)


def test_no_texts_give_no_vectors(model: Embedder) -> None:
    assert model.embed_passages([]).shape == (0, model.dimensions)


def test_texts_are_cut_at_the_limit(model: Embedder) -> None:
    long = "the same words again and again " * 400

    vectors = model.embed_passages([long, f"{long} and then something else entirely"])

    assert model.count_tokens(long) > model.max_tokens
    np.testing.assert_allclose(vectors[0], vectors[1], atol=1e-5)


def test_texts_about_the_same_are_nearer_than_others(model: Embedder) -> None:
    vectors = model.embed_passages(
        [
            "the dog sleeps in the garden",
            "the dog sleeps in the warm garden",
            "interest rates rose by half a point",
        ]
    )

    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2] + 0.2


def test_more_text_never_counts_fewer_tokens(model: Embedder) -> None:
    text = "Grüße aus 서울, 1,234.56 € — naïve café №7! 中文"

    counts = [model.count_tokens(text[:end]) for end in range(0, len(text), 8)]

    assert counts == sorted(counts)
    assert model.count_tokens("") <= 2


def test_many_threads_get_what_one_gets(model: Embedder) -> None:
    expected = model.embed_passages(TEXTS)

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda _: model.embed_passages(TEXTS), range(8)))

    for result in results:
        np.testing.assert_allclose(result, expected, atol=1e-5)


def test_the_fingerprint_is_short_stable_and_names_no_secret(model: Embedder) -> None:
    assert model.fingerprint == model.fingerprint
    assert 16 <= len(model.fingerprint) <= 64
    assert "sk-test" not in model.fingerprint
