"""Fixtures of the end-to-end tests: a real `lectern up` on loopback, on a free port."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.e2e.lectern_up import LecternUp, lectern_up


@pytest.fixture(scope="session")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LecternUp]:
    """One `lectern up` for all tests that leave it in order."""
    with lectern_up(tmp_path_factory.mktemp("up") / "home") as started:
        yield started


@pytest.fixture
def fresh_up(tmp_path: Path) -> Iterator[Callable[..., LecternUp]]:
    """Start a `lectern up` of one's own, without samples, to be killed and started at will."""
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    (home / "samples-loaded").touch()
    with ExitStack() as stack:
        yield lambda **environment: stack.enter_context(lectern_up(home, environment))
