"""Queries over tables of documents, in the sandbox: a model's SQL is as hostile as any file."""

import threading
from collections.abc import Callable, Sequence
from functools import cache
from time import monotonic

from functions.answer.querying import PlainTable, select
from functions.answer.tools.table_reading import DocumentTable
from lectern.errors import InvalidRequest, TooLarge, UnreadableDocument
from lectern.sandbox import Sandbox

MOST_S = 8.0
_CPU_S = 5
_MEMORY_BYTES = 1 << 30  # of addresses; a query may fill half of it, the rest is code and threads
_AT_ONCE = threading.BoundedSemaphore(2)  # each may take as much memory as the sandbox allows


@cache
def sandbox() -> Sandbox:
    """Return the sandbox of this process; its first call, or `start`, imports DuckDB there."""
    return Sandbox(
        preload=("duckdb", "functions.answer.querying"),
        cpu_s=_CPU_S,
        wall_s=MOST_S,
        memory_bytes=_MEMORY_BYTES,
        file_bytes=0,
    )


def queried(
    tables: Sequence[DocumentTable],
    sql: str,
    *,
    left_s: float = MOST_S,
    on_cancel: Callable[[Callable[[], None]], None] | None = None,
) -> str:
    """Return the result of one SELECT as lines of cells; see `functions.answer.querying.select`.

    Args:
        tables: What can be queried, under their names.
        sql: As a model wrote it: hostile. It sees the tables and nothing else.
        left_s: Seconds that it may take, waiting for its turn included; 8 s at most.
        on_cancel: Given what ends the query from another thread.

    Raises:
        ValueError: It is no SELECT, is wrong, or takes too much time or memory.
        TransientError: It was ended, or the sandbox could not be started.
    """
    plain = [PlainTable(table.name, table.columns, table.rows) for table in tables]
    ends = monotonic() + min(left_s, MOST_S)
    if not _AT_ONCE.acquire(timeout=max(0.0, ends - monotonic())):
        raise ValueError("too many queries are running; try again")
    try:
        left_s = max(0.0, ends - monotonic())
        return sandbox().run(select, plain, sql, wall_s=left_s, on_cancel=on_cancel)
    except InvalidRequest as error:
        raise ValueError(error.detail) from error
    except TooLarge as error:
        what = "memory" if error.code == "parse_memory" else "time"
        raise ValueError(f"the query took too much {what}; ask for less at once") from error
    except UnreadableDocument as error:
        raise ValueError("the query could not be carried out; put it another way") from error
    finally:
        _AT_ONCE.release()
