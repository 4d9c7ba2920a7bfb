"""The terms of full-text search."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lectern.index.terms import MAX_QUERY_TERMS, MAX_TERM_LENGTH, query_terms, terms


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("The Quick fox", ["the", "quick", "fox"], id="words"),
        pytest.param("문서를 검색", ["문서", "서를", "검색"], id="Korean"),
        pytest.param("文書を検索", ["文書", "書を", "を検", "検索"], id="Japanese"),
        pytest.param("北京市", ["北京", "京市"], id="Chinese"),
        pytest.param("水", ["水"], id="a single character"),
        pytest.param("ｶﾞｲﾄﾞ", ["ガイ", "イド"], id="half-width"),
        pytest.param("GPU서버 3대", ["gpu", "서버", "3", "대"], id="mixed"),
        pytest.param("Straße café", ["strasse", "café", "cafe"], id="accents"),
        pytest.param("X-1042", ["x", "1042", "x-1042"], id="identifier"),
        pytest.param("max_tokens", ["max", "tokens", "max_tokens"], id="snake case"),
        pytest.param("parseHTMLFile", ["parse", "html", "file", "parsehtmlfile"], id="camel case"),
        pytest.param("well-known", ["well", "known"], id="a hyphen is no identifier"),
        pytest.param("हिन्दी में", ["हिन्दी", "में"], id="Hindi keeps its signs"),
        pytest.param("… !? —", [], id="nothing"),
        pytest.param("a" * 200, ["a" * MAX_TERM_LENGTH], id="too long for a word"),
    ],
)
def test_terms_of_a_text(text: str, expected: list[str]) -> None:
    assert terms(text) == expected


def test_a_question_keeps_what_tells_it_from_others() -> None:
    assert query_terms("What is the half-life of the drug?") == ["half", "life", "drug"]
    assert query_terms("to be or not to be") == ["to", "be", "or", "not"]
    assert len(query_terms("".join(chr(0x4E00 + i) for i in range(2000)))) == MAX_QUERY_TERMS


@given(st.text())
def test_terms_are_repeatable_and_hold_no_space(text: str) -> None:
    found = terms(text)

    assert found == terms(text)
    assert all(term and not term.isspace() and " " not in term for term in found)


@given(
    st.text(st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3), min_size=2)
    | st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), min_size=2)
    | st.text(st.characters(min_codepoint=0x30A1, max_codepoint=0x30FA), min_size=2),
    st.data(),
)
def test_two_characters_in_a_row_are_always_found(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 2))
    end = data.draw(st.integers(start + 2, len(text)))

    assert set(query_terms(text[start:end])) & set(terms(f"앞 {text} 뒤"))
