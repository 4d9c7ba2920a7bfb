"""What holds for every chunk, whatever the page was."""

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.parse.blocks import Block, BlockKind, ReadPage
from functions.parse.chunking import Chunker, Draft
from lectern.documents import Line, Page
from lectern.tokens import estimate_tokens

BUDGET = 40

words = st.text(st.sampled_from("abcdefgh."), min_size=1, max_size=12)
texts = st.one_of(
    st.lists(words, min_size=1, max_size=60).map(" ".join),
    st.lists(
        st.sampled_from(["가나다라마.", "문장입니다!", "漢字文。", "終わり。"]), max_size=40
    ).map("".join),
    st.text(max_size=200),
)


@st.composite
def blocks(draw: st.DrawFn) -> Block:
    kind: BlockKind = draw(st.sampled_from(["heading", "text", "text", "list", "table", "figure"]))
    text = draw(texts)
    if kind == "heading":
        return Block(kind, text[:60], level=draw(st.integers(1, 4)))
    if kind == "table":
        width = draw(st.integers(1, 4))
        row = st.tuples(*[st.text(max_size=40)] * width)
        rows = tuple(draw(st.lists(row, max_size=12)))
        return Block(kind, text[:30], rows=rows, has_header=draw(st.booleans()))
    cuts = sorted(draw(st.lists(st.integers(0, len(text)), max_size=6)))
    lines = tuple(Line(a, b, 1.0, 2.0, 3.0, 4.0) for a, b in pairwise(cuts) if a < b)
    return Block(kind, text, lines=lines, image=b"png" if kind == "figure" else b"")


pages = st.lists(blocks(), max_size=12).map(lambda found: ReadPage(1, tuple(found)))


def chunked(page: ReadPage, budget: int = BUDGET) -> tuple[Page, list[Draft]]:
    return Chunker(chunk_tokens=budget).chunk(page)


def page_of(*found: Block) -> ReadPage:
    return ReadPage(1, found)


def squeezed(text: str) -> str:
    return "".join(text.split())


@given(pages)
def test_chunks_cover_the_page_in_order_without_gap_or_overlap(page: ReadPage) -> None:
    whole, drafts = chunked(page)

    position = 0
    for draft in drafts:
        assert draft.char_start >= position
        assert not whole.text[position : draft.char_start].strip()
        position = draft.char_end
    assert not whole.text[position:].strip()


@given(pages)
def test_a_text_chunk_is_its_span_of_the_page(page: ReadPage) -> None:
    whole, drafts = chunked(page)

    for draft in drafts:
        span = whole.text[draft.char_start : draft.char_end]
        assert draft.text == span if draft.kind == "text" else span in draft.text
        assert draft.text.strip()


@given(pages)
def test_no_chunk_exceeds_the_budget_with_its_headings(page: ReadPage) -> None:
    _, drafts = chunked(page)

    for draft in drafts:
        prefix = "\n".join(draft.heading_path)
        assert estimate_tokens(draft.text) + estimate_tokens(prefix) <= BUDGET


@given(pages)
def test_lines_point_at_what_they_hold(page: ReadPage) -> None:
    whole, drafts = chunked(page)

    for draft in drafts:
        for line in draft.lines:
            assert 0 <= line.start < line.end <= len(draft.text)
            assert draft.text[line.start : line.end] in whole.text


@given(pages)
def test_nothing_unprintable_passes(page: ReadPage) -> None:
    whole, drafts = chunked(page)

    for text in (whole.text, *(draft.text for draft in drafts)):
        text.encode()
        assert "\x00" not in text
        assert len(text.splitlines()) == text.count("\n") + (not text.endswith("\n") and bool(text))


@given(pages)
def test_equal_pages_give_equal_chunks(page: ReadPage) -> None:
    assert chunked(page) == chunked(page)


def test_headings_open_chunks_and_make_the_path() -> None:
    page = page_of(
        Block("heading", "Report", level=1),
        Block("heading", "Method", level=2),
        Block("text", "We measured."),
        Block("heading", "Results", level=2),
        Block("text", "It worked."),
    )

    _, drafts = chunked(page)

    assert [(d.heading_path, d.text) for d in drafts] == [
        (("Report", "Method"), "Report\n\nMethod\n\nWe measured."),
        (("Report", "Results"), "Results\n\nIt worked."),
    ]


def test_the_path_is_carried_to_the_next_page() -> None:
    chunker = Chunker(chunk_tokens=BUDGET, headings=[(1, "Book"), (2, "One")])
    chunker.chunk(page_of(Block("heading", "Two", level=2)))

    _, drafts = chunker.chunk(page_of(Block("text", "More.")))

    assert drafts[0].heading_path == ("Book", "Two")


@pytest.mark.parametrize(
    ("paragraph", "ends"),
    [
        pytest.param("The valve closes at nine bar. " * 8, ".", id="English"),
        pytest.param("밸브는 구 바에서 닫힌다. " * 8, "다.", id="Korean"),
        pytest.param("阀门在九巴时关闭。" * 12, "。", id="Chinese"),
    ],
)
def test_a_long_paragraph_is_cut_at_sentence_ends(paragraph: str, ends: str) -> None:
    _, drafts = chunked(page_of(Block("text", paragraph.strip())))

    assert len(drafts) > 1
    assert all(draft.text.endswith(ends) for draft in drafts)


def test_whole_paragraphs_are_packed_and_a_small_rest_is_balanced() -> None:
    paragraphs = [Block("text", f"Paragraph {n} has about ten tokens in it.") for n in range(5)]

    _, drafts = chunked(page_of(*paragraphs, Block("text", "End.")), budget=51)

    sizes = [estimate_tokens(draft.text) for draft in drafts]
    assert len(drafts) == 2
    assert min(sizes) > 51 / 4
    assert all(draft.text.startswith("Paragraph") for draft in drafts)


def test_a_long_table_is_cut_between_rows_and_repeats_its_header() -> None:
    rows = (("part", "size"), *((f"bolt {n}", str(n)) for n in range(30)))

    _, drafts = chunked(page_of(Block("table", "Table 1: Bolts", rows=rows)), budget=64)

    assert len(drafts) > 1
    assert drafts[0].text.startswith("Table 1: Bolts\n| part | size |\n| --- | --- |\n")
    assert all(d.text.startswith("| part | size |\n| --- | --- |\n| bolt") for d in drafts[1:])
    assert all(d.kind == "table" and d.text.endswith("|") for d in drafts)


def test_cells_cannot_break_out_of_their_table() -> None:
    rows = (("a", "b"), ("x | y", "line\nbreak \\"))

    whole, _ = chunked(page_of(Block("table", "", rows=rows)))

    assert whole.text.split("\n")[2] == "| x \\| y | line break \\\\ |"


def test_a_figure_chunk_has_its_caption_the_sentence_that_names_it_and_its_place() -> None:
    page = page_of(
        Block("text", "We look closer. As Figure 2 shows, it leaks. Then we stop."),
        Block("figure", "Figure 2: The valve", box=(1.0, 2.0, 3.0, 4.0), image=b"png"),  # type: ignore[arg-type]
    )

    _, drafts = chunked(page, budget=64)

    assert drafts[1].text == "Figure 2: The valve\n\nAs Figure 2 shows, it leaks."
    assert drafts[1].lines == (Line(0, 19, 1.0, 2.0, 3.0, 4.0),)
    assert drafts[1].figure is page.blocks[1]


@given(st.lists(texts, min_size=2, max_size=4))
def test_the_token_estimate_grows_with_the_text(parts: Sequence[str]) -> None:
    together = estimate_tokens("".join(parts))

    assert max(map(estimate_tokens, parts)) <= together <= sum(map(estimate_tokens, parts))


def test_a_block_that_closes_headings_begins_a_chunk_under_what_is_left_of_them() -> None:
    page = page_of(
        Block("heading", "Deck", level=1),
        Block("heading", "Notes", level=2),
        Block("text", "said"),
        Block("figure", "", image=b"png", closes=2),
        Block("text", "shown"),
        Block("list", "- elsewhere", closes=1),
    )

    _, drafts = chunked(page)

    assert [(draft.text.splitlines()[-1], draft.heading_path) for draft in drafts] == [
        ("said", ("Deck", "Notes")),
        ("shown", ("Deck",)),
        ("- elsewhere", ()),
    ]


def test_a_long_unbroken_string_is_cut_in_work_that_grows_with_its_length() -> None:
    def work(length: int) -> int:
        counted = 0

        def count(text: str) -> int:
            nonlocal counted
            counted += len(text)
            return estimate_tokens(text)

        page = page_of(Block("text", "0123456789abcdef" * (length // 16)))
        Chunker(chunk_tokens=BUDGET, estimator=lambda _: count).chunk(page)
        return counted

    assert work(128_000) < 20 * work(8_000)
