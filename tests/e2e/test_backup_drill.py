"""The drill of docs/operations/backup.md: what was lost answers the same questions elsewhere."""

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.lectern_up import LecternUp

NOTES = {
    "garden.md": "# Garden\n\nThe old pear tree was planted in 1874 by the miller.\n",
    "mill.md": "# Mill\n\nThe wheel of the mill turned forty times a minute.\n",
}
QUESTION = "When was the pear tree planted?"
LARGE_BYTES = 192 << 20


Answer = dict[str, Any]


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> LecternUp:
    """An installation with documents, which nothing runs on."""
    folder = tmp_path_factory.mktemp("drill")
    for name, text in NOTES.items():
        (folder / name).write_text(text)
    machine = LecternUp(folder / "home")
    report = machine.command("ingest", *(str(folder / name) for name in NOTES))
    assert [document["state"] for document in report["documents"]] == ["ready", "ready"]
    return machine


@pytest.fixture(scope="module")
def expected(filled: LecternUp) -> Answer:
    """What it answers, and where it says that this stands."""
    answer = ask(filled)
    assert "1874" in answer["answer"]
    return answer


def ask(machine: LecternUp) -> Answer:
    reply = machine.command("ask", QUESTION)
    return {"answer": reply["answer"], "citations": reply["citations"]}


@contextmanager
def begun(machine: LecternUp, *arguments: str) -> Iterator["subprocess.Popen[bytes]"]:
    """Start a command of the CLI, to be killed inside of the context."""
    process = subprocess.Popen(
        [sys.executable, "-m", "lectern.cli", *arguments],
        env=machine.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def killed_while(machine: LecternUp, *arguments: str, writes: Path) -> None:
    """Start a command and kill it as soon as there is something below `writes`."""
    with begun(machine, *arguments) as process:
        machine.eventually(lambda: any(writes.glob("*")) or process.poll() is not None)
        process.kill()
        assert process.wait() == -signal.SIGKILL, "it was done before it could be killed"


def test_a_copy_restored_elsewhere_answers_the_same_whatever_was_killed_on_the_way(
    filled: LecternUp, expected: Answer, tmp_path: Path
) -> None:
    copy = tmp_path / "copy"
    large = filled.home / "store" / "inbox" / "papers" / "large.bin"
    large.parent.mkdir(parents=True, exist_ok=True)
    large.touch()
    os.truncate(large, LARGE_BYTES)
    killed_while(filled, "backup", "--to", str(copy), writes=copy / ".lectern-incoming")
    large.unlink()
    assert filled.command("backup", "list", "--from", str(copy)) == {"backups": []}

    made = filled.command("backup", "--to", str(copy))
    checked = filled.command("backup", "--verify", made["name"], "--from", str(copy), "--read-data")
    elsewhere = LecternUp(tmp_path / "elsewhere")
    elsewhere.command("migrate")
    with closing(sqlite3.connect(elsewhere.home / "catalog.db", isolation_level=None)) as occupied:
        occupied.execute("BEGIN IMMEDIATE")  # the restore gets as far as here
        uploads = elsewhere.home / "store" / "uploads"
        killed_while(elsewhere, "restore", "--from", str(copy), writes=uploads)
    restored = elsewhere.command("restore", "--from", str(copy))

    assert (checked["documents"], checked["indexes"], checked["files_gone"]) == (2, 1, 0)
    assert restored == {"restored": made["name"], "reconciled": {}}
    assert ask(elsewhere) == expected


def test_the_store_alone_answers_the_same_after_its_database_is_lost(
    filled: LecternUp, expected: Answer
) -> None:
    made = filled.command("backup")
    filled_one = filled.command("restore", exit_code=1)
    for file in filled.home.glob("catalog.db*"):
        file.unlink()
    rows = filled.home / "store" / "backups" / made["name"] / "catalog" / "revisions.jsonl.zst"
    whole = rows.read_bytes()
    rows.write_bytes(whole[:-7])
    damaged = filled.command("restore", exit_code=1)
    rows.write_bytes(whole)

    restored = filled.command("restore", made["name"])

    assert (filled_one["code"], damaged["code"]) == ("not_empty", "damaged_backup")
    assert restored == {"restored": made["name"], "reconciled": {}}
    assert ask(filled) == expected
    assert filled.command("status")["last_backup"].startswith(made["created_at"][:19])
