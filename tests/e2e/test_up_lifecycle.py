"""`lectern up` starts, stops, and leaves nothing behind when it is killed."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.lectern_up import LecternUp


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    stat = Path(f"/proc/{pid}/stat")  # a zombie waits for a parent of its own
    return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] == "Z"


def test_it_starts_again_after_it_was_killed_and_stops_with_all_its_processes(
    fresh_up: Callable[..., LecternUp],
) -> None:
    up = fresh_up()
    killed = [process["pid"] for process in up.processes()]

    up.kill()

    assert up.eventually(lambda: all(gone(pid) for pid in killed))
    up.start()
    assert up.command("status")["running"]
    stopped = [process["pid"] for process in up.processes()]
    assert up.stop() == 0
    assert all(gone(pid) for pid in stopped)
    assert not (up.home / "server.json").exists()


def test_a_killed_front_comes_back_at_the_same_address(up: LecternUp) -> None:
    address = up.running.address
    (before,) = up.pids("front")

    up.kill_worker("front")

    after = up.eventually(lambda: [pid for pid in up.pids("front") if pid != before])
    assert after
    assert up.eventually(lambda: up.command("status")["address"] == address)


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1"])  # noqa: S104 - refused
def test_an_address_that_others_reach_is_refused(tmp_path: Path, host: str) -> None:
    up = LecternUp(tmp_path / "home")

    refused = up.run("up", "--host", host, "--port", "0")

    assert refused.returncode == 1
    assert "LECTERN_ALLOW_REMOTE" in refused.stderr


def test_a_taken_port_is_named(up: LecternUp, tmp_path: Path) -> None:
    port = up.running.address.rpartition(":")[2]
    other = LecternUp(tmp_path / "other")

    refused = other.run("up", "--port", port)

    assert refused.returncode == 1
    assert port in refused.stderr
