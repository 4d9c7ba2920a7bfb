"""What was used, as administrators see it."""

import csv
import io
from collections.abc import Iterator
from datetime import date

import pytest
import streamlit as st

from lectern.api import UsageEntry, UsageReport
from tests.web.conftest import World, page_of
from web.language import LANGUAGE_STATE
from web.parts.admin_usage import as_csv, chart, table

FIRST, LAST = date(2026, 11, 20), date(2026, 11, 22)


def entry(day: date, name: str, **amounts: int) -> UsageEntry:
    nothing = dict.fromkeys(
        ("documents", "size_bytes", "questions", "failed", "prompt_tokens", "completion_tokens"), 0
    )
    return UsageEntry(day=day, subject_id=f"id-{name}", name=name, **(nothing | amounts))


ENTRIES = [
    entry(FIRST, "ada", questions=2, size_bytes=1000),
    entry(LAST, "ada", questions=1),
    entry(LAST, "b|b", questions=4, failed=1),
]


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    st.session_state[LANGUAGE_STATE] = "en"
    yield
    st.session_state.pop(LANGUAGE_STATE, None)


def test_every_day_has_its_place_in_the_chart_also_without_use() -> None:
    drawn = chart(UsageReport(since=FIRST, until=LAST, entries=ENTRIES), "questions")

    assert drawn["xAxis"]["data"] == ["2026-11-20", "2026-11-21", "2026-11-22"]
    assert [(each["name"], each["data"]) for each in drawn["series"]] == [
        ("b|b", [0, 0, 4]),
        ("ada", [2, 0, 1]),
    ]


def test_many_subjects_are_drawn_as_the_largest_and_the_others() -> None:
    many = [entry(LAST, f"user{number}", questions=number) for number in range(1, 10)]

    drawn = chart(UsageReport(since=LAST, until=LAST, entries=many), "questions")["series"]

    assert [each["name"] for each in drawn] == [*(f"user{n}" for n in range(9, 3, -1)), "Others"]
    assert drawn[-1]["data"] == [1 + 2 + 3]


def test_the_table_adds_up_and_keeps_its_columns() -> None:
    rows = table(ENTRIES, "user").splitlines()

    assert rows[2] == r"| b\|b | 4 | 1 | 0 | 0 B | 0 | 0 | 0 |"
    assert rows[3] == "| ada | 3 | 0 | 0 | 1.0 KB | 0 | 0 | 0 |"


def test_a_spreadsheet_takes_no_name_for_a_formula() -> None:
    text = as_csv([entry(LAST, '=HYPERLINK("http://x")', questions=1)])

    rows = list(csv.reader(io.StringIO(text.lstrip("\ufeff"))))
    assert rows[0][:3] == ["day", "id", "name"]
    assert rows[1][2] == '\'=HYPERLINK("http://x")'


def test_administrators_see_what_was_used(world: World) -> None:
    at = page_of(world, "admin", "admin")
    at.session_state["admin-tab"] = "Use"
    at.run()

    assert not at.exception
    assert [each.label for each in at.metric][:2] == ["Questions", "Failed answers"]
