"""Facts of real documents, written by others, found where they stand."""

import csv
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from functions.parse.assembly import Target, part_file
from functions.parse.blocks import ReadPage
from functions.parse.chunking import Chunker, Draft
from functions.parse.parsing import PRELOAD, Parsing
from functions.parse.readers import pdf
from functions.parse.readers.pdf_engine import pymupdf
from functions.parse.readers.replies import docling
from functions.parse.readers.replies.reading import Answer
from functions.parse.worker import Manner, PageRange, Source
from lectern.errors import LecternError
from lectern.parts import decode_part
from lectern.sandbox import Sandbox, scratch_folder

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"
PDFS = DATA / "pdf"

pytestmark = [
    pytest.mark.shared_data,
    pytest.mark.skipif(not DATA.is_dir(), reason="the real test material is not here"),
]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    sandbox = Sandbox(preload=PRELOAD, cpu_s=20, wall_s=60, memory_bytes=1 << 30)
    yield sandbox
    sandbox.close()


def squeezed(text: str) -> str:
    return "".join(text.split()).casefold()


def letters(text: str) -> str:
    return "".join(filter(str.isalnum, text)).casefold()


def chunks_of(name: str, first_page: int = 1, last_page: int | None = None) -> list[Draft]:
    chunker = Chunker(chunk_tokens=254)
    pages = pdf.read(PDFS / name, first_page=first_page, last_page=last_page)
    return [draft for page in pages for draft in chunker.chunk(page)[1]]


@pytest.mark.parametrize(
    ("name", "share"),
    [
        ("MultiColumn", 1.0),
        ("argentina_diputados_voting_record", 1.0),
        ("frx_2012_disclosure", 1.0),
        ("schools", 0.85),
        ("spanning_cells", 1.0),
        ("twotables", 0.9),
        ("us-020", 1.0),
    ],
)
def test_rows_of_tables_keep_their_cells_together(name: str, share: float) -> None:
    with (PDFS / "tabula" / "gold-csv" / f"{name}.csv").open(encoding="utf-8") as file:
        gold = [[squeezed(cell) for cell in row if cell.strip()] for row in csv.reader(file)]
    gold = [row for row in gold if len(row) > 1]
    rows = [
        {squeezed(cell) for cell in row}
        for page in pdf.read(PDFS / "tabula" / f"{name}.pdf")
        for block in page.blocks
        for row in block.rows
    ]

    found = [row for row in gold if any(cells.issuperset(row) for cells in rows)]

    assert len(found) >= share * len(gold) > 0


@pytest.mark.parametrize(
    ("name", "page_number", "heading", "words"),
    [
        (
            "docling/multi_page.pdf",
            1,
            "The Birth of Word Processing",
            "Patented in 1868 by Christopher Latham Sholes",
        ),
        (
            "docling/2305.03393v1-pg9.pdf",
            1,
            "5.1 Hyper Parameter Optimization",
            "We have chosen the PubTabNet data set to perform HPO",
        ),
        (
            "large/Regulation_Best_Interest_proposed_rule.pdf",
            12,
            "A. Background",
            "broker-dealers are subject to comprehensive regulation under the Exchange Act",
        ),
        ("ntsb/20080111X00041.pdf", 1, "Probable Cause and Findings", "Houston, TX"),
        ("us-agencies/DOL2022.pdf", 12, "Foreign Labor", "ETA will continue its efforts"),
    ],
)
def test_headings_and_passages_are_on_their_pages(
    name: str, page_number: int, heading: str, words: str
) -> None:
    drafts = chunks_of(name, page_number, page_number)

    assert any(heading in title for draft in drafts for title in draft.heading_path)
    assert any(words in " ".join(draft.text.split()) for draft in drafts)
    assert {draft.page_number for draft in drafts} == {page_number}


def test_two_columns_of_a_paper_are_not_mixed() -> None:
    text = " ".join(draft.text for draft in chunks_of("unstructured/multi-column-2p.pdf", 1, 1))

    assert "relies on efficient passage retrieval to select candidate contexts" in text
    assert "implemented using TF-IDF or BM25 (Robertson and Zaragoza, 2009), which" in text


def test_korean_law_is_read_by_its_articles() -> None:
    (path,) = (PDFS / "korean").glob("*19880225*")

    drafts = chunks_of(f"korean/{path.name}")

    text = " ".join(draft.text for draft in drafts)
    assert "대한민국은 민주공화국이다" in " ".join(text.split())


def test_every_hostile_file_ends_in_chunks_or_in_an_error_a_person_can_act_on(
    sandbox: Sandbox,
) -> None:
    parsing = Parsing(sandbox, Manner(254), chunks_per_part=256, most_chunk_tokens=lambda _: 254)
    files = sorted(path for path in (DATA / "hostile").rglob("*") if path.is_file())

    with ThreadPoolExecutor(4) as pool:
        outcomes = dict(
            zip(files, pool.map(lambda file: outcome(parsing, file), files), strict=True)
        )

    crashed = [
        file.name for file, code in outcomes.items() if code in {"parser_crashed", "no detail"}
    ]
    assert crashed == []
    assert len(files) > 100
    assert sum(code == "read" for code in outcomes.values()) > len(files) / 3


def outcome(parsing: Parsing, file: Path) -> str:
    source = Source(file, file.name, "")
    try:
        with scratch_folder("test") as folder:
            target = Target(folder, "c", "d", 1)
            facts = parsing.inspect(source)
            if facts.format == "pdf":
                parts = parsing.parse_range(source, target, PageRange(1, 1, facts.pages))
            else:
                parts = parsing.parse_whole(source, target)
            for part in parts:
                decode_part((folder / part_file(part.part)).read_bytes())
    except LecternError as error:
        return error.code if error.detail else "no detail"
    return "read"


def test_what_docling_itself_said_of_real_pdfs_is_read(tmp_path: Path) -> None:
    """Its own output for these files: headings, tables and lists stand where the words are."""
    found: dict[str, list[ReadPage]] = {}
    for gold in sorted((PDFS / "docling" / "gold-json").glob("*.json")):
        document = json.loads(gold.read_text(encoding="utf-8"))
        result = {"document": {"json_content": document}, "status": "success"}
        reply = tmp_path / gold.name
        reply.write_text(json.dumps(result), encoding="utf-8")
        source = PDFS / "docling" / f"{gold.stem}.pdf"
        pages = docling.read(source, first_page=1, last_page=None, answer=Answer(reply))
        found[gold.stem] = list(pages)

    headings = [b.text for page in found["multi_page"] for b in page.blocks if b.kind == "heading"]
    assert len(headings) == 11
    assert headings[2] == "The Birth of Word Processing (1960s - 1970s)"
    (table,) = [b for b in found["2305.03393v1-pg9"][0].blocks if b.kind == "table"]
    assert table.text.startswith("Table 1. HPO performed in OTSL and HTML representation")
    assert table.rows[0][:4] == ("# enc-layers", "# dec-layers", "Language", "TEDs simple")
    assert len(table.row_boxes) == len(table.rows) == 5
    assert [page.page_number for page in found["multi_page"]] == [1, 2, 3, 4, 5]
    marked = said = 0
    for name, pages in found.items():
        with pymupdf.open(PDFS / "docling" / f"{name}.pdf") as document:
            for page in pages:
                for line in (n for b in page.blocks if b.kind == "text" for n in b.lines):
                    assert 0 <= line.x0 < line.x1 <= page.width
                    assert 0 <= line.y0 < line.y1 <= page.height
                for block in (b for b in page.blocks if b.kind == "text"):
                    for line in block.lines:
                        shown = document[page.page_number - 1].get_textbox(pymupdf.Rect(*line.box))
                        words = letters(block.text[line.start : line.end])
                        said += 1
                        marked += words in letters(shown)
    assert marked > 0.95 * said > 50
