"""Subjects, definitions, acronyms and mentions: pure, the same every time."""

# ruff: noqa: RUF001 - other scripts are meant

import itertools
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.graph_extract.acronyms import Acronym, acronyms
from functions.graph_extract.definitions import definitions
from functions.graph_extract.mentions import NameFinder, starts_by_subject
from functions.graph_extract.subjects import MOST_SUBJECTS, Subject, subjects
from lectern.documents import Chunk, chunk_id


def chunk(text: str, *, ordinal: int = 0, part: int = 1, headings: tuple[str, ...] = ()) -> Chunk:
    return Chunk(
        chunk_id=chunk_id("d1", 1, part, ordinal),
        document_id="d1",
        revision=1,
        part=part,
        ordinal=ordinal,
        page_number=1,
        text=text,
        heading_path=headings,
    )


def spans(text: str, *names: str, kind: str = "term") -> list[str]:
    finder = NameFinder([Subject(name, kind) for name in names])  # type: ignore[arg-type]
    return [text[match.start : match.end] for match in finder.find(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("the Federal Aviation Administration (FAA) says", "Federal Aviation Administration"),
        ("the FAA (Federal Aviation Administration) says", "Federal Aviation Administration"),
        ("a Retrieval-Augmented\nGeneration (RAG) model", "Retrieval-Augmented Generation"),
        ("Department of Defense (DoD) rules", "Department of Defense"),
        ("the Office of Compliance (OC) rules", "Office of Compliance"),
        ("It failed. Random words here (XYZ) follow", None),
        ("see the list (NB)", None),
        ("in Rome (IT) and Oslo", None),
    ],
)
def test_an_acronym_is_known_by_its_letters(text: str, expected: str | None) -> None:
    found = list(acronyms(text))

    assert [acronym.long for acronym in found] == ([expected] if expected else [])


def test_both_orders_name_the_short_form() -> None:
    text = "World Health Organization (WHO). CDC (Centers for Disease Control)."

    assert list(acronyms(text)) == [
        Acronym("WHO", "World Health Organization"),
        Acronym("CDC", "Centers for Disease Control"),
    ]


@pytest.mark.parametrize(
    ("text", "term", "says"),
    [
        ("“Net Price” means the price after tax. More.", "Net Price", "price after tax."),
        ('"Net Price" is defined as the rest.', "Net Price", "the rest."),
        ("Rules. Gross weight means the whole.", "Gross weight", "the whole."),
        ("Acme Holdings Inc (the “Company”) sells.", "Company", "Acme Holdings Inc"),
        ("Acme and Co (hereinafter referred to as “Sellers”) sell.", "Sellers", "Acme and Co"),
        ("이 법에서 근로자라 함은 임금을 받는 사람을 말한다.", "근로자", "임금을 받는 사람"),
        ("“사용자”란 사업주를 말한다.", "사용자", "사업주"),
        ("주식회사 한빛(이하 “회사”라 한다)은 판다.", "회사", "주식회사 한빛"),
        ("「利用者」とは本サービスを使う者をいう。", "利用者", "本サービス"),
        ("山田株式会社（以下「売主」という）", "売主", "山田株式会社"),
        ("“用户”是指使用本服务的人。", "用户", "使用本服务"),
    ],
)
def test_a_definition_is_read_with_what_it_says(text: str, term: str, says: str) -> None:
    [found, *_] = definitions(text)

    assert found.term == term
    assert says in found.text


def test_subjects_come_from_titles_headings_terms_and_recurring_names() -> None:
    chunks = [
        chunk("The Kestrel flies. A Kestrel hovers.", headings=("1. Birds of Prey",)),
        chunk("Then Kestrel rests. “Prey” means food.", ordinal=1, headings=("2.1 Habits",)),
    ]

    found = {subject.name: subject for subject in subjects(chunks, document_name="bird_book.pdf")}

    assert found["bird book"].kind == "title"
    assert found["Birds of Prey"].kind == "title"
    assert found["Habits"].kind == "heading"
    assert found["Prey"].kind == "term"
    assert found["Kestrel"].kind == "name"
    assert found["Kestrel"].chunk_ids == (chunks[0].chunk_id, chunks[1].chunk_id)


def test_a_korean_noun_is_known_by_the_particles_it_takes() -> None:
    text = "대통령은 선서한다. 대통령의 임기는 5년이다. 국회가 대통령을 부른다. 빨리 빨리"

    found = subjects([chunk(text, part=2)], document_name="헌법.pdf")

    assert [(subject.name, subject.kind) for subject in found] == [("대통령", "name")]


def test_only_the_first_part_has_a_title() -> None:
    found = subjects([chunk("text", part=2)], document_name="book.pdf")

    assert found == []


def test_subjects_are_bounded() -> None:
    text = " ".join(f"“Term {i} x” means y." for i in range(1000))

    assert len(subjects([chunk(text)], document_name="a")) == MOST_SUBJECTS


@given(st.lists(st.text("Ab “”()means. \nFAA", max_size=60), max_size=4))
def test_equal_chunks_give_equal_subjects(texts: list[str]) -> None:
    chunks = [chunk(text, ordinal=i) for i, text in enumerate(texts)]

    first = subjects(chunks, document_name="b.pdf")

    assert first == subjects(chunks, document_name="b.pdf")
    assert len({unicodedata.normalize("NFKC", s.name).casefold() for s in first}) == len(first)


@pytest.mark.parametrize(
    ("text", "names", "expected"),
    [
        ("the net price and NET\nPRICE", ("Net Price",), ["net price", "NET\nPRICE"]),
        ("internet prices", ("net", "price"), []),
        ("Net Price", ("Net", "Net Price"), ["Net Price"]),
        ("대통령은 국회에서 대통령실을", ("대통령", "국회"), ["대통령", "국회"]),
        ("부대통령", ("대통령",), []),
        ("本契約書では契約を", ("契約",), ["契約", "契約"]),
        ("ユーザーとユーザ", ("ユーザ",), ["ユーザ"]),
        ("İstanbul and STRASSE, Straße", ("straße",), ["STRASSE", "Straße"]),
        ("İİİ Rome", ("Rome",), ["Rome"]),
        ("ＦＡＡ and faa", ("faa",), ["ＦＡＡ", "faa"]),
        ("FAA는 승인했다", ("FAA",), ["FAA"]),
        ("a  lot   of space", ("lot of",), ["lot   of"]),
    ],
)
def test_names_are_found_where_they_stand_alone(
    text: str, names: tuple[str, ...], expected: list[str]
) -> None:
    assert spans(text, *names) == expected


def test_an_acronym_matches_exactly() -> None:
    assert spans("It is IT.", "IT", kind="acronym") == ["IT"]


@given(
    st.text("abß İẞ가은ﬁ契 \n", max_size=60),
    st.lists(st.text("abßsi가은契f ", min_size=1, max_size=4), min_size=1, max_size=5),
)
def test_every_match_spells_its_name_and_none_overlap(text: str, names: list[str]) -> None:
    def fold(value: str) -> str:
        folded = "".join(unicodedata.normalize("NFKC", c).casefold() for c in value)
        return " ".join(folded.split())

    finder = NameFinder([Subject(name, "term") for name in names])

    matches = finder.find(text)

    for match in matches:
        assert fold(text[match.start : match.end]) == fold(names[match.subject])
    assert all(a.end <= b.start for a, b in itertools.pairwise(matches))
    assert sum(map(len, starts_by_subject(matches).values())) == len(matches)
