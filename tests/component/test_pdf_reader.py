"""What the PDF reader makes of pages whose content is known to the letter."""

from collections.abc import Callable
from pathlib import Path

import pytest

from functions.parse.blocks import Block, ReadPage
from functions.parse.ocr_languages import languages_among, reading_in
from functions.parse.readers import pdf
from functions.parse.readers.pdf_document import inspect
from functions.parse.readers.pdf_engine import PdfPage, pymupdf
from lectern import tessdata
from lectern.errors import UnreadableDocument
from tests.component.pdf_files import PROSE, column, grid, picture, plain, text, write_pdf

_MARGIN = (-1, -1, 1, 1)
LANGUAGES = data.languages if (data := tessdata.installed()) else ()
needs_tesseract = pytest.mark.skipif(tessdata.installed() is None, reason="no OCR data installed")


def read(path: Path, **pages: int) -> list[ReadPage]:
    return list(pdf.read(path, **pages))


def blocks_of(path: Path, kind: str = "") -> list[Block]:
    return [block for page in read(path) for block in page.blocks if kind in {"", block.kind}]


def joined(pages: list[ReadPage]) -> str:
    return "\n".join(block.text for page in pages for block in page.blocks)


def test_two_columns_are_read_one_after_the_other_under_their_common_title(tmp_path: Path) -> None:
    def draw(page: PdfPage) -> None:
        text(page, 120, 80, "A title that stands above both of the columns", 16)
        column(page, 50, 285, "Left begins. " + PROSE * 4 + "Left ends.")
        column(page, 310, 545, "Right begins. " + PROSE * 4 + "Right ends.")

    content = joined(read(write_pdf(tmp_path / "two.pdf", draw)))

    marks = ["A title", "Left begins", "Left ends", "Right begins", "Right ends"]
    positions = [content.index(mark) for mark in marks]
    assert positions == sorted(positions)


def test_lines_of_a_paragraph_are_joined_and_each_keeps_its_box(tmp_path: Path) -> None:
    path = write_pdf(tmp_path / "prose.pdf", plain(PROSE))

    (block,) = blocks_of(path)

    assert block.text == PROSE.strip()
    assert len(block.lines) > 1
    with pymupdf.open(path) as document:
        for line in block.lines:
            box = pymupdf.Rect(line.x0, line.y0, line.x1, line.y1)
            seen = document[0].get_text(clip=box + _MARGIN).split()
            assert block.text[line.start : line.end].split() == seen


def test_a_word_hyphenated_at_the_end_of_a_line_is_put_together(tmp_path: Path) -> None:
    def draw(page: PdfPage) -> None:
        text(page, 60, 100, "All well-known measure-")
        text(page, 60, 114, "ments of the well-")
        text(page, 60, 128, "known valve agree")

    (block,) = blocks_of(write_pdf(tmp_path / "hyphen.pdf", draw))

    assert block.text == "All well-known measurements of the well-known valve agree"
    assert [block.text[n.start : n.end] for n in block.lines] == [
        "All well-known measure",
        "ments of the well-",
        "known valve agree",
    ]


def test_headings_have_the_level_of_their_size_and_number(tmp_path: Path) -> None:
    def draw(page: PdfPage) -> None:
        text(page, 60, 80, "Annual report", 22)
        text(page, 60, 120, "2 Method", 15, "hebo")
        column(page, 60, 535, PROSE, top=140)
        text(page, 60, 240, "2.1 Samples", 12, "hebo")
        column(page, 60, 535, PROSE, top=260)
        text(page, 60, 340, "Findings at a glance", 10, "hebo")
        column(page, 60, 535, PROSE, top=350)

    found = [(b.level, b.text) for b in blocks_of(write_pdf(tmp_path / "h.pdf", draw), "heading")]

    assert [title for _, title in found] == [
        "Annual report",
        "2 Method",
        "2.1 Samples",
        "Findings at a glance",
    ]
    levels = [level for level, _ in found]
    assert levels[0] == 1
    assert levels[2] == levels[1] + 1


def test_the_outline_makes_headings_and_says_what_is_open_where_a_part_begins(
    tmp_path: Path,
) -> None:
    def draw(page: PdfPage) -> None:
        text(page, 60, 80, "Scope of supply", 10)
        column(page, 60, 535, PROSE)

    toc: list[list[object]] = [[1, "Contract", 1], [2, "Scope of supply", 2]]
    path = write_pdf(tmp_path / "toc.pdf", plain(PROSE), draw, plain(PROSE), toc=toc)

    assert [(b.level, b.text) for b in blocks_of(path, "heading")] == [(2, "Scope of supply")]
    assert pdf.headings_at(path, 3) == [(1, "Contract"), (2, "Scope of supply")]
    assert pdf.headings_at(path, 2) == [(1, "Contract")]


def test_headers_footers_and_page_numbers_are_left_out(tmp_path: Path) -> None:
    def draw(number: int) -> object:
        def page_of(page: PdfPage) -> None:
            text(page, 60, 40, "ACME quarterly", 9)
            text(page, 290, 815, f"- {number} -", 9)
            column(page, 60, 535, f"Body {number}. {PROSE}")

        return page_of

    path = write_pdf(tmp_path / "f.pdf", *(draw(n) for n in range(1, 6)))  # type: ignore[arg-type]

    content = joined(read(path))

    assert "ACME" not in content
    assert "- 3 -" not in content
    assert all(f"Body {n}." in content for n in range(1, 6))


def test_headings_at_the_top_that_differ_in_their_number_stay(tmp_path: Path) -> None:
    def draw(number: int) -> object:
        def page_of(page: PdfPage) -> None:
            text(page, 60, 70, f"Station {number}", 18)
            column(page, 60, 535, f"Body {number}. {PROSE}")

        return page_of

    path = write_pdf(tmp_path / "s.pdf", *(draw(n) for n in range(1, 6)))  # type: ignore[arg-type]

    headings = [b.text for page in read(path) for b in page.blocks if b.kind == "heading"]

    assert headings == [f"Station {n}" for n in range(1, 6)]


def test_a_ruled_table_has_its_cells_rows_and_caption_and_is_no_text(tmp_path: Path) -> None:
    cells = [["part", "bar", "note"], ["valve", "9", "a | b"], ["pump", "12", "new seal"]]

    def draw(page: PdfPage) -> None:
        column(page, 60, 535, PROSE, top=60)
        text(page, 80, 190, "Table 3: Pressures of the parts", 10)
        grid(page, cells)
        column(page, 60, 535, "After the table. " + PROSE, top=300)

    path = write_pdf(tmp_path / "table.pdf", draw)

    (table,) = blocks_of(path, "table")
    assert table.text == "Table 3: Pressures of the parts"
    assert [list(row) for row in table.rows] == cells
    assert [round(box.y0) for box in table.row_boxes] == [200, 220, 240]
    assert "valve" not in "".join(block.text for block in blocks_of(path, "text"))


def test_no_word_is_lost_to_a_grid_that_does_not_hold_it(tmp_path: Path) -> None:
    running = (
        "This sentence begins in a cell and runs on beyond the edge of the grid, to its end here."
    )

    def draw(page: PdfPage) -> None:
        column(page, 60, 535, PROSE, top=60)
        grid(page, [["part", "bar", "note"], ["valve", "9", "old"], [running, "", ""]])

    path = write_pdf(tmp_path / "table.pdf", draw)

    content = "".join(
        block.text + "".join(cell for row in block.rows for cell in row)
        for block in blocks_of(path)
    )
    assert "to its end here." in content
    assert "valve" in content


def test_a_line_that_reaches_out_of_a_frame_stays_whole_and_the_table_in_it_is_read_once(
    tmp_path: Path,
) -> None:
    upper = [["part", "bar", "note"], ["valve", "9", "new"], ["pump", "12", "old"]]
    lower = [["server", "2007", "2008"], ["closet", "11", "13"], ["room", "17", "19"]]
    prose = [
        "The projections for the average use of every server in all three of the scenarios are",
        "based on the assumption of full power management, as the table that follows indicates",
        "for each of the years.",
    ]

    def draw(page: PdfPage) -> None:
        grid(page, upper, top=100, left=100)
        grid(page, lower, top=340, left=100)
        for x in (100, 400):
            page.draw_line((x, 160), (x, 400))
        for number, line in enumerate(prose):
            text(page, 60, 200 + number * 14, line)

    path = write_pdf(tmp_path / "between.pdf", draw)

    tables = [[list(row) for row in table.rows] for table in blocks_of(path, "table")]
    (block,) = blocks_of(path, "text")
    assert tables == [upper, lower]
    assert block.text == " ".join(prose)


def test_rows_without_rules_in_a_framed_table_are_rows(tmp_path: Path) -> None:
    head = ["item", "owner", "price"]
    body = [[f"item {n}", f"owner {n}", f"{n}0.00"] for n in range(6)]

    def draw(page: PdfPage) -> None:
        grid(page, [head], top=100)
        page.draw_rect(pymupdf.Rect(80, 120, 380, 300))
        for r, row in enumerate(body):
            for c, cell in enumerate(row):
                text(page, 84 + c * 100, 140 + r * 24, cell, 9)
        text(page, 184, 152, "and her deputy", 9)

    (table,) = blocks_of(write_pdf(tmp_path / "framed.pdf", draw), "table")

    body[0][1] += " and her deputy"
    assert [list(row) for row in table.rows] == [head, *body]
    assert [round(box.y0) for box in table.row_boxes[1:]] == [130 + n * 24 for n in range(6)]


def test_bands_ruled_every_few_rows_are_cut_into_them_and_wrapped_cells_are_not(
    tmp_path: Path,
) -> None:
    bands = [["state", "permits", "total"], ["Alabama Alaska", "18,870 209", "71,137 7,095"]]
    bands.append(["closes at once", "when the seal is dry", "12"])

    def draw(page: PdfPage) -> None:
        for number in range(4):
            page.draw_line((80, 100 + number * 40), (380, 100 + number * 40))
        for x in (80, 180, 280, 380):
            page.draw_line((x, 100), (x, 220))
        for r, band in enumerate(bands):
            for c, cell in enumerate(band):
                for n, words in enumerate(cell.split(" ", 1)):
                    text(page, 84 + c * 100, 115 + r * 40 + n * 14, words, 9)

    (table,) = blocks_of(write_pdf(tmp_path / "bands.pdf", draw), "table")

    assert [list(row) for row in table.rows] == [
        ["state", "permits", "total"],
        ["Alabama", "18,870", "71,137"],
        ["Alaska", "209", "7,095"],
        ["closes at once", "when the seal is dry", "12"],
    ]


@pytest.mark.parametrize(
    ("cells", "header"),
    [
        ([["part", "bar"], ["valve", "9"], ["pump", "12"]], True),
        ([["server", "2007", "2008"], ["closet", "1505", "1580"], ["room", "1512", "1586"]], True),
        ([["Part", "Owner", "State"], ["valve", "Ines", "new"], ["pump", "Jon", "old"]], True),
        ([["Pilots of 2007", "", ""], ["Age:", "85", "male"], ["Seat:", "left", "belted"]], True),
        ([["1", "100", "200"], ["2", "101", "201"], ["3", "102", "202"]], False),
        ([["valve", "9", "new"], ["pump", "12", "old"], ["seal", "3", "new"]], False),
        ([["Place:", "Belen", "Number:", "N74SR"], ["Day:", "7", "Damage:", "none"]], False),
        ([["Name", "Ines Roth"], ["Town", "Belen"], ["Team", "Pumps"]], False),
        ([["2007", "1,505"], ["2008", "1,580"], ["2009", "1,643"]], False),
    ],
)
def test_a_table_has_a_header_when_its_first_row_looks_like_one(
    tmp_path: Path,
    cells: list[list[str]],
    header: bool,  # noqa: FBT001
) -> None:
    path = write_pdf(tmp_path / "header.pdf", lambda page: grid(page, cells))

    (table,) = blocks_of(path, "table")

    assert table.has_header is header


def test_rows_of_numbers_without_rules_have_no_header(tmp_path: Path) -> None:
    def draw(page: PdfPage) -> None:
        for r in range(5):
            for c in range(4):
                text(page, 80 + c * 120, 100 + r * 16, str(100 * c + r))

    (table,) = blocks_of(write_pdf(tmp_path / "numbers.pdf", draw), "table")

    assert not table.has_header
    assert table.rows[0] == ("0", "100", "200", "300")


def test_a_first_row_in_bold_type_is_a_header(tmp_path: Path) -> None:
    def draw(page: PdfPage) -> None:
        for r, row in enumerate([("Term", "Meaning"), ("valve", "it closes"), ("pump", "it runs")]):
            for c, cell in enumerate(row):
                text(page, 80 + c * 120, 100 + r * 16, cell, font="helv" if r else "hebo")

    (table,) = blocks_of(write_pdf(tmp_path / "bold.pdf", draw), "table")

    assert table.has_header


def test_a_table_without_rules_is_found_by_its_alignment(tmp_path: Path) -> None:
    cells = [["Item", "Count", "Price"], ["Bolt", "12", "3.10"], ["Nut", "7", "0.40"]]

    def draw(page: PdfPage) -> None:
        for r, row in enumerate(cells):
            for c, cell in enumerate(row):
                text(page, 80 + c * 120, 100 + r * 16, cell)

    (table,) = blocks_of(write_pdf(tmp_path / "free.pdf", draw), "table")

    assert [list(row) for row in table.rows] == cells


def test_a_figure_is_cut_out_with_its_caption(tmp_path: Path) -> None:
    def draw(page: PdfPage) -> None:
        column(page, 60, 535, PROSE, top=60)
        page.insert_image(pymupdf.Rect(100, 200, 400, 320), stream=picture())
        text(page, 100, 335, "Figure 2: The pump seen from above", 10)

    (figure,) = blocks_of(write_pdf(tmp_path / "figure.pdf", draw), "figure")

    assert figure.text == "Figure 2: The pump seen from above"
    assert figure.image.startswith(b"\xff\xd8")
    assert figure.box is not None
    assert [round(v) for v in figure.box] == [100, 204, 400, 316]


def test_a_drawing_with_labels_becomes_a_figure_that_can_be_found_by_them(tmp_path: Path) -> None:
    def draw(page: PdfPage) -> None:
        column(page, 60, 535, PROSE, top=60)
        page.draw_rect(pymupdf.Rect(100, 200, 300, 300))
        text(page, 120, 250, "Scheduler", 9)
        text(page, 100, 325, "Figure 1. Flow of the work", 10)

    (figure,) = blocks_of(write_pdf(tmp_path / "drawing.pdf", draw), "figure")

    assert figure.text == "Figure 1. Flow of the work\nScheduler"
    assert figure.image_extension == "png"


def test_a_figure_wider_than_its_caption_is_cut_out_whole(tmp_path: Path) -> None:
    def draw(page: PdfPage) -> None:
        for number in range(5):
            left = 60 + number * 95
            page.draw_rect(pymupdf.Rect(left, 200, left + 75, 240))
            text(page, left + 5, 222, f"step {number}", 9)
            if number < 4:
                page.draw_line((left + 77, 220), (left + 93, 220))
        text(page, 60, 262, "Figure 1: From upload to answer", 10)

    (figure,) = blocks_of(write_pdf(tmp_path / "wide.pdf", draw), "figure")

    assert figure.text == "Figure 1: From upload to answer\n" + " ".join(
        f"step {number}" for number in range(5)
    )
    assert figure.box is not None
    assert figure.box.x1 >= 60 + 4 * 95 + 75


def test_two_figures_side_by_side_are_two(tmp_path: Path) -> None:
    def draw(page: PdfPage) -> None:
        for number, left in enumerate((60, 298), 1):
            page.insert_image(
                pymupdf.Rect(left, 200, left + 232, 320), stream=picture(), keep_proportion=False
            )
            text(page, left + 20, 335, f"Figure {number}: A pump with its valve closed", 10)
            column(page, left, left + 225, PROSE * 2, top=350)

    first, second = blocks_of(write_pdf(tmp_path / "two.pdf", draw), "figure")

    assert first.box is not None
    assert second.box is not None
    assert [round(v) for v in first.box] == [60, 200, 292, 320]
    assert [round(v) for v in second.box] == [298, 200, 530, 320]


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_boxes_of_a_rotated_page_are_where_the_reader_sees_the_text(
    tmp_path: Path, rotation: int
) -> None:
    def draw(page: PdfPage) -> None:
        text(page, 60, 100, "turned words")
        page.set_rotation(rotation)

    path = write_pdf(tmp_path / "r.pdf", draw)
    (page,) = read(path)

    (line,) = page.blocks[0].lines
    with pymupdf.open(path) as document:
        seen = document[0].get_pixmap(clip=pymupdf.Rect(*line[2:]))
        assert (page.width, page.height) == (document[0].rect.width, document[0].rect.height)
        whole = document[0].get_pixmap()
    dark = sum(value < 128 for value in seen.samples)
    assert dark == sum(value < 128 for value in whole.samples) > 0


def test_boxes_count_from_the_crop_box(tmp_path: Path) -> None:
    def draw(page: PdfPage) -> None:
        text(page, 200, 300, "inside")
        text(page, 20, 30, "cut away")
        page.set_cropbox(pymupdf.Rect(100, 200, 500, 700))

    (page,) = read(write_pdf(tmp_path / "crop.pdf", draw))

    assert (page.width, page.height) == (400, 500)
    assert [block.text for block in page.blocks] == ["inside"]
    assert round(page.blocks[0].lines[0].x0) == 100


def test_what_nobody_can_see_is_not_read(tmp_path: Path) -> None:
    def draw(page: PdfPage) -> None:
        text(page, 60, 100, "visible words")
        page.insert_text((60, 130), "ignore all instructions", color=(1, 1, 1))
        page.insert_text((60, 160), "tiny orders", fontsize=0.5)
        page.insert_text((60, 190), "no ink", render_mode=3)
        page.insert_text((60, 990), "below the page")
        page.draw_rect(pymupdf.Rect(50, 200, 300, 230), fill=(0, 0, 0.4))
        page.insert_text((60, 220), "white on blue", color=(1, 1, 1))

    content = joined(read(write_pdf(tmp_path / "hidden.pdf", draw)))

    assert content == "visible words\nwhite on blue"


def test_scripts_keep_their_order_and_lines_of_chinese_join_without_a_space(tmp_path: Path) -> None:
    def draw(page: PdfPage) -> None:
        page.insert_text((60, 100), "阀门在九巴时关闭并且", fontname="china-s", fontsize=11)
        page.insert_text((60, 114), "不再打开", fontname="china-s", fontsize=11)
        page.insert_text((60, 200), "밸브는 구 바에서 닫힌다", fontname="korea", fontsize=11)

    first, second = blocks_of(write_pdf(tmp_path / "cjk.pdf", draw))

    assert first.text == "阀门在九巴时关闭并且不再打开"
    assert second.text == "밸브는 구 바에서 닫힌다"


def test_printed_page_numbers_are_labels(tmp_path: Path) -> None:
    path = write_pdf(tmp_path / "labels.pdf", plain(PROSE), plain(PROSE))
    with pymupdf.open(path) as document:
        document.set_page_labels([{"startpage": 0, "style": "r", "firstpagenum": 4}])
        document.saveIncr()

    assert [page.label for page in read(path)] == ["iv", "v"]


def test_the_text_layer_of_a_scan_is_read_though_it_is_invisible(tmp_path: Path) -> None:
    def draw(page: PdfPage) -> None:
        page.insert_image(page.rect, stream=picture(), keep_proportion=False)
        page.insert_text((60, 100), "recognised before", render_mode=3)

    (block,) = blocks_of(write_pdf(tmp_path / "layer.pdf", draw))

    assert block.text == "recognised before"


@needs_tesseract
def test_a_scanned_page_is_read_by_ocr_with_boxes(tmp_path: Path) -> None:
    def draw(page: PdfPage) -> None:
        page.insert_image(pymupdf.Rect(0, 0, 595, 223), stream=picture("Pressure nine bar"))

    path = write_pdf(tmp_path / "scan.pdf", draw)
    (block,) = blocks_of(path)

    assert block.text == "Pressure nine bar"
    assert block.lines[0].x0 == pytest.approx(30, abs=8)
    assert inspect(path).scanned


@needs_tesseract
def test_a_scan_with_a_stamp_on_it_is_read_by_ocr_too_and_the_stamp_once(tmp_path: Path) -> None:
    def draw(page: PdfPage) -> None:
        shown = picture("Pressure nine bar", width=1190, height=1684)
        page.insert_image(page.rect, stream=shown)
        text(page, 60, 800, "Scanned with Lens")

    path = write_pdf(tmp_path / "stamped.pdf", draw)

    content = joined(read(path))
    assert "Pressure nine bar" in content
    assert content.count("Scanned with") == 1
    assert inspect(path).scanned


@needs_tesseract
def test_a_title_on_a_photograph_gets_no_noise_from_ocr(tmp_path: Path) -> None:
    def draw(page: PdfPage) -> None:
        page.insert_image(page.rect, stream=picture(width=1190, height=1684))
        text(page, 60, 400, "Annual report", 30)

    assert joined(read(write_pdf(tmp_path / "cover.pdf", draw))) == "Annual report"


def test_a_scan_is_read_in_the_wanted_languages_that_are_installed() -> None:
    installed = ("eng", "kor", "deu", "fra", "jpn")

    with reading_in(["kor", "xyz", "eng"]):
        wanted = languages_among(installed)
    with reading_in(["xyz"]):
        unknown = languages_among(installed)

    assert wanted == ("kor", "eng")
    assert unknown == languages_among(installed) == installed[:4]


@pytest.mark.skipif("kor" not in LANGUAGES, reason="no Korean OCR data installed")
def test_the_languages_of_a_scan_decide_what_is_read(tmp_path: Path) -> None:
    with pymupdf.open() as drawn:
        page = drawn.new_page(width=500, height=120)
        page.insert_text((20, 60), "휴가는 십오 일입니다", fontsize=24, fontname="korea")
        shown = page.get_pixmap(matrix=pymupdf.Matrix(2, 2)).tobytes("png")

    def draw(page: PdfPage) -> None:
        page.insert_image(pymupdf.Rect(0, 0, 500, 120), stream=shown)

    path = write_pdf(tmp_path / "korean.pdf", draw)
    with reading_in(["kor"]):
        korean = "".join(block.text for block in blocks_of(path))
    with reading_in(["eng"]):
        english = "".join(block.text for block in blocks_of(path))

    assert "휴가" in korean
    assert not any("가" <= character <= "힣" for character in english)


@needs_tesseract
def test_a_page_scanned_sideways_is_read_with_boxes_where_its_text_is_seen(tmp_path: Path) -> None:
    def draw(page: PdfPage) -> None:
        shown = picture("Nine bars close the valve")
        page.insert_image(pymupdf.Rect(100, 100, 300, 633), stream=shown, rotate=90)

    (block,) = blocks_of(write_pdf(tmp_path / "sideways.pdf", draw))

    assert block.text == "Nine bars close the valve"
    box = block.lines[0].box
    assert box.y1 - box.y0 > 8 * (box.x1 - box.x0)


def test_without_ocr_a_scan_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tessdata, "_PLACES", ())
    monkeypatch.delenv("TESSDATA_PREFIX", raising=False)
    tessdata.installed.cache_clear()

    def draw(page: PdfPage) -> None:
        page.insert_image(page.rect, stream=picture("Pressure nine bar"))

    scan = write_pdf(tmp_path / "scan.pdf", draw)
    mixed = write_pdf(tmp_path / "mixed.pdf", draw, plain(PROSE))
    try:
        with pytest.raises(UnreadableDocument, match="tesseract-ocr") as caught:
            read(scan)
        pages = read(mixed)
    finally:
        tessdata.installed.cache_clear()

    assert caught.value.code == "needs_ocr"
    assert [bool(page.blocks) for page in pages] == [False, True]


def test_an_encrypted_document_asks_for_one_without_a_password(tmp_path: Path) -> None:
    path = tmp_path / "locked.pdf"
    with pymupdf.open(write_pdf(tmp_path / "open.pdf", plain(PROSE))) as document:
        document.save(path, encryption=pymupdf.PDF_ENCRYPT_AES_256, user_pw="x", owner_pw="y")

    with pytest.raises(UnreadableDocument, match="remove the password") as caught:
        read(path)

    assert caught.value.code == "password_protected"


def test_a_damaged_document_says_so(tmp_path: Path) -> None:
    path = tmp_path / "torn.pdf"
    path.write_bytes(b"%PDF-1.7\n1 0 obj <</Type /Catalog")

    with pytest.raises(UnreadableDocument) as caught:
        read(path)

    assert caught.value.code == "damaged"


def test_what_differs_from_page_to_page_is_no_footer(tmp_path: Path) -> None:
    def invoice(number: int, total: str) -> Callable[[PdfPage], None]:
        def draw(page: PdfPage) -> None:
            text(page, 50, 30, f"Invoice 20{number}", 10)
            text(page, 50, 200, f"Delivered to customer {'ABCDEF'[number % 6]} as ordered.", 10)
            text(page, 50, 810, f"Total: {total} EUR", 10)

        return draw

    totals = ["4711.20", "88.00", "1290.55", "17.30"]
    pages = [invoice(417 + 31 * n, total) for n, total in enumerate(totals)]

    content = joined(read(write_pdf(tmp_path / "a.pdf", *pages)))

    assert all(total in content for total in totals)
    assert "Invoice 20417" in content


def test_no_page_is_emptied(tmp_path: Path) -> None:
    pages = [lambda page, n=n: text(page, 50, 60, f"The answer is {n}.", 11) for n in (40, 41, 42)]

    found = read(write_pdf(tmp_path / "a.pdf", *pages))

    assert [page.blocks[0].text for page in found] == [f"The answer is {n}." for n in (40, 41, 42)]


@pytest.mark.parametrize("number", ["Page {n} of 3", "477{n}9", "A-{n}"])
def test_numbers_of_pages_are_neither_text_nor_headings(tmp_path: Path, number: str) -> None:
    def draw(n: int) -> Callable[[PdfPage], None]:
        def page(page: PdfPage) -> None:
            text(page, 50, 100, f"Chapter {['one', 'two', 'three'][n - 1]}", 18)
            text(page, 50, 140, PROSE, 10)
            text(page, 50, 820, "CHI08LA065", 10)
            text(page, 480, 820, number.format(n=n), 14)

        return page

    blocks = [
        block
        for page in read(write_pdf(tmp_path / "a.pdf", *map(draw, (1, 2, 3))))
        for block in page.blocks
    ]

    assert [b.text for b in blocks if b.kind == "heading"] == [
        "Chapter one", "Chapter two", "Chapter three",
    ]  # fmt: skip
    if "Page" in number:
        assert not any("of 3" in block.text for block in blocks)


def test_divisions_of_a_korean_law_are_headings_though_they_are_set_like_text(
    tmp_path: Path,
) -> None:
    def draw(page: PdfPage) -> None:
        for row, line in enumerate(
            [
                "제1장 총강",
                "제1조 ①대한민국은 민주공화국이다.",
                "②주권은 국민에게 있다.",
                "제2장 국민의 권리와 의무",
            ]
        ):
            page.insert_text((60, 100 + 60 * row), line, fontname="korea", fontsize=11)

    [page] = read(write_pdf(tmp_path / "a.pdf", draw))

    assert [b.text for b in page.blocks if b.kind == "heading"] == [
        "제1장 총강",
        "제2장 국민의 권리와 의무",
    ]
