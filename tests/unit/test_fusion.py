"""Fusing what two searches found."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.retrieve.fusion import (
    Signal,
    fuse,
    telling_terms,
    text_relevance,
    vector_relevance,
    vector_weight,
)

RELEVANCES = st.dictionaries(st.text("abcdef", min_size=1, max_size=2), st.floats(0, 1))


@given(RELEVANCES, RELEVANCES, st.randoms())
def test_the_order_of_the_hits_and_of_the_signals_does_not_matter(
    vector: Mapping[str, float], text: Mapping[str, float], random: object
) -> None:
    signals = [Signal("vector", 0.65, vector, 0.1), Signal("text", 0.35, text)]
    shuffled = []
    for signal in reversed(signals):
        entries = list(signal.relevances.items())
        random.shuffle(entries)  # type: ignore[attr-defined]
        shuffled.append(Signal(signal.name, signal.weight, dict(entries), signal.floor))

    fused = fuse(signals)

    assert fused == fuse(shuffled)
    assert {found.chunk_id for found in fused} == set(vector) | set(text)
    assert all(0 <= found.relevance <= 1 for found in fused)
    order = [(-found.relevance, found.chunk_id) for found in fused]
    assert order == sorted(order)


def test_a_chunk_that_one_search_missed_counts_with_what_it_may_have_there() -> None:
    vector = Signal("vector", 0.5, {"a": 0.8, "b": 0.4}, floor=0.4)
    text = Signal("text", 0.5, {"c": 0.6})

    fused = {found.chunk_id: found for found in fuse([vector, text])}

    assert fused["a"].relevance == pytest.approx(0.4)
    assert fused["c"].relevance == pytest.approx(0.5)
    assert fused["c"].relevances == {"text": 0.6}


def test_a_single_signal_has_all_the_weight() -> None:
    (found,) = fuse([Signal("text", 0.35, {"a": 0.7})])

    assert found.relevance == pytest.approx(0.7)
    assert fuse([]) == []


@pytest.mark.parametrize(
    ("cosine", "low", "high"),
    [(0.15, 0, 0), (0.34, 0.2, 0.3), (0.6, 0.7, 0.8), (0.9, 0.9, 0.99)],
)
def test_a_cosine_means_the_same_for_every_question(cosine: float, low: float, high: float) -> None:
    assert low <= vector_relevance(1 - cosine) <= high


def test_the_nearest_passages_keep_their_order() -> None:
    cosines = [0.7, 0.75, 0.8, 0.9, 1.0]

    relevances = [vector_relevance(1 - cosine) for cosine in cosines]

    assert relevances == sorted(set(relevances))
    assert text_relevance(90, telling=3, rows=50) < text_relevance(99, telling=3, rows=50) < 1


def test_a_word_in_common_is_not_yet_an_answer() -> None:
    assert text_relevance(0, telling=3, rows=1000) == 0
    assert text_relevance(7, telling=6, rows=1000) < 0.3
    assert text_relevance(36, telling=9, rows=1000) > 0.6
    assert text_relevance(8.5, telling=5, rows=12) > 0.6, "in a small collection"
    assert 0 < text_relevance(1e-9, telling=0, rows=1) < 1


def test_an_english_embedder_has_little_say_about_korean() -> None:
    english = vector_weight("How long is the warranty?", "offline/all-MiniLM-L6-v2")
    korean = vector_weight("보증 기간은?", "offline/all-MiniLM-L6-v2")
    mixed = vector_weight("GPU 서버", "offline/all-MiniLM-L6-v2")

    assert korean < 0.2 < mixed < english
    assert vector_weight("보증 기간은?", "text-embedding-3-small") == english
    assert vector_weight("42?", "offline/all-MiniLM-L6-v2") == korean


def test_half_of_the_pairs_of_characters_say_nothing() -> None:
    assert telling_terms(["half", "life"]) == 2
    assert telling_terms(["연차", "차는", "gpu", "м"]) == pytest.approx(2.8)
