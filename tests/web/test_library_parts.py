"""What the library and the search page are made of, where no page is needed to see it."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lectern.api import (
    BoxReply,
    ChunkReply,
    DocumentReply,
    FailureReply,
    GrantReply,
    GrantRequest,
    Notice,
    Passage,
    PersonReply,
    StageReply,
)
from lectern.documents import DocumentState
from web.parts.amounts import left_text, size_text
from web.parts.chunks import blocks_of, cells_of, highlights_of, pages_to_show, subjects_by_chunk
from web.parts.document_details import changes
from web.parts.documents import bulk_actions, icon_of, row_of
from web.parts.failures import note_of, own_words
from web.parts.matches import runs, terms
from web.parts.people_search import called
from web.parts.results import highlights_of as places_of
from web.parts.results import timing_parts
from web.parts.searching import Asked, asked_of, page_numbers, pages_text, params_of
from web.parts.sharing_dialog import grants_with, grants_without
from web.parts.stages import durations, moving, share, steps

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def document(**fields: object) -> DocumentReply:
    values: dict[str, object] = {
        "document_id": "d1",
        "collection_id": "c1",
        "name": "travel.pdf",
        "revision": 1,
        "state": DocumentState.READY,
        "content_type": "application/pdf",
        "size_bytes": 1_400_000,
        "sha256": "0" * 64,
        "pages": 3,
        "chunks": 9,
        "parts": 1,
        "parts_done": 1,
        "tags": [],
        "metadata": {},
        "parent_id": "",
        "created_at": NOW,
        "moved_at": NOW,
    }
    return DocumentReply.model_validate(values | fields)


def chunk(number: int, *boxes: tuple[float, float, float, float], page: int = 1) -> ChunkReply:
    return ChunkReply(
        chunk_id=f"k{number}",
        page_number=page,
        kind="text",
        text="words",
        heading_path=[],
        char_start=0,
        char_end=5,
        boxes=[BoxReply(page_number=page, x0=x0, y0=y0, x1=x1, y1=y1) for x0, y0, x1, y1 in boxes],
    )


def failed(code: str, detail: str = "", stage: str = "parse") -> DocumentReply:
    failure = FailureReply(stage=stage, code=code, detail=detail)
    return document(state=DocumentState.FAILED, failure=failure, parts=0, parts_done=0)


@pytest.mark.parametrize(
    ("size_bytes", "shown"),
    [(0, "0 B"), (999, "999 B"), (1000, "1.0 KB"), (1_400_000, "1.4 MB"), (250_000_000, "250 MB")],
)
def test_sizes_are_decimal_and_short(size_bytes: int, shown: str) -> None:
    assert size_text(size_bytes) == shown


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (DocumentState.UPLOADED, ["done", "now", "todo", "todo"]),
        (DocumentState.PARSING, ["done", "now", "todo", "todo"]),
        (DocumentState.EMBEDDING, ["done", "done", "now", "todo"]),
        (DocumentState.INDEXED, ["done", "done", "done", "now"]),
    ],
)
def test_the_steps_say_where_a_document_is(state: DocumentState, expected: list[str]) -> None:
    assert [step["state"] for step in steps(document(state=state))] == expected
    assert moving(document(state=state))


def test_a_ready_document_needs_no_steps() -> None:
    assert not steps(document())
    assert not moving(document())


def test_a_failure_stands_at_the_stage_that_failed() -> None:
    read = steps(failed("damaged"))
    embedded = steps(failed("embedding_refused", stage="embed"))

    assert [step["state"] for step in read] == ["done", "failed", "todo", "todo"]
    assert [step["state"] for step in embedded] == ["done", "done", "failed", "todo"]


def test_a_document_of_many_parts_says_how_many_are_done() -> None:
    some = share(document(state=DocumentState.EMBEDDING, parts=9, parts_done=4))

    assert some is not None
    assert (some["done"], some["whole"]) == (4, 9)
    assert share(document(state=DocumentState.EMBEDDING, parts=1, parts_done=0)) is None
    assert share(document(parts=9, parts_done=9)) is None


def test_stages_last_until_the_next_one_and_only_those_of_the_revision_count() -> None:
    line = [
        StageReply(at=NOW + timedelta(seconds=second), revision=revision, stage=stage)
        for second, revision, stage in (
            (0, 1, "uploaded"),
            (100, 2, "uploaded"),
            (102, 2, "parsing"),
            (105, 2, "embedding"),
            (109, 2, "indexed"),
            (110, 2, "ready"),
        )
    ]

    parts = durations(line, 2, now=NOW + timedelta(days=1))

    assert [part["value"] for part in parts] == [2000, 3000, 4000, 1000]


def test_every_failure_has_a_reason_and_advice() -> None:
    known = note_of(FailureReply(stage="parse", code="damaged", detail="xref is broken"))
    unknown = note_of(FailureReply(stage="maintain", code="weird", detail="the disk is full"))
    silent = note_of(FailureReply(stage="maintain", code="weird", detail=""))

    assert known["reason"] != "xref is broken"
    assert unknown["reason"] == "the disk is full"
    assert all(note["reason"] and note["advice"] for note in (known, unknown, silent))


def test_the_stages_own_words_are_kept_where_ours_are_others() -> None:
    damaged = FailureReply(stage="parse", code="damaged", detail="xref is broken")
    other = FailureReply(stage="maintain", code="weird", detail="the disk is full")

    assert own_words(damaged) == "xref is broken"
    assert not own_words(other)


def test_a_document_that_waits_for_a_budget_says_so_and_is_not_failed() -> None:
    held = Notice(code="held_by_budget", detail="the document waits, for it is used up")

    row = row_of(document(state=DocumentState.EMBEDDING, held=held), may_edit=True, now=NOW)

    assert row["note"] is not None
    assert "budget" in row["note"]["reason"]
    assert "by itself" in row["note"]["advice"]


def test_a_collection_without_its_embedder_has_advice_of_its_own() -> None:
    note = note_of(FailureReply(stage="embed", code="embedder_mismatch", detail="slug and all"))

    assert "embed it anew" in note["advice"]


def test_a_reader_can_do_nothing_to_a_document() -> None:
    row = row_of(document(), may_edit=False, now=NOW)

    assert not row["actions"]
    assert not row["allows"]


def test_only_failed_documents_can_be_retried_and_only_finished_ones_reprocessed() -> None:
    ready = row_of(document(), may_edit=True, now=NOW)
    broken = row_of(failed("damaged"), may_edit=True, now=NOW)
    busy = row_of(document(state=DocumentState.PARSING), may_edit=True, now=NOW)
    offered = {action["name"] for action in bulk_actions()}

    assert "retry" not in ready["allows"]
    assert "retry" in broken["allows"]
    assert set(busy["allows"]) == {"tag", "delete"}
    assert set(broken["allows"]) <= offered
    assert broken["actions"][0] == {"name": "retry", "label": "Try again", "first": True}


def test_more_tags_than_fit_are_counted() -> None:
    row = row_of(document(tags=[f"t{n}" for n in range(9)]), may_edit=True, now=NOW)

    assert row["tags"][-1] == "+3"


def test_files_have_the_picture_of_their_kind() -> None:
    assert [icon_of(name) for name in ("a.xlsx", "b.PPTX", "c.eml", "d", "e.pdf")] == [
        "table",
        "slides",
        "mail",
        "page",
        "page",
    ]


def test_only_pdf_has_pages_to_show() -> None:
    assert pages_to_show(document()) == 3
    assert pages_to_show(document(name="a.docx", content_type="application/msword")) == 0


def test_a_table_is_read_back_as_it_was_written() -> None:
    text = "Limits\n| a \\| b | c \\\\ |\n| --- | --- |\n| 1 |  |"

    caption, table = blocks_of(text, "table")

    assert caption["runs"] == [("Limits", False)]
    assert table["header"] == [[("a | b", False)], [("c \\", False)]]
    assert table["rows"] == [[[("1", False)], [("", False)]]]


def test_bars_in_plain_text_are_no_table() -> None:
    assert blocks_of("| not | a table |", "text") == [{"runs": [("| not | a table |", False)]}]


@given(st.lists(st.text(st.characters(exclude_categories=["C", "Z"])), min_size=1, max_size=5))
def test_cells_survive_the_way_through_markdown(cells: list[str]) -> None:
    escaped = (cell.replace("\\", "\\\\").replace("|", "\\|") for cell in cells)

    assert list(cells_of("| " + " | ".join(escaped) + " |")) == cells


def test_the_active_chunk_is_boxed_line_by_line_and_the_others_framed() -> None:
    chunks = [chunk(1, (10, 10, 90, 20), (10, 25, 50, 35)), chunk(2, (0, 0, 1, 1), page=2)]

    shown = highlights_of(chunks, "k1")
    framed = highlights_of(chunks, "k2")

    assert shown[0]["boxes"] == [[10, 10, 90, 20], [10, 25, 50, 35]]
    assert framed[0]["boxes"] == [[10, 10, 90, 35]]
    assert [place["page"] for place in shown] == [1, 2]


def test_subjects_are_found_from_their_chunks() -> None:
    assert subjects_by_chunk({"fox": ["k1", "k2"], "hen": ["k2"]}) == {
        "k1": ["fox"],
        "k2": ["fox", "hen"],
    }


@pytest.mark.parametrize(
    ("query", "text", "marked"),
    [
        ("vacation days", "Days of VACATION, not holidays.", ["Days", "VACATION"]),
        ("the of", "the of", []),
        ("연차 휴가", "신입 사원의 연차휴가는 열한 일", ["연차휴가"]),
        ("a+b(", "a+b( and c", []),
        ("page 7", "page 71 and page 7", ["page", "page", "7"]),
        ("", "anything", []),
    ],
)
def test_terms_of_the_question_are_marked(query: str, text: str, marked: list[str]) -> None:
    assert [run for run, hit in runs(text, terms(query)) if hit] == marked


@given(st.text(), st.text(max_size=60))
def test_marking_changes_no_character(text: str, query: str) -> None:
    assert "".join(run for run, _ in runs(text, terms(query))) == text


def test_an_address_carries_the_whole_search() -> None:
    asked = Asked(
        query="lunar module",
        collections=("space",),
        mode="text",
        top_k=20,
        neighbours=2,
        rerank=True,
        tags=("nasa", "1969"),
        kinds=("text", "table"),
        content_types=("application/pdf",),
        pages="1-3, 7",
        after=date(2026, 1, 1),
        before=date(2026, 2, 1),
        metadata=(("year", "1969"),),
    )

    params = {
        name: value if isinstance(value, list) else [value]
        for name, value in params_of(asked).items()
    }

    assert asked_of(params) == asked
    request = asked.request()
    assert request.filters.page_numbers == [1, 2, 3, 7]
    assert request.filters.uploaded_before == datetime(2026, 2, 2, tzinfo=UTC), "the day counts"
    assert asked.filters == 7


def test_defaults_are_left_out_of_the_address() -> None:
    assert params_of(Asked(query="x")) == {"q": "x"}


@pytest.mark.parametrize(
    "params",
    [
        {"k": ["many"]},
        {"mode": ["magic"]},
        {"after": ["yesterday"]},
        {"near": ["-1"]},
        {"k": ["²"]},
    ],
)
def test_what_an_address_says_wrongly_is_left_out(params: dict[str, list[str]]) -> None:
    assert asked_of(params | {"q": ["x"]}) == Asked(query="x")


@given(st.dictionaries(st.sampled_from(["q", "k", "page", "meta", "after"]), st.lists(st.text())))
def test_no_address_breaks_the_page(params: dict[str, list[str]]) -> None:
    asked_of(params)


@given(st.sets(st.integers(1, 5000), max_size=40))
def test_pages_survive_being_written(pages: set[int]) -> None:
    assert page_numbers(pages_text(sorted(pages))) == sorted(pages)


def test_an_endless_range_of_pages_is_cut() -> None:
    assert len(page_numbers("1-999999")) == 1000


def passage(number: int, document_id: str = "d1", pages: tuple[int, ...] = (1,)) -> Passage:
    return Passage(
        chunk_id=f"k{number}",
        collection_id="c1",
        document_id=document_id,
        document_name="a.pdf",
        revision=1,
        page_number=pages[0],
        boxes=[BoxReply(page_number=page, x0=0, y0=0, x1=1, y1=1) for page in pages],
        lines=[],
        heading_path=["One", "Two"],
        kind="text",
        text="words",
        char_start=0,
        char_end=5,
        relevance=0.5,
        relevances={"vector": 0.5},
    )


def test_a_passage_has_a_place_on_each_of_its_pages_and_other_documents_have_none() -> None:
    found = [passage(1), passage(2, "d2"), passage(3, pages=(4, 5))]

    places, active = places_of(found, found[2])

    assert [(place["number"], place["page"]) for place in places] == [(1, 1), (3, 4), (3, 5)]
    assert active == 1


def test_timings_come_in_the_order_of_the_steps() -> None:
    parts = timing_parts({"total": 9.0, "fuse": 1.0, "embed": 5.0, "unheard": 2.0})

    assert [part["value"] for part in parts] == [5.0, 1.0]


def test_a_new_right_replaces_the_old_one_of_the_same_grantee() -> None:
    old = [
        GrantReply(kind="user", id="u1", name="Ada", role="viewer"),
        GrantReply(kind="everyone", id="", name="", role="viewer"),
    ]

    raised = grants_with(old, GrantRequest(kind="user", id="u1", role="editor"))

    assert [(each.kind, each.role) for each in raised] == [
        ("everyone", "viewer"),
        ("user", "editor"),
    ]
    assert [each.kind for each in grants_without(old, old[1])] == ["user"]


def test_an_emptied_field_is_removed_and_an_unchanged_one_is_not_sent() -> None:
    before = {"year": "2025", "author": "Ada", "kind": "report"}
    values = {"year": "2026", "author": " ", "kind": "report"}

    assert changes(before, values, " place ", "Oslo") == {
        "year": "2026",
        "author": None,
        "place": "Oslo",
    }
    assert changes(before, before, "", "") == {}


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0.2, "1 s left"), (119, "119 s left"), (120, "2 min left"), (7200, "2 h left"),
     (200_000, "2 days left")],
)  # fmt: skip
def test_the_time_left_is_told_in_the_largest_unit_of_which_there_are_two(
    seconds: float, shown: str
) -> None:
    assert left_text(seconds) == shown


def test_two_of_one_name_are_told_apart_by_their_accounts() -> None:
    people = [
        PersonReply(kind="user", id=str(number), name=name, account=account)
        for number, (name, account) in enumerate(
            [("Kim", "kim1"), ("Kim", "kim_2"), ("*Lee*", "lee")]
        )
    ]

    assert [called(each, people) for each in people] == [
        "Kim (kim1)", r"Kim (kim\_2)", r"\*Lee\*"
    ]  # fmt: skip
