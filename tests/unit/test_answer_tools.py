"""The tools of an agent by themselves: arithmetic, tables, and what a model may get wrong."""

import contextlib
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.answer.following import Understood
from functions.answer.inquiry import Inquiry
from functions.answer.preferring import wishes_of
from functions.answer.recording import Recording
from functions.answer.streaming import Cancellation
from functions.answer.tools import Toolbox, ToolResult
from functions.answer.tools.calculating import CALCULATE, CalculateArguments, evaluated
from functions.answer.tools.table_query import queried
from functions.answer.tools.table_reading import DocumentTable, tables_of
from lectern.api import AnswerRequest, UserSettings
from lectern.client import Lectern
from lectern.errors import TransientError
from tests.provider.retrieve import passage

SALES = "| Region | Revenue | Share |\n| --- | ---: | --- |\n| North | $1,200 | 40 % |\n"
MORE = (
    "| Region | Revenue | Share |\n|---|---|---|\n| South | $1,800.50 | 60 % |\n| Sea \\| Air | | |"
)


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
    return tables_of([passage(SALES, kind="table"), passage(MORE, number=2, kind="table")])


def test_a_table_cut_by_rows_is_one_table_again() -> None:
    (table,) = tables()

    assert table.columns == ("Region", "Revenue", "Share")
    assert table.rows == [
        ("North", "$1,200", "40 %"),
        ("South", "$1,800.50", "60 %"),
        ("Sea | Air", "", ""),
    ]


def test_columns_without_or_with_the_same_name_can_be_told_apart() -> None:
    (table,) = tables_of([passage("| a | A | |\n|---|---|---|\n| 1 | 2 | 3 |", kind="table")])

    assert table.columns == ("a", "A 2", "column 3")


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
