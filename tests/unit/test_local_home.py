"""The folder of one machine: lock, token, announcement."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from lectern.errors import Busy
from lectern.local.home import Home, Running

RUNNING = Running(
    pid=1,
    instance="i",
    version="0",
    address="http://127.0.0.1:8080",
    internal_url="http://127.0.0.1:9/secret",
    inbox="",
)


def test_the_owners_token_is_made_once_even_when_many_ask_at_once(tmp_path: Path) -> None:
    homes = [Home(tmp_path / "home") for _ in range(8)]

    with ThreadPoolExecutor(8) as threads:
        tokens = set(threads.map(Home.owner_token, homes))

    assert len(tokens) == 1
    assert tokens.pop().startswith("lct_")


def test_only_one_process_holds_a_home(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.announce(RUNNING)

    with home.lock(), pytest.raises(Busy, match="8080"), Home(tmp_path).lock():
        pass

    with home.lock():
        pass


def test_an_announcement_can_be_read_and_taken_back(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.announce(RUNNING)
    read = home.running()

    home.withdraw()

    assert read == RUNNING
    assert home.running() is None


def test_a_damaged_announcement_counts_as_none(tmp_path: Path) -> None:
    (tmp_path / "server.json").write_text("{")

    assert Home(tmp_path).running() is None
