"""The parsed part as an object: what is written is what is read, and nothing else is."""

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from lectern.documents import Chunk, Line, Page
from lectern.errors import UnreadableDocument
from lectern.parts import ParsedPart, decode_part, encode_part

texts = st.text(st.characters(exclude_categories=["Cs"]))
pages = st.builds(
    Page, page_number=st.integers(1, 9), width=st.floats(0, 9999), label=texts, text=texts
)
lines = st.builds(Line, *[st.integers(0, 99)] * 2, *[st.floats(-99, 9999)] * 4)
chunks = st.builds(
    Chunk,
    chunk_id=texts,
    document_id=texts,
    revision=st.integers(1, 9),
    part=st.integers(1, 9),
    ordinal=st.integers(0, 9),
    page_number=st.integers(1, 9),
    text=texts,
    heading_path=st.lists(texts).map(tuple),
    lines=st.lists(lines).map(tuple),
)


@given(st.lists(pages), st.lists(chunks))
def test_a_part_comes_back_as_it_was_written(some: list[Page], more: list[Chunk]) -> None:
    data = encode_part(some, more)

    assert decode_part(data) == ParsedPart(tuple(some), tuple(more))
    assert encode_part(some, more) == data


def compressed(text: bytes) -> bytes:
    return zstandard.ZstdCompressor().compress(text)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"no zstandard", id="another format"),
        pytest.param(encode_part([Page(page_number=1)], [])[:-4], id="cut off"),
        pytest.param(compressed(b'{"chunk":{}}\n'), id="a field missing"),
        pytest.param(compressed(b"[1, 2]\n"), id="another shape"),
        pytest.param(compressed(b'{"page":{"page_number":0}}\n'), id="an impossible value"),
        pytest.param(compressed(bytes(300 << 20)), id="a bomb"),
    ],
)
def test_what_is_no_part_is_an_error_that_says_what_to_do(data: bytes) -> None:
    with pytest.raises(UnreadableDocument, match="reprocess") as caught:
        decode_part(data)

    assert caught.value.code == "damaged_part"
