"""What exactly is embedded for a chunk."""

from functions.embed.passages import embedded_text, vector_digest
from lectern.documents import Chunk


def words(text: str) -> int:
    return len(text.split())


def embedded(text: str, *path: str, max_tokens: int = 100) -> str:
    chunk = Chunk(
        chunk_id="d.1.0001.00000",
        document_id="d",
        revision=1,
        part=1,
        ordinal=0,
        page_number=1,
        text=text,
        heading_path=path,
    )
    return embedded_text(chunk, max_tokens=max_tokens, count_tokens=words)


def test_headings_stand_on_lines_above_the_text() -> None:
    assert embedded("Two years.", "Terms", "Warranty") == "Terms\nWarranty\nTwo years."


def test_a_chunk_without_headings_is_its_text() -> None:
    assert embedded("Two years.") == "Two years."
    assert embedded("Two years.", " ", "") == "Two years."


def test_a_heading_that_begins_the_text_is_not_repeated() -> None:
    assert embedded("Warranty\nTwo years.", "Terms", "Warranty") == "Terms\nWarranty\nTwo years."


def test_outer_headings_go_before_the_text_is_cut() -> None:
    long = "one two three four"

    assert embedded(long, "Outer", "Inner", max_tokens=5) == f"Inner\n{long}"
    assert embedded(long, "Outer", "Inner", max_tokens=4) == long


def test_the_digest_covers_headings_and_embedder() -> None:
    text = embedded("Two years.", "Warranty")

    digests = {
        vector_digest(text, fingerprint="one"),
        vector_digest(text, fingerprint="two"),
        vector_digest("Two years.", fingerprint="one"),
    }

    assert len(digests) == 3
    assert vector_digest(text, fingerprint="one") in digests
