"""Text in any encoding, markdown, tables of delimited text, JSON, notebooks, code, RTF."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.parse.blocks import Block
from functions.parse.chunking import Chunker
from functions.parse.detect import reader_for
from functions.parse.readers.cleaning import clean, clean_line, clean_prose
from functions.parse.readers.decoding import decode
from functions.parse.readers.delimited import has_header, sniff_delimiter
from lectern.errors import LecternError


def blocks_of(folder: Path, name: str, content: str | bytes) -> list[Block]:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    _, read = reader_for(path, name)
    return [block for page in read(path, first_page=1, last_page=None) for block in page.blocks]


def shapes(blocks: list[Block]) -> list[tuple[str, int, str]]:
    return [(block.kind, block.level, block.text) for block in blocks]


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("안녕하세요", "cp949"),
        ("제1조 목적", "euc_kr"),
        ("똠방각하를 펲시콜라와 함께 봤습니다", "cp949"),
        ("회의록\n1. 예산 승인\n2. 일정", "utf-16-le"),
        ("회의록\n1. 예산 승인\n2. 일정", "utf-16"),
        ("회의록\n1. 예산 승인\n2. 일정", "utf-32-be"),
        ("東京都の会議議事録です。", "euc_jp"),
        ("こんにちは", "shift_jis"),
        ("カタカナのテスト文書", "iso2022_jp"),
        ("这是一个测试文件\uff0c请查收。", "gb18030"),
        ("這是一個測試檔案\uff0c請查收。", "big5"),
        ("Café crème à la carte, déjà vu", "latin-1"),
        ("Zażółć gęślą jaźń, proszę państwa", "cp1250"),
        ("Привет, это тестовый документ.", "cp1251"),
        ("plain words", "utf-8-sig"),
    ],
)
def test_short_texts_are_decoded_in_their_encoding(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding)) == text


def test_a_text_with_one_broken_character_stays_utf8() -> None:
    assert decode("한국어 문서입니다".encode() + b"\xed\x95") == "한국어 문서입니다\ufffd"


@given(st.text())
def test_cleaned_text_holds_nothing_that_cannot_be_stored(text: str) -> None:
    cleaned = clean(text)

    cleaned.encode()
    assert "\0" not in cleaned
    assert not set(cleaned) & {"\r", "\u2028", "\u2029", "\x0b", "\x0c", "\x85"}
    assert "\n" not in clean_line(text)
    assert clean_prose(text) == clean_prose(clean_prose(text))


def test_letters_that_render_as_nothing_are_dropped() -> None:
    tagged = "".join(chr(0xE0000 + ord(c)) for c in "obey")

    assert clean(f"safe{tagged}\u202etext\xad\ufeff") == "safetext"


def test_paragraphs_headings_and_lists_of_a_plain_text(tmp_path: Path) -> None:
    text = (
        "CHAPTER I\n\nIt was night.\nIt rained.\n\nTHE SECOND DAY\n\nSun.\n\n"
        "Title\n=====\nBody.\n\n- one\n  two\n- three\n"
    )

    assert shapes(blocks_of(tmp_path, "a.txt", text)) == [
        ("heading", 2, "CHAPTER I"),
        ("text", 0, "It was night.\nIt rained."),
        ("heading", 2, "THE SECOND DAY"),
        ("text", 0, "Sun."),
        ("heading", 1, "Title"),
        ("text", 0, "Body."),
        ("list", 0, "- one\ntwo\n- three"),
    ]


@pytest.mark.parametrize(
    ("line", "level"), [("제1편 총칙", 1), ("제2장 권리", 2), ("제1조(목적)", 3), ("第1章 童年", 2)]
)
def test_korean_and_chinese_divisions_are_headings(tmp_path: Path, line: str, level: int) -> None:
    blocks = blocks_of(tmp_path, "a.txt", f"{line}\n이 법은 국민의 권리를 정한다.")

    assert shapes(blocks)[0] == ("heading", level, line)


def test_a_sentence_that_mentions_an_article_is_no_heading(tmp_path: Path) -> None:
    blocks = blocks_of(
        tmp_path, "a.txt", "제1조의 규정에 따라 이를 정한다.\n\nPart of it, yes,\n\nx"
    )

    assert [block.kind for block in blocks] == ["text", "text", "text"]


def test_markdown_gives_headings_lists_tables_and_code(tmp_path: Path) -> None:
    text = (
        "---\ntitle: T\n---\n# A *b*\n\n1. x\n2. y\n   - z\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n"
        "```\n  code\n```\n\n[link](http://x.y) <b>t</b>\n\n"
        "<script>evil()</script>\n\n<p>seen</p>\n"
    )

    blocks = blocks_of(tmp_path, "a.md", text)

    assert shapes(blocks) == [
        ("text", 0, "title: T"),
        ("heading", 1, "A b"),
        ("list", 0, "1. x\n2. y\n  - z"),
        ("table", 0, ""),
        ("code", 0, "  code"),
        ("text", 0, "link t"),
        ("text", 0, "seen"),
    ]
    assert blocks[3].rows == (("a", "b"), ("1", "2"))


@pytest.mark.parametrize(
    ("text", "delimiter"),
    [("a,b\n1,2\n", ","), ("a;b\n1,5;2\n", ";"), ("a\tb\n1,2\t3\n", "\t"), ("a|b\n1|2\n", "|")],
)
def test_the_delimiter_is_found(text: str, delimiter: str) -> None:
    assert sniff_delimiter(text) == delimiter


def test_a_delimited_file_keeps_quoted_delimiters_and_line_breaks(tmp_path: Path) -> None:
    (table,) = blocks_of(tmp_path, "a.csv", 'name,note\r\nKim,"one, two\nthree"\r\n')

    assert table.rows == (("name", "note"), ("Kim", "one, two three"))
    assert table.has_header


def test_a_table_of_numbers_has_no_header() -> None:
    assert not has_header([["1", "2"], ["3", "4"]])
    assert has_header([["year", "ducks"], ["2019", "120"]])


def test_json_reads_as_lines_headings_and_tables(tmp_path: Path) -> None:
    value = {"name": "Kim", "tags": ["a", "b"], "rows": [{"x": 1, "y": None}, {"x": 2, "y": "z"}]}

    blocks = blocks_of(tmp_path, "a.json", json.dumps(value))

    assert shapes(blocks) == [
        ("text", 0, "name: Kim"),
        ("text", 0, "tags: a, b"),
        ("heading", 1, "rows"),
        ("table", 0, "rows"),
    ]
    assert blocks[-1].rows == (("x", "y"), ("1", ""), ("2", "z"))


def test_json_lists_of_lists_are_tables_where_they_fit(tmp_path: Path) -> None:
    grid = [["", "2019", "2018"], ["Revenue", "8,514", "7,943"], ["Other", None]]
    ragged = [[[1, 2], [3, 4]], ["a " * 300, "b"]]

    blocks = blocks_of(tmp_path, "a.json", json.dumps({"table": grid, "other": ragged}))

    assert shapes(blocks[:4]) == [
        ("heading", 1, "table"),
        ("table", 0, "table"),
        ("heading", 1, "other"),
        ("table", 0, "other"),
    ]
    assert blocks[1].rows == (
        ("", "2019", "2018"),
        ("Revenue", "8,514", "7,943"),
        ("Other", "", ""),
    )
    assert blocks[3].rows == (("1", "2"), ("3", "4"))
    assert blocks[4].text.startswith("- a a")


@pytest.mark.parametrize("name", ["a.json", "a.jsonl"])
def test_what_follows_an_object_does_not_stand_under_its_headings(
    tmp_path: Path, name: str
) -> None:
    texts = [{"text": f"words {n}", "prov": {"bbox": {"top": n}}, "tags": ["a"]} for n in range(2)]
    whole = json.dumps({"texts": texts})
    path = tmp_path / name
    path.write_text(whole if name == "a.json" else f"{whole}\n{json.dumps(texts[0])}")
    _, read = reader_for(path, name)
    (page,) = read(path, first_page=1, last_page=None)

    _, drafts = Chunker(chunk_tokens=200, estimator=lambda _: len).chunk(page)

    below = ("texts", "prov", "bbox")
    one_object = [("tags: a", ("texts",)), ("top: 0", below), ("tags: a", ("texts",))]
    last = [("tags: a", ()), ("top: 0", ("prov", "bbox"))] if name == "a.jsonl" else []
    assert [(draft.text.splitlines()[-1], draft.heading_path) for draft in drafts] == [
        *one_object,
        ("top: 1", below),
        *last,
    ]


def test_data_addresses_leave_nothing_but_their_type(tmp_path: Path) -> None:
    address = "data:image/png;charset=utf-8;base64," + "iVBORw0KGgo/+a" * 1000 + "=="

    from_json = blocks_of(tmp_path, "a.json", json.dumps({"logo": address, "name": "Kim"}))
    from_text = blocks_of(tmp_path, "a.txt", f"before {address} after data:x and base64,aaaa")

    assert shapes(from_json) == [("text", 0, "logo: data:image/png\nname: Kim")]
    assert shapes(from_text) == [("text", 0, "before data:image/png after data:x and base64,aaaa")]


@pytest.mark.parametrize("content", ["[" * 100_000, '{"a":' * 150 + "1" + "}" * 150, '{"a": '])
def test_broken_or_bottomless_json_is_refused(tmp_path: Path, content: str) -> None:
    with pytest.raises(LecternError) as caught:
        blocks_of(tmp_path, "a.json", content)

    assert caught.value.code in {"damaged", "too_large"}


def test_json_lines_end_at_line_feeds_only(tmp_path: Path) -> None:
    blocks = blocks_of(tmp_path, "a.jsonl", '{"t": "one\u2028two"}\n{"t": "three"}\n')

    assert shapes(blocks) == [("text", 0, "t: one\ntwo"), ("text", 0, "t: three")]


def test_a_notebook_gives_prose_code_and_text_output(tmp_path: Path) -> None:
    notebook = {
        "nbformat": 4,
        "cells": [
            {"cell_type": "markdown", "source": ["# Title\n", "words"]},
            {
                "cell_type": "code",
                "source": "1 + 1",
                "outputs": [
                    {"data": {"text/html": "<script>x()</script>", "text/plain": ["2"]}},
                    {"text": ["printed"]},
                ],
            },
        ],
    }

    assert shapes(blocks_of(tmp_path, "a.ipynb", json.dumps(notebook))) == [
        ("heading", 1, "Title"),
        ("text", 0, "words"),
        ("code", 0, "1 + 1"),
        ("code", 0, "2"),
        ("code", 0, "printed"),
    ]


def test_code_keeps_its_spaces(tmp_path: Path) -> None:
    (block,) = blocks_of(tmp_path, "a.py", "def f():\n    return 1\n")

    assert (block.kind, block.text) == ("code", "def f():\n    return 1")


def test_rich_text_gives_paragraphs_and_tables_without_its_fonts(tmp_path: Path) -> None:
    text = (
        rb"{\rtf1\ansi\ansicpg949{\fonttbl{\f0\fcharset129 Batang;}}{\*\generator X;}"
        rb"\f0 \'c7\'d1\'b1\'db and \u54620?\par second\par "
        rb"\trowd a\cell b\cell\row 1\cell 2\cell\row end\par {\pict 00ff}}"
    )

    blocks = blocks_of(tmp_path, "a.rtf", text)

    assert shapes(blocks) == [
        ("text", 0, "한글 and 한"),
        ("text", 0, "second"),
        ("table", 0, ""),
        ("text", 0, "end"),
    ]
    assert blocks[2].rows == (("a", "b"), ("1", "2"))
