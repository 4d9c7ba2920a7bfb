"""The promise of a reader of pages, on Lectern's own and on the replies of services.

The replies about the sample handbook were written down in the services' own shapes: what Docling
Serve and Azure AI Document Intelligence answer about it, with their units and origins.
"""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from functions.parse.blocks import Block, ReadPage
from functions.parse.chunking import Chunker
from functions.parse.readers import pdf
from functions.parse.readers.pdf_engine import pymupdf
from functions.parse.readers.replies import azure, docling
from functions.parse.readers.replies.reading import Answer

ROOT = Path(__file__).resolve().parents[2]
HANDBOOK = ROOT / "samples" / "files" / "lectern-handbook.pdf"
REPLIES = Path(__file__).parent / "replies"

Read = Callable[..., Iterator[ReadPage]]
READERS: dict[str, Read] = {
    "builtin": pdf.read,
    "docling": partial(docling.read, answer=Answer(REPLIES / "handbook.docling.json")),
    "azure": partial(azure.read, answer=Answer(REPLIES / "handbook.azure.json")),
}


@pytest.fixture(params=READERS)
def pages(request: pytest.FixtureRequest) -> list[ReadPage]:
    return list(READERS[request.param](HANDBOOK, first_page=1, last_page=None))


def blocks(pages: list[ReadPage], *kinds: str) -> list[Block]:
    return [block for page in pages for block in page.blocks if block.kind in kinds]


def test_every_page_is_there_once_with_its_size_in_points(pages: list[ReadPage]) -> None:
    with pymupdf.open(HANDBOOK) as document:
        sizes = [(page.rect.width, page.rect.height) for page in document]

    assert [page.page_number for page in pages] == [1, 2, 3, 4, 5]
    assert [(page.width, page.height) for page in pages] == sizes


def test_boxes_lie_on_the_page_and_lines_in_their_text(pages: list[ReadPage]) -> None:
    for page in pages:
        for block in page.blocks:
            assert block.lines or block.kind == "table"
            for line in block.lines:
                assert 0 <= line.start < line.end <= len(block.text)
                assert block.text[line.start : line.end].strip()
            for box in (*(line.box for line in block.lines), *block.row_boxes):
                assert 0 <= box.x0 < box.x1 <= page.width
                assert 0 <= box.y0 < box.y1 <= page.height


def test_a_line_marks_the_words_that_it_says(pages: list[ReadPage]) -> None:
    """The words under a line's box in the document are those of its span: highlights are true."""
    with pymupdf.open(HANDBOOK) as document:
        for page in pages:
            for block in blocks([page], "heading", "text"):
                for line in block.lines:
                    shown = document[page.page_number - 1].get_textbox(pymupdf.Rect(*line.box))
                    said = "".join(block.text[line.start : line.end].split())
                    assert said in "".join(shown.split()).replace("ﬁ", "fi").replace("ﬀ", "ff")


def test_headings_stand_above_their_text(pages: list[ReadPage]) -> None:
    headings = blocks(pages, "heading")

    assert [block.text for block in headings] == [
        "The Lectern handbook",
        "Adding documents",
        "From upload to answer",
        "Limits",
        "Privacy and rights",
    ]
    assert all(block.level >= 1 for block in headings)
    assert all(page.blocks[0].kind == "heading" for page in pages)


def test_paragraphs_are_whole_and_in_reading_order(pages: list[ReadPage]) -> None:
    text = " ".join(" ".join(block.text.split()) for block in blocks([pages[1]], "text"))

    order = ["There are three ways", "Lectern reads PDF", "Adding a file again", "A scanned page"]
    assert [text.index(words) for words in order] == sorted(text.index(words) for words in order)
    assert "a collection of that name." in text


def test_a_table_has_rows_of_one_length_under_its_header(pages: list[ReadPage]) -> None:
    (table,) = blocks(pages, "table")

    assert table.has_header
    assert table.rows[0] == ("What", "Limit", "Beyond it")
    assert ("Memory of one part", "2 GiB", "the document fails with parse_memory") in table.rows
    assert len(table.rows) == len(table.row_boxes) == 6
    assert [box.y0 for box in table.row_boxes] == sorted(box.y0 for box in table.row_boxes)
    assert "Limits and what happens beyond them" in table.text


def test_nothing_is_said_twice_and_page_footers_are_left_out(pages: list[ReadPage]) -> None:
    text = "\n".join(block.text for page in pages for block in page.blocks)

    assert "Lectern handbook ·" not in text
    assert "parse_timeout" not in text  # a cell of the table, and only that
    assert text.count("Figure 1: The way of a document") == 1
    assert text.count("Table 1") == 1


def test_a_figure_is_cut_out_of_the_page(pages: list[ReadPage]) -> None:
    (figure,) = blocks(pages, "figure")

    assert figure.text.startswith("Figure 1: The way of a document from upload to answer")
    assert {"upload", "parse", "embed"} <= set(figure.text.split())
    assert figure.image_extension == "png"
    with pymupdf.open(stream=figure.image) as picture:
        assert picture[0].rect.width > picture[0].rect.height > 0


def test_chunks_are_spans_of_the_page_under_their_headings(pages: list[ReadPage]) -> None:
    chunker = Chunker(chunk_tokens=80)
    for page in pages:
        whole, drafts = chunker.chunk(page)
        assert drafts
        for draft in drafts:
            if draft.kind == "text":
                assert whole.text[draft.char_start : draft.char_end] == draft.text
            assert draft.lines
            assert draft.heading_path


@pytest.mark.parametrize("parser", READERS)
def test_reading_twice_gives_the_same(parser: str) -> None:
    first, second = (list(READERS[parser](HANDBOOK, first_page=1, last_page=None)) for _ in "ab")

    assert first == second


@pytest.mark.parametrize("parser", ["docling", "azure"])
def test_the_pages_of_a_part_have_the_numbers_they_have_in_the_document(parser: str) -> None:
    """Page 1 of a reply about pages 3 to 5 is page 3; what it says beyond them is not believed."""
    pages = list(READERS[parser](HANDBOOK, first_page=3, last_page=5))

    assert [page.page_number for page in pages] == [3, 4, 5]
    assert "The Lectern handbook" in pages[0].blocks[0].text
    assert not any("Privacy" in block.text for page in pages for block in page.blocks)
