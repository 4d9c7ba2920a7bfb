"""Workers are started on demand, ended when idle, and replaced when they die: real processes."""

import os
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest

from lectern.errors import TransientError
from lectern.local.exchange import request
from lectern.local.pool import WorkerPool
from lectern.local.process import ChildProcess
from lectern.local.rules import Answer
from lectern.local.wiring import FunctionWiring

PROGRAM = Path(__file__).with_name("stand_in_worker.py")

MakePool = Callable[..., WorkerPool]


@pytest.fixture
def make_pool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MakePool]:
    with ExitStack() as stack:

        def make(mode: str = "quick", *, at_once: int = 1, instances: int = 1) -> WorkerPool:
            monkeypatch.setattr("os.cpu_count", lambda: instances)
            wiring = FunctionWiring(concurrency=at_once, timeoutSeconds=60, maxScale=instances)

            def start(listener: socket.socket) -> ChildProcess:
                return ChildProcess(
                    "stand-in",
                    [str(PROGRAM), mode],
                    listener,
                    environment=os.environ,
                    log_file=tmp_path / "stand-in.log",
                )

            pool = WorkerPool(wiring, start, idle_s=0.0 if mode == "brief" else 60.0)
            stack.callback(pool.close)
            return pool

        yield make


def ask(pool: WorkerPool) -> Answer:
    with pool.lease() as address:
        return request(address, "POST", "/", timeout_s=10.0)


def test_the_first_request_starts_a_worker_and_the_next_one_finds_it(make_pool: MakePool) -> None:
    pool = make_pool()
    before = pool.workers()

    answers = [ask(pool), ask(pool)]

    assert before == []
    assert answers[0].status == 200
    assert answers[0].body == answers[1].body


def test_requests_that_come_at_once_share_one_start(make_pool: MakePool) -> None:
    pool = make_pool(at_once=4)

    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda _: ask(pool), range(4)))

    assert len({answer.body for answer in answers}) == 1


def test_a_function_that_takes_one_at_a_time_gets_more_processes_but_not_too_many(
    make_pool: MakePool,
) -> None:
    pool = make_pool("slow", instances=2)

    with ThreadPoolExecutor(6) as threads:
        answers = list(threads.map(lambda _: ask(pool), range(6)))

    assert {answer.status for answer in answers} == {200}
    assert len({answer.body for answer in answers}) == 2


def test_an_idle_worker_is_ended_and_a_busy_one_is_not(make_pool: MakePool) -> None:
    pool = make_pool("brief")
    with pool.lease() as address:
        (worker,) = pool.workers()
        pool.tend()
        busy = request(address, "POST", "/", timeout_s=10.0)

    pool.tend()

    assert busy.status == 200
    assert pool.workers() == []
    assert worker.process.exit_code is not None


def test_a_worker_that_dies_gives_no_answer_and_is_replaced(make_pool: MakePool) -> None:
    pool = make_pool("deadly")
    with pool.lease() as address:
        (first,) = pool.workers()
        answer = request(address, "POST", "/", timeout_s=10.0)
        while first.process.exit_code is None:
            pass

    with pool.lease():
        (second,) = pool.workers()

    assert answer.status == 0
    assert first.process.pid != second.process.pid


def test_a_worker_that_does_not_start_is_an_error_and_is_not_tried_all_the_time(
    make_pool: MakePool, caplog: pytest.LogCaptureFixture
) -> None:
    pool = make_pool("broken")

    for _ in range(2):
        with pytest.raises(TransientError, match="did not start"):
            ask(pool)

    assert [record.levelname for record in caplog.records] == ["ERROR"]
    assert "it cannot find its model" in caplog.text
    assert pool.workers() == []


def test_a_closed_pool_starts_nothing(make_pool: MakePool) -> None:
    pool = make_pool()
    ask(pool)
    (worker,) = pool.workers()

    pool.close()

    assert worker.process.exit_code is not None
    with pytest.raises(TransientError):
        ask(pool)
