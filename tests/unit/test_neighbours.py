"""Widening passages by the chunks around them."""

from hypothesis import given
from hypothesis import strategies as st

from functions.retrieve.neighbours import joined, neighbour_ids, runs
from lectern.documents import Chunk, Line, chunk_id

PAGE = "one two three four five six seven eight nine ten eleven twelve"


def chunk(ordinal: int, start: int, end: int, **fields: object) -> Chunk:
    values = {
        "chunk_id": chunk_id("doc", 1, 1, ordinal),
        "document_id": "doc",
        "revision": 1,
        "part": 1,
        "ordinal": ordinal,
        "page_number": 1,
        "text": PAGE[start:end],
        "char_start": start,
        "char_end": end,
        "lines": (Line(0, end - start, start, 0, end, 10),),
    }
    return Chunk.model_validate(values | fields)


def by_id(*chunks: Chunk) -> dict[str, Chunk]:
    return {c.chunk_id: c for c in chunks}


def test_the_first_chunk_has_no_neighbour_before_it() -> None:
    assert neighbour_ids(chunk(0, 0, 7), 2) == [chunk_id("doc", 1, 1, n) for n in (1, 2)]
    assert neighbour_ids(chunk(3, 0, 7, kind="table"), 2) == ()


def test_another_heading_page_or_kind_ends_the_passage() -> None:
    found = chunk(1, 8, 18)
    heading = chunk(0, 0, 7, heading_path=("Other",))
    page = chunk(2, 19, 28, page_number=2)
    table = chunk(3, 29, 40, kind="table")

    (run,) = runs([found], by_id(heading, page, table), 2)

    assert joined(run) == found


def test_a_gap_in_the_ordinals_ends_the_passage() -> None:
    (run,) = runs([chunk(0, 0, 7)], by_id(chunk(2, 19, 28)), 2)

    assert [c.ordinal for c in run.chunks] == [0]


def test_what_two_chunks_share_is_kept_once() -> None:
    first, second = chunk(0, 0, 13), chunk(1, 8, 23)

    (run,) = runs([second], by_id(first), 1)
    whole = joined(run)

    assert whole.text == PAGE[0:23]
    assert (whole.char_start, whole.char_end) == (0, 23)
    assert [(line.start, line.end) for line in whole.lines] == [(0, 13), (13, 23)]


@given(
    st.lists(st.tuples(st.integers(0, 4), st.integers(1, 12)), min_size=1, max_size=5),
    st.lists(st.integers(0, 4), min_size=1, max_size=3, unique=True),
    st.integers(1, 3),
)
def test_every_run_reads_like_its_page(
    shape: list[tuple[int, int]], wanted: list[int], reach: int
) -> None:
    chunks, end = [], 0
    for ordinal, (overlap, length) in enumerate(shape):
        previous = chunks[-1].char_start + 1 if chunks else 0
        start = max(previous if chunks else 0, end - overlap)
        end = max(end, start + length)
        chunks.append(chunk(ordinal, start, end))
    found = [chunks[n % len(chunks)] for n in dict.fromkeys(n % len(chunks) for n in wanted)]

    result = runs(found, by_id(*chunks), reach)

    shown = [c.chunk_id for run in result for c in run.chunks]
    assert len(shown) == len(set(shown)), "no chunk is shown twice"
    assert [run.best for run in result] == sorted(run.best for run in result)
    for run in result:
        whole = joined(run)
        assert whole.text == PAGE[whole.char_start : whole.char_end]
        for line in whole.lines:
            assert 0 <= line.start < line.end <= len(whole.text)
