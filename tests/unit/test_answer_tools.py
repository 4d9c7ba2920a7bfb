"""The tools of an agent by themselves: arithmetic, tables, and what a model may get wrong."""

import contextlib
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.answer.following import Understood
from functions.answer.inquiry import Inquiry
from functions.answer.preferring import wishes_of
from functions.answer.querying import is_numeric
from functions.answer.recording import Recording
from functions.answer.streaming import Cancellation
from functions.answer.tools import Toolbox, ToolResult
from functions.answer.tools.calculating import CALCULATE, CalculateArguments, evaluated
from functions.answer.tools.table_query import queried
from functions.answer.tools.table_reading import DocumentTable, tables_of
from functions.parse.blocks import Block, ReadPage
from functions.parse.chunking import Chunker
from lectern.api import AnswerRequest, ChunkReply, UserSettings
from lectern.client import Lectern
from lectern.errors import TransientError

SALES = "| Region | Revenue | Share |\n| --- | --- | --- |\n| North | $1,200 | 40 % |"
MORE = "| South | $1,800.50 | 60 % |\n| Sea \\| Air | | |"
HEADER = "| Region | Revenue | Share |\n| --- | --- | --- |\n"


def chunk(text: str, *, start: int = 0, page: int = 1, repeats: str = "") -> ChunkReply:
    """Return a piece of a table as parse cuts it: behind the header it repeats."""
    return ChunkReply(
        chunk_id=f"d1.1.0001.{page * 1000 + start:05d}",
        page_number=page,
        kind="table",
        text=repeats + text,
        heading_path=[],
        char_start=start,
        char_end=start + len(text),
        boxes=[],
    )


def cut_by_parse(blocks: Sequence[Block], chunk_tokens: int) -> list[ChunkReply]:
    """Return the tables of a page as parse writes them."""
    _, drafts = Chunker(chunk_tokens=chunk_tokens).chunk(ReadPage(1, tuple(blocks)))
    return [
        chunk(draft.text, page=1).model_copy(
            update={"char_start": draft.char_start, "char_end": draft.char_end}
        )
        for draft in drafts
        if draft.kind == "table"
    ]


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("2 + 3 * 4", "14"),
        ("(1 - 0.9) * 100", "10"),
        ("0.1 + 0.2", "0.3"),
        ("1200 / 3000 * 100", "40"),
        ("round(2 / 3, 2)", "0.67"),
        ("max(3, 7, 5) - min(3, 7)", "4"),
        ("sqrt(2) ** 2 - 2 < 1", None),
        ("-5 // 2", "-2"),
        ("sum(1, 2, 3.5)", "6.5"),
        ("0 * 5", "0"),
    ],
)
def test_arithmetic_is_exact(expression: str, value: str | None) -> None:
    if value is None:
        with pytest.raises(ValueError, match="no arithmetic"):
            evaluated(expression)
    else:
        assert evaluated(expression) == value


@pytest.mark.parametrize(
    "expression",
    [
        "__import__('os').system('true')",
        "open('/etc/passwd')",
        "(1).__class__",
        "[x for x in (1, 2)]",
        "9 ** 9 ** 9",
        "10 ** 1000000",
        "1 / 0",
        "'a' * 1000000000",
        "True + 1",
        "lambda: 1",
        "round(1, 2, 3)",
        "max()",
        "(" * 250,
        "",
    ],
)
def test_what_is_no_arithmetic_is_refused(expression: str) -> None:
    with pytest.raises(ValueError, match=r"no arithmetic|cannot be computed|too large"):
        evaluated(expression)


@pytest.mark.parametrize(
    "expression",
    [
        "round(1, (10**1000)**999)",
        "round(1, (10**390)**1)",
        "round(1, 10**20)",
        "round(1, -10**20)",
        "(10**1000)**999",
        "10**400 * 10",
        "10**-400 / 10**30",
        "1e999",
        "-1e999 + 1e999",
        "9" * 300 + " ** 2",
    ],
)
def test_numbers_beyond_bounds_are_refused_at_once(expression: str) -> None:
    began = time.process_time()

    with pytest.raises(ValueError, match=r"places|too large|too small|cannot be computed"):
        evaluated(expression)
    assert time.process_time() - began < 1, "it took 8 s and more once, holding every other thread"


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("10 ** 400", "1E+400"),
        ("10 ** 40", "1" + "0" * 40),
        ("1 / 10 ** 300", "1E-300"),
        ("-2 / 3 * 10 ** 200", "-6.666666666666666666666666667E+199"),
    ],
)
def test_no_value_is_long(expression: str, value: str) -> None:
    assert evaluated(expression) == value


EXPENSIVE = [
    "**".join(["1.0000001", "999.5"] + ["0.9999999"] * 25),
    "+".join(["3.3**999.9"] * 27),
    "sqrt(" * 40 + "2" + ")" * 40,
    "%".join(["9" * 40 + "E300", "7E-300"]),
    "-" * 299 + "1",
    "max(" + ",".join(["9E399"] * 40) + ")",
]


@pytest.mark.parametrize("expression", EXPENSIVE, ids=range(len(EXPENSIVE)))
def test_no_expression_of_the_allowed_length_takes_long(expression: str) -> None:
    CalculateArguments(expression=expression)
    began = time.process_time()

    with contextlib.suppress(ValueError):
        assert len(evaluated(expression)) < 80
    assert time.process_time() - began < 0.5, "0.1 s, with room for a machine that is busy"


@pytest.fixture
def inquiry() -> Iterator[Inquiry]:
    """A question whose documents are never asked for."""
    wishes = wishes_of(AnswerRequest(question="How many?"), UserSettings())
    with Lectern("http://127.0.0.1:9/{function}", "") as library:
        yield Inquiry(
            Understood("How many?", "How many?"),
            wishes,
            library,
            chat=None,
            deadline=time.monotonic() + 60,
            ends=time.monotonic() + 60,
            cancellation=Cancellation(),
            recording=Recording(),
        )


def test_a_number_that_is_no_number_of_places_is_told_to_the_model(inquiry: Inquiry) -> None:
    box = Toolbox({"calculate": CALCULATE}, inquiry)

    result = box.use("calculate", {"expression": "round(1, 10**20)"}).run()

    assert result.failed
    assert result.text == "failed: round takes at most 28 places, not 1.00e+20"


def test_a_tool_that_meets_an_impossible_number_tells_the_model(inquiry: Inquiry) -> None:
    def divide(_: CalculateArguments, __: Inquiry) -> ToolResult:
        return ToolResult(str(int("1") // int("0")))

    tool = replace(CALCULATE, run=divide)
    box = Toolbox({"calculate": tool}, inquiry)

    assert box.use("calculate", {"expression": "1 // 0"}).run().failed


@given(st.text("0123456789+-*/%(). abs,", max_size=40))
def test_whatever_a_model_writes_has_a_value_or_is_refused(expression: str) -> None:
    with contextlib.suppress(ValueError):
        assert evaluated(expression)


def tables() -> list[DocumentTable]:
    return tables_of([chunk(SALES), chunk(MORE, start=len(SALES) + 1, repeats=HEADER)])


def test_a_table_cut_by_rows_is_one_table_again() -> None:
    (table,) = tables()

    assert table.columns == ("Region", "Revenue", "Share")
    assert table.rows == [
        ("North", "$1,200", "40 %"),
        ("South", "$1,800.50", "60 %"),
        ("Sea | Air", "", ""),
    ]


def test_tables_with_equal_headers_stay_apart_on_a_page_and_on_several() -> None:
    behind = len(SALES) + 2
    found = tables_of([chunk(SALES), chunk(SALES, start=behind), chunk(SALES, page=2)])

    assert [(table.name, table.page_number, len(table.rows)) for table in found] == [
        ("t1", 1, 1),
        ("t2", 1, 1),
        ("t3", 2, 1),
    ]
    assert queried(found, 'SELECT sum("Revenue") AS total FROM t1') == "total\n1200"


def test_equal_rows_and_rows_of_dashes_are_kept() -> None:
    same = "| Day | Sold |\n| --- | --- |\n| Mo | 5 |\n| Mo | 5 |\n| - | - |\n| | |\n| Mo | 5 |"
    (table,) = tables_of([chunk(same)])

    assert len(table.rows) == 5


CELL = st.text("ab1 0|\\-.,\n", max_size=12)


@given(
    st.lists(st.lists(CELL, min_size=3, max_size=3), min_size=2, max_size=12),
    st.booleans(),
    st.integers(6, 160),
)
def test_a_table_is_the_same_however_parse_cuts_it(
    grid: list[list[str]],
    has_header: bool,  # noqa: FBT001 - a case of the test
    chunk_tokens: int,
) -> None:
    empty = "" if chunk_tokens >= 100 else "-"  # a cut between empty cells looks like an end
    rows = tuple(tuple(" ".join(cell.split()) or empty for cell in row) for row in grid)
    rows = (("first", "second", "third"), *rows)
    block = Block("table", "Sold in 2024", rows=rows, has_header=has_header)
    other = Block("table", "", rows=rows, has_header=has_header)

    found = tables_of(cut_by_parse([block, other], chunk_tokens))

    expected = rows[1:] if has_header else rows
    assert [table.rows for table in found] == [list(expected), list(expected)]
    assert found[0].columns[0] == ("first" if has_header else "column 1")


def test_a_cell_of_megabytes_is_put_together_in_linear_time() -> None:
    rows = (("id", "text"), ("1", "x|y" * 400_000), ("2", "short"))
    pieces = cut_by_parse([Block("table", "", rows=rows, has_header=True)], 256)
    began = time.process_time()

    (table,) = tables_of(pieces)

    assert len(pieces) > 1000
    assert table.rows == list(rows[1:])
    assert time.process_time() - began < 5


def test_columns_without_or_with_the_same_name_can_be_told_apart() -> None:
    (table,) = tables_of([chunk("| a | A | |\n| --- | --- | --- |\n| 1 | 2 | 3 |")])

    assert table.columns == ("a", "A 2", "column 3")


@pytest.mark.parametrize(
    "cells", [["1", "-2", "1,200.50", ""], ["$5", "$1,200", "7"], ["40 %", "7.5%"], ["0", "-0.25"]]
)
def test_a_column_of_numbers_is_one_of_numbers(cells: list[str]) -> None:
    assert is_numeric(cells)


@pytest.mark.parametrize(
    "cells",
    [
        ["1", "2", "007"],
        ["0123456789"],
        ["12345678901234567890"],
        ["$5", "€5"],
        ["2019 2020"],
        ["(1,200)", "1.234,50"],
        ["n/a", "5"],
        ["", ""],
    ],
)
def test_what_is_no_plain_number_stays_text(cells: list[str]) -> None:
    assert not is_numeric(cells)


def test_ids_keep_their_zeros() -> None:
    (table,) = tables_of([chunk("| Id | V |\n| --- | --- |\n| 1 | 5 |\n| 007 | 6 |")])

    assert queried([table], "SELECT * FROM t1") == "Id | V\n1 | 5\n007 | 6"


def test_a_table_may_have_very_many_columns() -> None:
    wide = "\n".join(["| x " * 1000 + "|", "| --- " * 1000 + "|", "| 2 " * 1000 + "|"])
    (table,) = tables_of([chunk(wide)])

    assert queried([table], 'SELECT "x" + "x 1000" AS two FROM t1') == "two\n4"


@pytest.mark.parametrize(
    ("sql", "result"),
    [
        ('SELECT sum("Revenue") AS total FROM t1', "total\n3000.5"),
        ('SELECT "Region" FROM t1 WHERE "Share" > 50', "Region\nSouth"),
        ('SELECT count(*) AS rows FROM t1 WHERE "Revenue" IS NULL', "rows\n1"),
    ],
)
def test_columns_of_numbers_are_computed_with(sql: str, result: str) -> None:
    assert queried(tables(), sql) == result


def test_a_long_result_is_cut_and_says_so() -> None:
    lines = queried(tables(), "SELECT * FROM range(1000)").splitlines()

    assert len(lines) == 52
    assert lines[-1] == "… (cut: only the first 50 rows are shown)"


def test_cells_and_results_have_a_size_and_say_when_they_are_cut() -> None:
    one = queried(tables(), "SELECT repeat('x', 20000000)").splitlines()[1]
    wide = ", ".join(["repeat('x', 900)"] * 60)
    many = queried(tables(), f"SELECT {wide} FROM range(9)")  # noqa: S608 - a test of just that

    assert one == "x" * 500 + "… (cut)"
    assert len(many) < 6000
    assert many.endswith("… (cut: only the first 1 rows are shown)")


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        ("SELECT levenshtein(repeat('a', 200000), repeat('b', 200000))", "too much time"),
        ("SELECT count(*) FROM range(100000000) a, range(100000000) b", "(?i)time|memory"),
        ("SELECT damerau_levenshtein(repeat('a', 16000), repeat('b', 16000))", "(?i)memory"),
        ("SELECT repeat('x', 20000000) FROM range(50)", "(?i)memory"),
        ("SELECT list(range) FROM range(100000000)", "(?i)memory"),
    ],
)
def test_a_query_has_the_time_and_the_memory_it_is_given(sql: str, reason: str) -> None:
    queried(tables(), "SELECT 1")
    began = time.monotonic()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    with pytest.raises(ValueError, match=reason):
        queried(tables(), sql, left_s=1.5)
    assert time.monotonic() - began < 6
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100 * 1024


def test_a_query_ends_with_its_reader() -> None:
    cancellation = Cancellation()
    threading.Timer(0.5, cancellation.cancel).start()
    began = time.monotonic()

    with pytest.raises(TransientError) as raised:
        queried(
            tables(),
            "SELECT levenshtein(repeat('a', 200000), repeat('b', 200000))",
            on_cancel=cancellation.on_cancel,
        )
    assert raised.value.code == "cancelled"
    assert time.monotonic() - began < 3
    assert queried(tables(), "SELECT 1 AS one") == "one\n1"


def test_duckdb_never_enters_the_process_that_holds_keys() -> None:
    program = (
        "import sys; from functions.answer.tools.table_query import queried; "
        "print(queried([], 'SELECT 1 AS one'), 'duckdb' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    )

    assert done.stdout == "one\n1 False\n"


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM '/etc/passwd'",
        "SELECT * FROM read_text('/etc/hostname')",
        "COPY t1 TO '/tmp/lectern-stolen.csv'",
        "ATTACH '/tmp/lectern-stolen.db'",
        "INSTALL httpfs",
        "SET enable_external_access=true",
        "DROP TABLE t1",
        "SELECT 1; DROP TABLE t1",
        "SELECT * FROM tables",
        "SELECT",
        "",
    ],
)
def test_a_query_reaches_its_tables_and_nothing_else(sql: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        queried(tables(), sql)
