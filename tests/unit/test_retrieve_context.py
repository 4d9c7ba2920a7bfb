"""What the other hits of a document say for a hit."""

import pytest

from functions.retrieve.context import context_factors
from lectern.documents import Chunk
from lectern.index.rows import StoredChunk


def hit(document_id: str, text: str, *, ordinal: int = 0) -> StoredChunk:
    chunk = Chunk(
        chunk_id=f"{document_id}.1.0001.{ordinal:05d}",
        document_id=document_id,
        revision=1,
        part=1,
        ordinal=ordinal,
        page_number=1,
        text=text,
    )
    return StoredChunk(chunk, f"{document_id}.pdf")


def test_the_report_that_names_the_place_leads_those_that_look_alike() -> None:
    hits = [
        hit("a", "The probable cause was ice."),
        hit("b", "The probable cause was snow."),
        hit("b", "Location: Elyria, Ohio", ordinal=1),
    ]

    factors = context_factors(hits, ["probable", "cause", "elyria"])

    assert factors["b"] == 1
    assert 0.6 <= factors["a"] < 1


def test_a_single_document_is_left_as_it_is() -> None:
    assert context_factors([hit("a", "Pears.")], ["pears", "apples"]) == {"a": 1}


@pytest.mark.parametrize("terms", [[], ["absent"], ["없음"], ["a.b"]])
def test_terms_that_no_hit_holds_change_nothing(terms: list[str]) -> None:
    hits = [hit("a", "Pears."), hit("b", "Apples.")]

    assert context_factors(hits, terms) == {"a": 1, "b": 1}
    assert context_factors([], terms) == {}


def test_words_are_found_whole_and_pairs_of_characters_anywhere() -> None:
    hits = [hit("a", "An ISLAND."), hit("b", "The Land."), hit("c", "대통령의 임기")]

    assert context_factors(hits, ["land"])["b"] == 1 > context_factors(hits, ["land"])["a"]
    assert context_factors(hits, ["통령"])["c"] == 1 > context_factors(hits, ["통령"])["a"]
