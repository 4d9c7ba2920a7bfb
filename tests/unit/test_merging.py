"""Passages that follow each other, as one."""

from functions.answer.merging import merged
from functions.answer.provenance import place_of
from tests.provider.retrieve import passage

WORDS = "One two three. Four five six. Seven eight nine."
FIRST = passage(
    WORDS[:29], number=1, chunk_id="d1.1.0001.00004", char_start=100, char_end=129, relevance=0.5
)
SECOND = passage(
    WORDS[15:], number=1, chunk_id="d1.1.0001.00005", char_start=115, char_end=147, relevance=0.9
)
FAR = passage("Elsewhere.", number=1, chunk_id="d1.1.0001.00009", char_start=900, char_end=910)


def test_what_two_chunks_share_is_kept_once_and_the_best_gives_the_id() -> None:
    [far, joined] = merged([FAR, SECOND, FIRST])

    assert far == FAR
    assert joined.text == WORDS
    assert (joined.chunk_id, joined.relevance) == (SECOND.chunk_id, 0.9)
    assert (joined.char_start, joined.char_end) == (100, 147)


def test_places_of_a_joined_passage_are_those_of_its_chunks() -> None:
    second = SECOND.model_copy(
        update={
            "lines": [line.model_copy(update={"y0": 300.0, "y1": 310.0}) for line in SECOND.lines]
        }
    )

    [joined] = merged([FIRST, second])

    assert [joined.text[line.start : line.end] for line in joined.lines] == [
        WORDS[:29],
        WORDS[29:],
    ]
    _, [box] = place_of(joined, WORDS.index("Seven"), len(WORDS))
    assert box.y0 == 300


def test_three_in_a_row_become_one_whatever_their_order() -> None:
    third = passage(
        "Ten.", number=1, chunk_id="d1.1.0001.00006", char_start=148, char_end=152, relevance=0.1
    )

    [joined] = merged([FIRST, third, SECOND])

    assert joined.text == f"{WORDS}\nTen."


def test_only_text_of_one_page_and_heading_is_joined() -> None:
    others = [
        SECOND.model_copy(update=change)
        for change in (
            {"page_number": 2},
            {"heading_path": ["Other"]},
            {"kind": "table"},
            {"chunk_id": "d1.1.0002.00005"},
            {"chunk_id": "d1.2.0001.00005"},
            {"chunk_id": "d1.1.0001.00006"},
            {"text": "Something that overlaps in name only."},
        )
    ]

    assert all(merged([FIRST, other]) == [FIRST, other] for other in others)
