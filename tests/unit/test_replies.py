"""Replies of services as pages: units and origins, tables with spans, what no service would say."""

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.parse.blocks import Block, ReadPage
from functions.parse.readers.replies import azure, docling
from functions.parse.readers.replies.grids import Cell, grid_of
from functions.parse.readers.replies.placing import Scale, TextOnPage, place
from functions.parse.readers.replies.reading import Answer
from lectern.documents import Box
from lectern.errors import UnreadableDocument
from tests.component.pdf_files import column, picture, pymupdf, text, write_pdf
from tests.provider.layout_services import azure_operation, docling_result

sizes = st.floats(10, 2000)
coordinates = st.floats(-500, 2500)
any_numbers = st.floats(allow_nan=True, allow_infinity=True)


@given(sizes, sizes, coordinates, coordinates, coordinates, coordinates, st.booleans())
def test_a_box_lies_on_the_page_with_its_corners_in_order(  # noqa: PLR0917
    width: float,
    height: float,
    x0: float,
    y0: float,
    x1: float,
    y1: float,
    bottom: bool,  # noqa: FBT001
) -> None:
    box = Scale(width, height, width, height).box(x0, y0, x1, y1, from_bottom=bottom)

    if box is not None:
        assert 0 <= box.x0 < box.x1 <= round(width, 2)
        assert 0 <= box.y0 < box.y1 <= round(height, 2)


@given(sizes, sizes, st.tuples(*[st.floats(0, 1)] * 4), st.sampled_from([72.0, 1.0, 96.0, 0.24]))
def test_units_and_origins_of_one_place_give_one_box(
    width: float, height: float, shares: tuple[float, float, float, float], unit: float
) -> None:
    x0, y0, x1, y1 = (s * side for s, side in zip(shares, (width, height) * 2, strict=True))
    scale = Scale(width, height, width / unit, height / unit)
    plain = Scale(width, height, width, height).box(x0, y0, x1, y1)

    from_top = scale.box(x0 / unit, y0 / unit, x1 / unit, y1 / unit)
    from_bottom = scale.box(
        x0 / unit, (height - y0) / unit, x1 / unit, (height - y1) / unit, from_bottom=True
    )
    around = scale.polygon([v / unit for v in (x0, y0, x1, y0, x1, y1, x0, y1)])

    for box in (from_top, from_bottom, around):
        if plain is None or box is None:
            assert abs(x1 - x0) < 0.02 or abs(y1 - y0) < 0.02
        else:
            assert all(math.isclose(a, b, abs_tol=0.011) for a, b in zip(box, plain, strict=True))


@given(st.lists(any_numbers, max_size=12), st.tuples(any_numbers, any_numbers))
def test_no_number_breaks_the_geometry(numbers: list[float], unit: tuple[float, float]) -> None:
    box = Scale(595, 842, *unit).polygon(numbers)

    assert box is None or all(map(math.isfinite, box))


words = st.lists(st.text("abc-é한 ", min_size=1, max_size=8).filter(str.strip), max_size=12)


@given(words, st.lists(st.integers(0, 11), max_size=8))
def test_placed_lines_are_in_order_and_lie_in_the_text(found: list[str], shown: list[int]) -> None:
    said = " ".join(found)
    box = Box(0, 0, 100, 100)
    lines = [TextOnPage(found[n], Box(0, n, 10, n + 1)) for n in shown if n < len(found)]

    placed = place(said, [box], lines)

    assert bool(placed) == bool(said)
    ends = [0]
    for line in placed:
        assert ends[-1] <= line.start < line.end <= len(said)
        ends.append(line.end)


def test_lines_are_found_whatever_their_spaces_hyphens_and_bullets() -> None:
    said = "Recognition of 'tables' : it works ."
    lines = [
        TextOnPage("• Recog-", Box(0, 0, 50, 10)),
        TextOnPage("nition of \u2018tables\u2019: it", Box(0, 10, 50, 20)),
        TextOnPage("works.", Box(0, 20, 50, 30)),
        TextOnPage("works.", Box(200, 20, 250, 30)),  # in another column
    ]

    placed = place(said, [Box(0, 0, 60, 40)], lines)

    assert [said[line.start : line.end] for line in placed] == [
        "Recog",
        "nition of 'tables' : it",
        "works .",
    ]


def test_a_text_that_its_lines_do_not_say_is_marked_as_a_whole() -> None:
    boxes = [Box(0, 0, 50, 20), Box(60, 0, 110, 20)]

    placed = place("Read by OCR", boxes, [TextOnPage("garbage", Box(0, 0, 50, 10))])

    assert [(line.start, line.end, line.box) for line in placed] == [(0, 11, b) for b in boxes]


def cell(
    row: int, column: int, text: str, *, rows: int = 1, columns: int = 1, header: bool = False
) -> Cell:
    box = Box(column * 10, row * 10, (column + columns) * 10, (row + rows) * 10)
    return Cell(row, column, rows, columns, text, header, box)


def test_spans_are_filled_and_header_rows_are_one() -> None:
    grid = grid_of(
        [
            cell(0, 0, "Region", rows=2, header=True),
            cell(0, 1, "Sales", columns=2, header=True),
            cell(1, 1, "2024", header=True),
            cell(1, 2, "2025", header=True),
            cell(2, 0, "North", rows=2),
            cell(2, 1, "1"),
            cell(2, 2, "2"),
            cell(3, 1, "3", columns=2),
        ],
        None,
    )

    assert grid is not None
    assert grid.rows == (
        ("Region", "Sales 2024", "Sales 2025"),
        ("North", "1", "2"),
        ("North", "3", "3"),
    )
    assert grid.has_header
    assert grid.row_boxes == (Box(0, 0, 30, 20), Box(10, 20, 30, 30), Box(10, 30, 30, 40))


def test_a_table_that_is_all_header_keeps_a_row() -> None:
    grid = grid_of([cell(0, 0, "a", header=True), cell(0, 1, "b", header=True)], None)

    assert grid is not None
    assert (grid.rows, grid.has_header) == ((("a", "b"),), False)


@settings(deadline=None, max_examples=50)
@given(
    st.lists(
        st.builds(
            Cell,
            row=st.integers(-5, 30_000),
            column=st.integers(-5, 2_000),
            rows=st.integers(-3, 10**9),
            columns=st.integers(-3, 10**9),
            text=st.text(max_size=3),
            header=st.booleans(),
            box=st.none(),
        ),
        max_size=4,
    )
)
def test_any_cells_make_a_table_or_none(cells: list[Cell]) -> None:
    grid = grid_of(cells, Box(0, 0, 1, 1))

    if grid is not None:
        assert len({len(row) for row in grid.rows}) == 1
        assert len(grid.row_boxes) == len(grid.rows)


Shape = Callable[[bytes], dict[str, Any]]


@pytest.fixture(params=["docling", "azure"])
def service(request: pytest.FixtureRequest) -> tuple[Any, Shape]:
    if request.param == "docling":
        return docling, docling_result
    return azure, azure_operation


def read(module: Any, path: Path, reply: object, folder: Path) -> list[ReadPage]:
    file = folder / "reply.json"
    file.write_bytes(reply if isinstance(reply, bytes) else json.dumps(reply).encode())
    return list(module.read(path, first_page=1, last_page=None, answer=Answer(file)))


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"<html>", id="no JSON"),
        pytest.param(b"{}", id="empty"),
        pytest.param(b"[" * 200_000, id="deep"),
        pytest.param(b'{"document": {"json_content": null}, "status": "success"}', id="null"),
        pytest.param(b'{"status": "succeeded", "analyzeResult": {"pages": []}}', id="no pages"),
    ],
)
def test_a_reply_that_is_none_is_the_services_fault(
    service: tuple[Any, Shape], tmp_path: Path, reply: bytes
) -> None:
    path = write_pdf(tmp_path / "a.pdf", lambda page: text(page, 60, 100, "Words"))

    with pytest.raises(UnreadableDocument) as caught:
        read(service[0], path, reply, tmp_path)

    assert caught.value.code in {"parser_malformed", "parser_refused"}
    assert "another parser" in caught.value.detail


@pytest.mark.parametrize("change", ["turned", "cropped"])
def test_turned_and_cropped_pages_are_marked_where_people_see_the_words(
    service: tuple[Any, Shape], tmp_path: Path, change: str
) -> None:
    module, shape = service

    def draw(page: Any) -> None:
        text(page, 200, 300, "Turned words here")
        if change == "turned":
            page.set_rotation(90)
        else:
            page.set_cropbox(pymupdf.Rect(100, 100, 500, 700))

    path = write_pdf(tmp_path / "a.pdf", draw)
    with pymupdf.open(path) as document:
        document[0].remove_rotation()
        displayed = bytes(document.tobytes())  # as services see it
        (page,) = read(module, path, shape(displayed), tmp_path)

        (block,) = page.blocks
        assert (page.width, page.height) == ((842, 595) if change == "turned" else (400, 600))
        shown = document[0].get_textbox(pymupdf.Rect(*block.lines[0].box))
        assert "Turned words here" in shown


def docling_of(path: Path) -> dict[str, Any]:
    return docling_result(path.read_bytes())


def test_docling_items_become_blocks_of_their_kinds(tmp_path: Path) -> None:
    def draw(page: Any) -> None:
        for number in range(9):
            text(page, 60, 100 + number * 40, f"Line {number}")
        page.insert_image(pymupdf.Rect(60, 600, 260, 700), stream=picture())

    path = write_pdf(tmp_path / "a.pdf", draw)
    reply = docling_of(path)
    document = reply["document"]["json_content"]
    texts = document["texts"]
    labels = [
        {"label": "title"},
        {"label": "section_header", "level": 1, "text": "2.1 Line"},
        {"label": "list_item", "enumerated": True, "marker": "1."},
        {"label": "list_item", "enumerated": False, "marker": "•"},
        {"label": "code", "text": "if x:\n    run()"},
        {"label": "checkbox_selected", "text": "Agreed"},
        {"label": "page_footer", "content_layer": "furniture"},
        {"label": "caption"},
        {"label": "text"},
    ]
    for item, change in zip(texts, labels, strict=True):
        item.update(change)
    document["groups"] = [
        {"label": "list", "children": [{"$ref": "#/texts/2"}, {"$ref": "#/groups/1"}]},
        {"label": "list", "children": [{"$ref": "#/texts/3"}]},
    ]
    box = {"l": 60, "t": 600, "r": 260, "b": 700, "coord_origin": "TOPLEFT"}
    document["pictures"] = [
        {
            "label": "picture",
            "prov": [{"page_no": 1, "bbox": box, "charspan": [0, 0]}],
            "captions": [{"$ref": "#/texts/7"}],
            "children": [{"$ref": "#/texts/7"}, {"$ref": "#/texts/8"}],
            "annotations": [{"kind": "description", "text": "A grey box."}],
        }
    ]
    names = ["texts/0", "texts/1", "groups/0", "texts/4", "texts/5", "texts/6", "pictures/0"]
    document["body"]["children"] = [{"$ref": f"#/{name}"} for name in names]

    (page,) = read(docling, path, reply, tmp_path)

    found = [(block.kind, block.level, block.text) for block in page.blocks]
    assert found == [
        ("heading", 1, "Line 0"),
        ("heading", 3, "2.1 Line"),
        ("list", 0, "1. Line 2\n  - Line 3"),
        ("code", 0, "if x:\n    run()"),
        ("text", 0, "☒ Agreed"),
        ("figure", 0, "Line 7\nA grey box.\nLine 8"),
    ]
    assert page.blocks[-1].image_extension == "jpg"
    lines = page.blocks[2].lines
    assert [page.blocks[2].text[line.start : line.end] for line in lines] == ["Line 2", "Line 3"]


def test_docling_items_that_refer_to_each_other_in_circles_are_read_once(tmp_path: Path) -> None:
    path = write_pdf(tmp_path / "a.pdf", lambda page: text(page, 60, 100, "Once"))
    reply = docling_of(path)
    document = reply["document"]["json_content"]
    document["groups"] = [{"label": "list", "children": [{"$ref": "#/groups/0"}] * 3}]
    document["texts"][0]["children"] = [{"$ref": "#/texts/0"}, {"$ref": "#/groups/0"}]
    document["body"]["children"] = [{"$ref": "#/texts/0"}, {"$ref": "#/texts/0"}, {"$ref": "#/x/9"}]

    (page,) = read(docling, path, reply, tmp_path)

    assert [block.text for block in page.blocks] == ["Once"]


def test_a_docling_paragraph_over_two_pages_is_said_on_each(tmp_path: Path) -> None:
    path = write_pdf(
        tmp_path / "a.pdf",
        lambda page: text(page, 60, 800, "It begins here"),
        lambda page: text(page, 60, 60, "and ends there."),
    )
    reply = docling_of(path)
    document = reply["document"]["json_content"]
    first, second = document["texts"]
    whole = "It begins here and ends there."
    first |= {"label": "text", "text": whole}
    first["prov"][0]["charspan"] = [0, 14]
    first["prov"].append(second["prov"][0] | {"charspan": [15, len(whole)]})
    document["body"]["children"].pop()

    pages = read(docling, path, reply, tmp_path)

    assert [[block.text for block in page.blocks] for page in pages] == [
        ["It begins here"],
        ["and ends there."],
    ]
    assert all(page.blocks[0].lines for page in pages)


def test_docling_errors_say_what_happened(tmp_path: Path) -> None:
    path = write_pdf(tmp_path / "a.pdf", lambda page: text(page, 60, 100, "Words"))
    reply = docling_of(path) | {"status": "failure", "errors": [{"error_message": "Bad xref."}]}

    with pytest.raises(UnreadableDocument, match="failure: Bad xref") as caught:
        read(docling, path, reply, tmp_path)

    assert caught.value.code == "parser_refused"


def region(page: int, x0: float, y0: float, x1: float, y1: float) -> dict[str, Any]:
    points = [v / 72 for v in (x0, y0, x1, y0, x1, y1, x0, y1)]
    return {"pageNumber": page, "polygon": points}


def test_an_azure_table_over_two_pages_has_its_header_on_both(tmp_path: Path) -> None:
    path = write_pdf(tmp_path / "a.pdf", *[lambda page: text(page, 60, 100, "Above")] * 2)
    reply = azure_operation(path.read_bytes())
    rows = [(0, 1, "Name", "Price"), (1, 1, "Pump", "12"), (2, 2, "Valve", "7")]
    reply["analyzeResult"]["tables"] = [
        {
            "rowCount": 3,
            "columnCount": 2,
            "boundingRegions": [region(1, 60, 700, 300, 740), region(2, 60, 60, 300, 80)],
            "spans": [{"offset": 6, "length": 1}],
            "cells": [
                {
                    "kind": "columnHeader" if row == 0 else "content",
                    "rowIndex": row,
                    "columnIndex": column,
                    "content": content,
                    "boundingRegions": [region(page, 60, 60 + row * 20, 300, 80 + row * 20)],
                }
                for row, page, *contents in rows
                for column, content in enumerate(contents)
            ],
        }
    ]

    pages = read(azure, path, reply, tmp_path)

    tables = [[b.rows for b in page.blocks if b.kind == "table"] for page in pages]
    assert tables == [
        [(("Name", "Price"), ("Pump", "12"))],
        [(("Name", "Price"), ("Valve", "7"))],
    ]


def test_azure_sections_say_how_deep_a_heading_is_and_marks_are_shown(tmp_path: Path) -> None:
    path = write_pdf(
        tmp_path / "a.pdf",
        lambda page: [text(page, 60, 100 + n * 40, f"Line {n}") for n in range(5)] and None,
    )
    reply = azure_operation(path.read_bytes())
    result = reply["analyzeResult"]
    roles = ["title", "sectionHeading", "sectionHeading", None, "pageNumber"]
    for paragraph, role in zip(result["paragraphs"], roles, strict=True):
        paragraph.pop("role", None)
        paragraph.update({"role": role} if role else {})
    result["paragraphs"][3]["content"] = ":selected: Line 3"
    result["sections"] = [
        {"elements": ["/paragraphs/0", "/sections/1", "/sections/0"]},
        {"elements": ["/paragraphs/1", "/sections/2", "/sections/99"]},
        {"elements": ["/paragraphs/2", "/paragraphs/3"]},
    ]

    (page,) = read(azure, path, reply, tmp_path)

    assert [(b.kind, b.level, b.text) for b in page.blocks] == [
        ("heading", 1, "Line 0"),
        ("heading", 2, "Line 1"),
        ("heading", 3, "Line 2"),
        ("text", 0, "☒ Line 3"),
    ]


def test_an_azure_paragraph_over_two_pages_is_parted_by_its_lines(tmp_path: Path) -> None:
    path = write_pdf(
        tmp_path / "a.pdf",
        lambda page: text(page, 60, 800, "It begins here"),
        lambda page: text(page, 60, 60, "and ends there."),
    )
    reply = azure_operation(path.read_bytes())
    first, second = reply["analyzeResult"]["paragraphs"]
    first.pop("role")
    first["content"] += " " + second["content"]
    first["boundingRegions"] += second["boundingRegions"]
    first["spans"][0] = {"offset": 0, "length": 30}
    reply["analyzeResult"]["paragraphs"] = [first]

    pages = read(azure, path, reply, tmp_path)

    assert [[block.text for block in page.blocks] for page in pages] == [
        ["It begins here"],
        ["and ends there."],
    ]


def test_what_is_null_counts_as_left_out(service: tuple[Any, Shape], tmp_path: Path) -> None:
    module, shape = service
    path = write_pdf(tmp_path / "a.pdf", lambda page: text(page, 60, 100, "Words"))
    reply = shape(path.read_bytes())
    item = (
        reply["document"]["json_content"]["texts"][0]
        if module is docling
        else reply["analyzeResult"]["paragraphs"][0]
    )
    item |= {"role": None, "marker": None, "level": None, "annotations": None, "captions": None}

    (page,) = read(module, path, reply, tmp_path)

    assert [block.text for block in page.blocks] == ["Words"]


def test_pages_that_a_reply_invents_are_not_read(
    service: tuple[Any, Shape], tmp_path: Path
) -> None:
    module, shape = service
    long = write_pdf(tmp_path / "long.pdf", *[lambda page: column(page, 60, 500, "More.")] * 3)
    path = write_pdf(tmp_path / "a.pdf", lambda page: column(page, 60, 500, "More."))

    pages = read(module, path, shape(long.read_bytes()), tmp_path)

    assert [page.page_number for page in pages] == [1]
    assert all(isinstance(block, Block) for block in pages[0].blocks)
