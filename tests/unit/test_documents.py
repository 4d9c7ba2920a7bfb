import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lectern.documents import Chunk, Line, Page, chunk_id, new_id, safe_name, slug, upload_key
from lectern.errors import UnreadableDocument
from lectern.parts import decode_part, encode_part


@given(st.text(max_size=400))
def test_a_safe_name_is_one_path_component_of_bounded_length(name: str) -> None:
    safe = safe_name(name)

    assert safe
    assert "/" not in safe
    assert safe not in {".", ".."}
    assert len(safe.encode()) <= 200
    assert not any(unicodedata.category(character) == "Cc" for character in safe)


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("report.pdf", "report.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\kim\\보고서.docx", "보고서.docx"),
        ("a\x00b.txt", "a_b.txt"),
        ("...", "unnamed"),
        ("x" * 300 + ".pdf", "x" * 196 + ".pdf"),
    ],
)
def test_safe_names_keep_what_people_recognise(name: str, safe: str) -> None:
    assert safe_name(name) == safe


@given(st.text(max_size=100))
def test_a_slug_is_never_empty_and_safe_in_keys(name: str) -> None:
    assert slug(name)
    assert "/" not in slug(name)


def test_ids_are_unlike_each_other_and_keys_are_derived_from_them() -> None:
    first, second = new_id(), new_id()

    assert first != second
    assert chunk_id("d", 2, 3, 4) == "d.2.0003.00004"
    assert upload_key("c", "d", 2, "a/b.pdf") == "uploads/c/d/2/b.pdf"


def test_a_parsed_part_survives_encoding_with_every_odd_line_separator() -> None:
    text = "one\u2028two\u2029three\x85four\nfive"
    chunk = Chunk(
        chunk_id="d.1.0001.00000",
        document_id="d",
        revision=1,
        part=1,
        ordinal=0,
        page_number=3,
        text=text,
        heading_path=("1", "1.2"),
        char_end=len(text),
        lines=(Line(0, 3, 1.5, 2.5, 30.0, 12.0),),
    )
    page = Page(page_number=3, width=595.0, height=842.0, label="iii", text=text)

    part = decode_part(encode_part([page], [chunk]))

    assert part.pages == (page,)
    assert part.chunks == (chunk,)


@pytest.mark.parametrize("data", [b"", b"garbage", encode_part([Page(page_number=1)], [])[:-2]])
def test_a_damaged_part_is_a_clear_permanent_error(data: bytes) -> None:
    with pytest.raises(UnreadableDocument, match="reprocess"):
        decode_part(data)
