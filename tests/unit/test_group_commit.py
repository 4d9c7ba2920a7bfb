"""Several threads, one commit."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from lectern.index.writes import MAX_GROUP, GroupCommit


def test_what_waits_while_another_commits_becomes_one_commit() -> None:
    commits: list[list[int]] = []
    entered, go_on = threading.Event(), threading.Event()

    def commit(group: Sequence[int]) -> None:
        commits.append(list(group))
        entered.set()
        assert go_on.wait(10)

    writes = GroupCommit[int](commit)
    with ThreadPoolExecutor(6) as pool:
        first = pool.submit(writes.submit, 0)
        assert entered.wait(10)
        others = [pool.submit(writes.submit, n) for n in range(1, 6)]
        while len(writes._waiting) < 5:
            threading.Event().wait(0.001)
        go_on.set()
        for future in (first, *others):
            future.result(10)

    assert commits[0] == [0]
    assert sorted(commits[1]) == [1, 2, 3, 4, 5]
    assert len(commits) == 2


def test_an_error_reaches_everybody_whose_write_was_in_the_group() -> None:
    def commit(group: Sequence[int]) -> None:
        raise ValueError(f"no room for {list(group)}")

    writes = GroupCommit[int](commit)

    with pytest.raises(ValueError, match="no room for"):
        writes.submit(1)
    with pytest.raises(ValueError, match=r"\[2\]"):
        writes.submit(2)


def test_a_group_is_bounded() -> None:
    sizes: list[int] = []
    writes = GroupCommit[int](lambda group: sizes.append(len(group)))

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(writes.submit, range(3 * MAX_GROUP)))

    assert sum(sizes) == 3 * MAX_GROUP
    assert max(sizes) <= MAX_GROUP
