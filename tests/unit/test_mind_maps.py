"""Mind maps without a model, and as files."""

from typing import Any
from xml.etree import ElementTree as ET

import pytest

from functions.answer.mind_maps.material import Material, Piece
from functions.answer.mind_maps.outline import MOST_NODES, outline
from functions.answer.mind_maps.titles import LONGEST, short_title
from lectern.api import MindMapNode, MindMapPlace, SubjectReply
from lectern.mind_maps import as_markdown, as_svg

HOSTILE = '<script>alert(1)</script> ](http://evil.example) & "x" \x00\u202e'


def piece(
    number: int, *headings: str, text: str = "Text.", quote: str = "", document: str = "a.pdf"
) -> Piece:
    place = MindMapPlace(
        chunk_id=f"{document}.{number}",
        document_id=document,
        document_name=document,
        page_number=number,
    )
    return Piece(place, headings, text, quote)


def subject(name: str, *chunk_ids: str, **fields: Any) -> SubjectReply:
    values: dict[str, Any] = {
        "name": name,
        "kind": "term",
        "definition": "",
        "chunk_ids": list(chunk_ids),
        "mentioned_in": [],
    }
    return SubjectReply(**(values | fields))


def shape(node: MindMapNode) -> Any:
    return {child.title: shape(child) for child in node.children}


def size(node: MindMapNode) -> int:
    return 1 + sum(map(size, node.children))


def test_headings_make_the_tree_and_each_knows_its_pages() -> None:
    pieces = [piece(1, "Travel"), piece(2, "Travel", "Hotels"), piece(5, "Leave")]

    root = outline(Material("handbook.pdf", pieces))

    assert root.title == "handbook.pdf"
    assert shape(root) == {"Travel": {"Hotels": {}}, "Leave": {}}
    assert [place.page_number for place in root.children[0].places] == [1, 2]
    assert [place.chunk_id for place in root.children[1].places] == ["a.pdf.5"]


def test_one_title_over_everything_is_not_a_branch() -> None:
    pieces = [piece(1, "Handbook"), piece(2, "Handbook", "Hotels"), piece(3, "Handbook", "Meals")]

    assert shape(outline(Material("handbook.pdf", pieces))) == {"Hotels": {}, "Meals": {}}


def test_subjects_hang_where_they_are_first_treated_and_headings_are_not_repeated() -> None:
    pieces = [piece(1, "Travel"), piece(2, "Leave")]
    subjects = [
        subject("Per diem", "a.pdf.1", mentioned_in=["a.pdf.2"]),
        subject("Travel", "a.pdf.1", kind="heading"),
        subject("Elsewhere", "another.9"),
    ]

    root = outline(Material("handbook.pdf", pieces, subjects))

    assert shape(root) == {"Travel": {"Per diem": {}}, "Leave": {}}
    assert [place.page_number for place in root.children[0].children[0].places] == [1, 2]


def test_without_headings_subjects_are_the_branches_or_else_how_the_pages_begin() -> None:
    pieces = [piece(1, text="A telescope is lent."), piece(2, text="A book is late.")]

    assert shape(outline(Material("x", pieces, [subject("Telescope", "a.pdf.1")]))) == {
        "Telescope": {}
    }
    assert list(shape(outline(Material("x", pieces)))) == [
        "A telescope is lent.",
        "A book is late.",
    ]


def test_the_quotes_of_an_answer_are_leaves_under_their_documents() -> None:
    pieces = [
        piece(1, "Travel", quote="Hotels cost 140 euros."),
        piece(4, quote="Bread rests.", document="b.pdf"),
    ]

    assert shape(outline(Material("How much?", pieces))) == {
        "a.pdf": {"Travel": {"Hotels cost 140 euros.": {}}},
        "b.pdf": {"Bread rests.": {}},
    }


@pytest.mark.parametrize("deep", [0, 3])
def test_a_map_stays_small_enough_to_be_looked_at(deep: int) -> None:
    pieces = [
        piece(n, f"Chapter {n // 20}", *(f"Section {n}.{level}" for level in range(deep)))
        for n in range(1, 2000)
    ]

    root = outline(Material("book.pdf", pieces))

    assert 20 < size(root) <= MOST_NODES


def test_a_title_is_one_short_line() -> None:
    assert short_title("  Two\nlines\x00 ") == "Two lines"
    assert len(short_title("word " * 500)) <= LONGEST
    assert short_title("\x00") == "…"


def test_markdown_is_a_nested_list_in_which_nothing_of_a_document_is_markup() -> None:
    leaf = MindMapNode(title=HOSTILE, places=[piece(3).place, piece(7).place])
    root = MindMapNode(
        title="Map", places=[], children=[MindMapNode(title="One", places=[], children=[leaf])]
    )

    heading, _, first, second = as_markdown(root).splitlines()

    assert (heading, first) == ("# Map", "- One")
    assert second.startswith(r"  - \<script\>")
    assert r"\](http:\//" in second
    assert second.isprintable()
    assert second.endswith("(p. 3, 7)")


@pytest.mark.parametrize(
    ("title", "line"),
    [
        ("1. Scope", r"- 1\. Scope"),
        ("- a", r"- \- a"),
        ("# a #", r"- \# a #"),
        ("see www.evil.example", r"- see www\.evil.example"),
        ("2.1 TF-IDF (c)", r"- 2\.1 TF-IDF (c)"),
    ],
)
def test_no_title_makes_another_kind_of_line(title: str, line: str) -> None:
    root = MindMapNode(title="Map", places=[], children=[MindMapNode(title=title, places=[])])

    assert as_markdown(root).splitlines()[2] == line


def test_documents_are_named_where_there_are_several() -> None:
    places = [piece(1).place, piece(2, document="b.pdf").place]
    root = MindMapNode(title="Map", places=[], children=[MindMapNode(title="One", places=places)])

    assert as_markdown(root).endswith("- One (a.pdf, p. 1; b.pdf, p. 2)\n")


def test_svg_is_well_formed_and_holds_no_script_and_no_address_but_its_own_namespace() -> None:
    leaf = MindMapNode(title=HOSTILE, places=[piece(3).place])
    root = MindMapNode(title="여행 경비 " * 10, places=[], children=[leaf, leaf])

    drawn = ET.fromstring(as_svg(root))  # noqa: S314 - written here

    names = {element.tag.rpartition("}")[2] for element in drawn.iter()}
    assert names == {"svg", "rect", "path", "g", "title", "text"}
    assert all("href" not in name for element in drawn.iter() for name in element.attrib)
    titles = [element.text for element in drawn.iter() if element.tag.endswith("}title")]
    assert (
        titles[1]
        == titles[2]
        == '<script>alert(1)</script> ](http://evil.example) & "x"  (a.pdf, p. 3)'
    )
