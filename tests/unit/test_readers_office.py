"""Word, PowerPoint, Excel and OpenDocument files, made by their libraries or by hand."""

import datetime as dt
import io
import zipfile
from pathlib import Path

import docx
import openpyxl
import pptx
import pytest
from docx.enum.text import WD_BREAK
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from openpyxl.chart import BarChart
from PIL import Image
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches

from functions.parse.blocks import ReadPage
from functions.parse.chunking import Chunker
from functions.parse.detect import reader_for
from functions.parse.readers.docx import merged_rows
from lectern.errors import LecternError, TooLarge, UnreadableDocument


def pages_of(path: Path) -> list[ReadPage]:
    _, read = reader_for(path, path.name)
    return list(read(path, first_page=1, last_page=None))


def shapes(page: ReadPage) -> list[tuple[str, int, str]]:
    return [(block.kind, block.level, block.text) for block in page.blocks]


def png() -> io.BytesIO:
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(buffer, "PNG")
    buffer.seek(0)
    return buffer


def saved(document: "docx.document.Document", folder: Path) -> Path:
    path = folder / "a.docx"
    document.save(str(path))
    return path


def test_word_gives_headings_paragraphs_lists_and_tables_in_order(tmp_path: Path) -> None:
    document = docx.Document()
    document.add_heading("One", 1)
    document.add_paragraph("Words.")
    document.add_paragraph("first", style="List Bullet")
    document.add_paragraph("second", style="List Number")
    table = document.add_table(2, 2)
    for cell, text in zip(table._cells, ["a", "b", "1", "2"], strict=True):
        cell.text = text
    document.add_heading("Two", 2)

    (page,) = pages_of(saved(document, tmp_path))

    assert shapes(page) == [
        ("heading", 1, "One"),
        ("text", 0, "Words."),
        ("list", 0, "- first\n1. second"),
        ("table", 0, ""),
        ("heading", 2, "Two"),
    ]
    assert page.blocks[3].rows == (("a", "b"), ("1", "2"))


def test_word_repeats_merged_cells_in_every_field_they_cover(tmp_path: Path) -> None:
    document = docx.Document()
    table = document.add_table(3, 3)
    for number, cell in enumerate(table._cells):
        cell.text = str(number)
    table.cell(0, 0).merge(table.cell(0, 1)).text = "wide"
    table.cell(1, 2).merge(table.cell(2, 2)).text = "high"

    (page,) = pages_of(saved(document, tmp_path))

    assert page.blocks[0].rows == (("wide", "wide", "2"), ("3", "4", "high"), ("6", "7", "high"))


@pytest.mark.parametrize("name", ["제목 2", "개요 2", "Überschrift 2", "見出し 2", "heading 2"])
def test_word_headings_are_known_by_localised_style_names(tmp_path: Path, name: str) -> None:
    document = docx.Document()
    style = document.styles.add_style("custom", 1)
    style.element.find(qn("w:name")).set(qn("w:val"), name)
    document.add_paragraph("Section", style=style)

    (page,) = pages_of(saved(document, tmp_path))

    assert shapes(page) == [("heading", 2, "Section")]


def test_word_headings_are_known_by_outline_level_alone(tmp_path: Path) -> None:
    document = docx.Document()
    paragraph = document.add_paragraph("Section")
    level = OxmlElement("w:outlineLvl")
    level.set(qn("w:val"), "2")
    paragraph._p.get_or_add_pPr().append(level)

    (page,) = pages_of(saved(document, tmp_path))

    assert shapes(page) == [("heading", 3, "Section")]


def test_word_pages_follow_explicit_breaks(tmp_path: Path) -> None:
    document = docx.Document()
    document.add_paragraph("one").add_run().add_break(WD_BREAK.PAGE)
    document.add_paragraph("two")

    pages = pages_of(saved(document, tmp_path))

    assert [(page.page_number, page.blocks[0].text) for page in pages] == [(1, "one"), (2, "two")]


def test_word_pages_follow_the_marks_of_the_last_rendering(tmp_path: Path) -> None:
    document = docx.Document()
    document.add_paragraph("one")
    run = document.add_paragraph().add_run()
    run._r.append(OxmlElement("w:lastRenderedPageBreak"))
    run.add_text("two")

    pages = pages_of(saved(document, tmp_path))

    assert [page.blocks[0].text for page in pages] == ["one", "two"]


def test_word_pictures_are_figures_with_their_captions(tmp_path: Path) -> None:
    document = docx.Document()
    document.add_picture(png())
    document.add_paragraph("Figure 1: red", style="Caption")

    (page,) = pages_of(saved(document, tmp_path))

    (figure,) = page.blocks
    assert (figure.kind, figure.text, figure.image_extension) == ("figure", "Figure 1: red", "png")
    assert figure.image.startswith(b"\x89PNG")


def test_word_reads_content_controls_and_text_boxes_once_and_no_deleted_text(
    tmp_path: Path,
) -> None:
    document = docx.Document()
    body = document.element.body
    body.insert(
        0,
        parse_xml(
            f"<w:sdt {nsdecls('w')}><w:sdtContent><w:p><w:r><w:t>control</w:t></w:r></w:p>"
            "</w:sdtContent></w:sdt>"
        ),
    )
    body.insert(
        1,
        parse_xml(
            f"<w:p {nsdecls('w')} xmlns:mc='http://schemas.openxmlformats.org/markup-compatibility"
            "/2006'><w:del><w:r><w:delText>gone</w:delText></w:r></w:del><w:r><w:t>kept</w:t></w:r>"
            "<w:r><mc:AlternateContent><mc:Choice Requires='wps'><w:drawing><w:txbxContent><w:p>"
            "<w:r><w:t>box</w:t></w:r></w:p></w:txbxContent></w:drawing></mc:Choice><mc:Fallback>"
            "<w:pict><w:txbxContent><w:p><w:r><w:t>box</w:t></w:r></w:p></w:txbxContent></w:pict>"
            "</mc:Fallback></mc:AlternateContent></w:r></w:p>"
        ),
    )

    (page,) = pages_of(saved(document, tmp_path))

    assert [block.text for block in page.blocks] == ["control", "kept", "box"]


W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def minimal_docx(folder: Path, body: str, **parts: str) -> Path:
    path = folder / "a.docx"
    relations = "".join(
        f'<Relationship Id="r{n}" Type="{R}/{name}" Target="{name}.xml"/>'
        for n, name in enumerate(parts)
    )
    wrap = "<Relationships xmlns='x'>{}</Relationships>".format
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("[Content_Types].xml", "<Types/>")
        main = f'<Relationship Id="r" Type="{R}/officeDocument" Target="word/document.xml"/>'
        package.writestr("_rels/.rels", wrap(main))
        package.writestr("word/_rels/document.xml.rels", wrap(relations))
        package.writestr(
            "word/document.xml",
            f'<w:document xmlns:w="{W}"><w:body>{body}</w:body></w:document>',
        )
        for name, content in parts.items():
            package.writestr(f"word/{name}.xml", content)
    return path


def test_word_footnotes_stand_at_the_end_of_their_page(tmp_path: Path) -> None:
    path = minimal_docx(
        tmp_path,
        '<w:p><w:r><w:t>Claim</w:t></w:r><w:r><w:footnoteReference w:id="2"/></w:r></w:p>'
        '<w:p><w:r><w:br w:type="page"/></w:r><w:r><w:t>Next</w:t></w:r></w:p>',
        footnotes=f'<w:footnotes xmlns:w="{W}"><w:footnote w:id="2"><w:p><w:r><w:t>Source</w:t>'
        "</w:r></w:p></w:footnote></w:footnotes>",
    )

    first, second = pages_of(path)

    assert [block.text for block in first.blocks] == ["Claim[2]", "[2] Source"]
    assert [block.text for block in second.blocks] == ["Next"]


def test_word_writes_the_numbers_that_word_shows(tmp_path: Path) -> None:
    item = (
        '<w:p><w:pPr><w:numPr><w:ilvl w:val="{}"/><w:numId w:val="1"/></w:numPr></w:pPr>'
        "<w:r><w:t>{}</w:t></w:r></w:p>"
    )
    level = (
        '<w:lvl w:ilvl="{}"><w:start w:val="1"/><w:numFmt w:val="{}"/><w:lvlText w:val="{}"/>'
        "</w:lvl>"
    )
    path = minimal_docx(
        tmp_path,
        item.format(0, "purpose") + item.format(1, "sub") + item.format(0, "terms"),
        numbering=f'<w:numbering xmlns:w="{W}"><w:abstractNum w:abstractNumId="0">'
        + level.format(0, "decimal", "제%1조")
        + level.format(1, "ganada", "%2.")
        + '</w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num></w:numbering>',
    )

    (page,) = pages_of(path)

    assert page.blocks[0].text == "제1조 purpose\n  가. sub\n제2조 terms"


def test_an_office_file_that_declares_entities_is_refused_at_once(tmp_path: Path) -> None:
    path = minimal_docx(tmp_path, "", styles='<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>')

    with pytest.raises(TooLarge):
        pages_of(path)


def test_an_office_file_that_unpacks_to_too_much_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("functions.parse.readers.packages.MAX_XML_BYTES", 1000)
    path = minimal_docx(tmp_path, "<w:p/>" * 1000)

    with pytest.raises(TooLarge):
        pages_of(path)


class CountedRows(list[dict[int, object]]):
    """Rows that count how many of them were looked at."""

    looked_at = 0

    def __getitem__(self, place: int | slice) -> object:
        found = super().__getitem__(place)
        self.looked_at += len(found) if isinstance(place, slice) else 1
        return found


def test_a_cell_of_a_long_word_table_looks_no_further_than_it_is_merged() -> None:
    table = docx.Document().add_table(50, 2)
    table.cell(10, 1).merge(table.cell(12, 1))
    rows = CountedRows(dict(enumerate(row._tr.tc_lst)) for row in table.rows)

    heights = [merged_rows(rows, 10, column) for column in (0, 1)]

    assert heights == [1, 3]
    assert rows.looked_at == 1 + 3


def test_the_sample_guide_has_the_table_it_promises() -> None:
    (page,) = pages_of(*(Path(__file__).parents[2] / "samples" / "files").glob("*.docx"))

    (table,) = [block for block in page.blocks if block.kind == "table"]

    assert table.text == "표 1: 역할과 할 수 있는 일"
    assert table.has_header
    assert table.rows[3] == ("열람자", "가능", "불가", "불가")


def test_powerpoint_reads_a_slide_from_top_to_bottom_with_notes(tmp_path: Path) -> None:
    deck = pptx.Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[5])
    slide.shapes.title.text = "Results"
    for text, left, top in [("low", 1, 6), ("right", 5, 2), ("left", 1, 2.1)]:
        box = slide.shapes.add_textbox(Inches(left), Inches(top), Inches(2), Inches(1))
        box.text_frame.text = text
    slide.notes_slide.notes_text_frame.text = "say it"
    path = tmp_path / "a.pptx"
    deck.save(str(path))

    (page,) = pages_of(path)

    assert shapes(page) == [
        ("heading", 1, "Results"),
        ("text", 0, "left"),
        ("text", 0, "right"),
        ("text", 0, "low"),
        ("heading", 2, "Notes"),
        ("text", 0, "say it"),
    ]


def paths_of(path: Path) -> list[tuple[str, tuple[str, ...]]]:
    chunker = Chunker(chunk_tokens=200, estimator=lambda _: len)
    drafts = [draft for page in pages_of(path) for draft in chunker.chunk(page)[1]]
    return [(draft.text.splitlines()[-1], draft.heading_path) for draft in drafts]


def test_a_slide_without_a_title_stands_under_no_heading_of_the_slide_before(
    tmp_path: Path,
) -> None:
    deck = pptx.Presentation()
    first = deck.slides.add_slide(deck.slide_layouts[5])
    first.shapes.title.text = "Results"
    first.notes_slide.notes_text_frame.text = "say it"
    second = deck.slides.add_slide(deck.slide_layouts[6])
    box = second.shapes.add_textbox(Inches(1), Inches(1), Inches(2), Inches(1))
    box.text_frame.text = "words"
    deck.save(str(tmp_path / "a.pptx"))
    frame = "<d:frame p:class='notes'><d:text-box><t:p>say it</t:p></d:text-box></d:frame>"
    notes = f"<d:notes xmlns:p='p'>{frame}</d:notes>"
    title = "<d:frame xmlns:p='p' p:class='title'><t:p>Results</t:p></d:frame>"
    slides = (
        f"<d:page xmlns:d='d'>{title}{notes}</d:page>",
        "<d:page xmlns:d='d'><t:p>words</t:p></d:page>",
    )
    odp = odf(tmp_path, "presentation", "".join(slides))

    expected = [("say it", ("Results", "Notes")), ("words", ())]
    assert paths_of(tmp_path / "a.pptx") == paths_of(odp) == expected


def test_powerpoint_gives_tables_charts_pictures_and_groups(tmp_path: Path) -> None:
    deck = pptx.Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[6])
    place = [Inches(n) for n in (1, 1, 3, 1)]
    table = slide.shapes.add_table(2, 2, *place).table
    for cell, text in zip(table.iter_cells(), ["a", "b", "1", "2"], strict=True):
        cell.text = text
    data = CategoryChartData()
    data.categories = ["2023", "2024"]
    data.add_series("ducks", (1, 2.5))
    chart = slide.shapes.add_chart(
        XL_CHART_TYPE.BAR_CLUSTERED, *[Inches(n) for n in (1, 3, 3, 1)], data
    ).chart
    chart.has_title = True
    chart.chart_title.text_frame.text = "Counts"
    slide.shapes.add_picture(png(), Inches(1), Inches(5))._element.find(".//{*}cNvPr").set(
        "descr", "a red square"
    )
    group = slide.shapes.add_group_shape()
    group.shapes.add_textbox(Inches(1), Inches(6), Inches(1), Inches(1)).text_frame.text = "inside"
    path = tmp_path / "a.pptx"
    deck.save(str(path))

    (page,) = pages_of(path)

    assert [(b.kind, b.text, b.rows) for b in page.blocks] == [
        ("table", "", (("a", "b"), ("1", "2"))),
        ("table", "Counts", (("", "ducks"), ("2023", "1"), ("2024", "2.5"))),
        ("figure", "a red square", ()),
        ("text", "inside", ()),
    ]


def test_excel_gives_a_page_per_sheet_with_dates_merged_cells_and_hidden_sheets(
    tmp_path: Path,
) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Plan"
    for row in [["Phase", None, "Due"], ["a", "b", dt.datetime(2026, 1, 2)], ["c", 1.0, True]]:  # noqa: DTZ001 - Excel has no zones
        sheet.append(row)
    sheet.merge_cells("A1:B1")
    hidden = book.create_sheet("Secret")
    hidden.append(["x", "y"])
    hidden.append([1, 2])
    hidden.sheet_state = "hidden"
    book.create_chartsheet("Chart").add_chart(BarChart())
    path = tmp_path / "a.xlsx"
    book.save(path)

    plan, secret = pages_of(path)

    assert plan.label == "Plan"
    assert plan.blocks[0].text == "Plan"
    assert plan.blocks[1].rows == (
        ("Phase", "Phase", "Due"),
        ("a", "b", "2026-01-02"),
        ("c", "1", "TRUE"),
    )
    assert secret.blocks[0].text == "Secret (hidden sheet)"


@pytest.mark.parametrize(
    ("value", "number_format", "seen"),
    [
        (0.155, "0.0%", "15.5%"),
        (0.155, "0%", "16%"),
        (1, "0.00 %", "100.00%"),
        (-0.285, "0.0%;[Red]-0.0%", "-28.5%"),
        (0, "0%", "0%"),
        (0.145, "0%", "15%"),
        (1e300, "0%", "1" + "0" * 302 + "%"),
        (0.155, '0.000"%"', "0.155"),
        (1234567.5, '"€"#,##0.00', "1234567.5"),
        (dt.time(9, 30), "h:mm", "09:30:00"),
        (dt.timedelta(hours=26, minutes=5), "[h]:mm", "26:05"),
        (dt.timedelta(hours=-1, seconds=-5), "[h]:mm:ss", "-1:00:05"),
    ],
)
def test_excel_shows_per_cent_and_durations_as_the_sheet_does(
    tmp_path: Path, value: float | dt.time, number_format: str, seen: str
) -> None:
    book = openpyxl.Workbook()
    book.active.append(["a", value])
    book.active["B1"].number_format = number_format
    path = tmp_path / "a.xlsx"
    book.save(path)

    assert pages_of(path)[0].blocks[1].rows == (("a", seen),)


def test_excel_files_are_read_whatever_their_name_on_disk(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["a", "b"])
    path = tmp_path / "source"
    book.save(path)

    assert pages_of(path)[0].blocks[1].rows == (("a", "b"),)


def test_excel_sheets_split_at_empty_rows_and_columns_and_titles_become_captions(
    tmp_path: Path,
) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet["A1"] = "Ducks per year"
    for row, values in enumerate([("Year", "Ducks"), (2019, 120), (2020, 135)], start=2):
        for column, value in enumerate(values, start=1):
            sheet.cell(row, column, value)
            sheet.cell(row + 20, column + 5, value)
    path = tmp_path / "a.xlsx"
    book.save(path)

    (page,) = pages_of(path)

    rows = (("Year", "Ducks"), ("2019", "120"), ("2020", "135"))
    assert [(b.text, b.rows) for b in page.blocks[1:]] == [("Ducks per year", rows), ("", rows)]


OFFICE = "urn:oasis:names:tc:opendocument:xmlns:office:1.0"
TEXT = "urn:oasis:names:tc:opendocument:xmlns:text:1.0"
TABLE = "urn:oasis:names:tc:opendocument:xmlns:table:1.0"


def odf(folder: Path, kind: str, body: str, **parts: str) -> Path:
    path = folder / "a.odf"
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("mimetype", f"application/vnd.oasis.opendocument.{kind}")
        package.writestr(
            "content.xml",
            f'<o:document-content xmlns:o="{OFFICE}" xmlns:t="{TEXT}" xmlns:b="{TABLE}"><o:body>'
            f"<o:{kind}>{body}</o:{kind}></o:body></o:document-content>",
        )
        for name, content in parts.items():
            package.writestr(name, content)
    return path


def test_opendocument_text_gives_headings_lists_tables_and_notes(tmp_path: Path) -> None:
    path = odf(
        tmp_path,
        "text",
        '<t:tracked-changes><t:p>gone</t:p></t:tracked-changes><t:h t:outline-level="2">Head</t:h>'
        "<t:p>a<t:s/>b<t:note><t:note-citation>1</t:note-citation><t:note-body><t:p>why</t:p>"
        "</t:note-body></t:note></t:p><t:list><t:list-item><t:p>one</t:p><t:list><t:list-item>"
        "<t:p>two</t:p></t:list-item></t:list></t:list-item></t:list>"
        '<b:table><b:table-row><b:table-cell b:number-columns-spanned="2"><t:p>wide</t:p>'
        "</b:table-cell><b:covered-table-cell/></b:table-row><b:table-row><b:table-cell><t:p>x"
        "</t:p></b:table-cell><b:table-cell><t:p>y</t:p></b:table-cell></b:table-row></b:table>",
    )

    (page,) = pages_of(path)

    assert shapes(page) == [
        ("heading", 2, "Head"),
        ("text", 0, "a b[1]"),
        ("list", 0, "- one\n  - two"),
        ("table", 0, ""),
        ("text", 0, "[1] why"),
    ]
    assert page.blocks[3].rows == (("wide", "wide"), ("x", "y"))


def test_opendocument_sheets_survive_a_million_repeated_cells(tmp_path: Path) -> None:
    path = odf(
        tmp_path,
        "spreadsheet",
        '<b:table b:name="S"><b:table-row><b:table-cell><t:p>a</t:p></b:table-cell><b:table-cell '
        'o:date-value="2026-01-02"><t:p>2.1.26</t:p></b:table-cell><b:table-cell '
        'b:number-columns-repeated="16000"/></b:table-row><b:table-row '
        'b:number-rows-repeated="1048000"><b:table-cell b:number-columns-repeated="16384"/>'
        "</b:table-row></b:table>",
    )

    (page,) = pages_of(path)

    assert page.label == "S"
    assert page.blocks[1].rows == (("a", "2026-01-02"),)


def test_an_encrypted_opendocument_file_is_refused(tmp_path: Path) -> None:
    path = odf(tmp_path, "text", "", **{"META-INF/manifest.xml": "<m:encryption-data/>"})

    with pytest.raises(UnreadableDocument) as caught:
        pages_of(path)

    assert caught.value.code == "password_protected"


def test_a_package_cut_in_half_is_damaged(tmp_path: Path) -> None:
    path = minimal_docx(tmp_path, "<w:p/>")
    path.write_bytes(path.read_bytes()[:400])

    with pytest.raises(LecternError) as caught:
        pages_of(path)

    assert caught.value.code == "damaged"
