"""`lectern backup`, `restore` and `migrate`: what they print, refuse and how they end."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from lectern.catalog import migrate, open_catalog
from lectern.catalog.schema import SCHEMA_VERSION
from lectern.cli.root import cli
from lectern.settings import Settings
from tests.postgres import postgres_on


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An installation with an owner and a collection."""
    home = tmp_path / "home"
    monkeypatch.setenv("LECTERN_HOME", str(home))
    settings = Settings()
    migrate(settings)
    catalog = open_catalog(settings)
    owner = catalog.people.ensure_owner("owner")
    catalog.collections.create("Papers", owner.user_id)
    catalog.close()
    yield home
    open_catalog.cache_clear()


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Return exit code, stdout and stderr of a command."""
    with pytest.raises(SystemExit) as ended:
        cli.main(list(arguments))
    printed = capsys.readouterr()
    return int(ended.value.code or 0), printed.out, printed.err


def document(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, Any]:
    code, out, _ = run(capsys, *arguments, "--json")
    return code, json.loads(out)


def test_a_backup_is_made_listed_and_verified(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, made = document(capsys, "backup", "--keep")
    _, listed = document(capsys, "backup", "list")
    code, checked = document(capsys, "backup", "--verify", "newest")
    _, words, _ = run(capsys, "backup", "list")

    assert [row["name"] for row in listed["backups"]] == [made["name"]]
    assert (made["keep"], made["schema_version"]) == (True, SCHEMA_VERSION)
    assert (code, checked["name"], checked["files_gone"]) == (0, made["name"], 0)
    assert words.startswith(f"{made['name']}  0 documents, ")
    assert "kept" in words


def test_a_damaged_backup_is_listed_with_what_is_wrong(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, made = document(capsys, "backup")
    (home / "store" / "backups" / made["name"] / "manifest.json").write_text("{}")

    _, listed = document(capsys, "backup", "list")
    code, _, said = run(capsys, "restore", made["name"], "--force")

    assert "its manifest is not as it was written" in listed["backups"][0]["problem"]
    assert code == 1
    assert "choose another one" in said


def test_a_restore_refuses_what_is_filled_and_says_what_it_did(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, made = document(capsys, "backup")
    refused_code, refused = document(capsys, "restore")
    code, words, advice = run(capsys, "restore", "--force")
    again, found = document(capsys, "restore", "--reconcile")

    assert (refused_code, refused["code"]) == (1, "not_empty")
    assert "1 collections" in refused["detail"]
    assert (code, words) == (0, f"restored: {made['name']}\n")
    assert "its sweeper does what is left" in advice
    assert (again, found) == (0, {"restored": "", "reconciled": {}})


@pytest.mark.parametrize(
    "arguments",
    [
        ("backup", "--read-data"),
        ("backup", "--verify", "newest", "--to", "elsewhere"),
        ("backup", "--adopt"),
        ("restore", "--reconcile", "--force"),
        ("migrate", "--accept-loss"),
    ],
    ids=" ".join,
)
def test_options_that_do_not_fit_together_are_a_usage_error(
    home: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]
) -> None:
    assert document(capsys, *arguments)[0] == 2


def test_nothing_to_restore_and_nothing_to_back_up_are_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LECTERN_HOME", str(tmp_path / "empty"))

    nothing = document(capsys, "restore")
    no_catalog = document(capsys, "backup")

    assert (nothing[0], nothing[1]["code"]) == (1, "not_found")
    assert (no_catalog[0], no_catalog[1]["code"]) == (1, "invalid_request")
    assert not (tmp_path / "empty" / "catalog.db").exists()


def test_tables_go_back_with_consent_and_up_again(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    refused = document(capsys, "migrate", "--to", "0003")
    back = document(capsys, "migrate", "--to", "0003", "--accept-loss")
    up = document(capsys, "migrate")

    assert (refused[0], refused[1]["code"]) == (1, "would_lose")
    assert "add --accept-loss" in refused[1]["detail"]
    assert back == (0, {"schema": "0003"})
    assert up == (0, {"schema": SCHEMA_VERSION})


@pytest.mark.postgres
def test_a_restore_waits_for_a_database_that_is_being_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LECTERN_HOME", str(tmp_path / "home"))
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    url = f"postgresql://lectern@127.0.0.1:{port}/postgres"
    monkeypatch.setenv("LECTERN_DATABASE_URL", url)

    code, _, too_early = run(capsys, "restore", "--wait", "0.1")
    with ExitStack() as stack:
        starting = threading.Timer(3.0, lambda: stack.enter_context(postgres_on("127.0.0.1", port)))
        starting.start()
        stack.callback(starting.join)
        later_code, _, later = run(capsys, "restore", "--wait", "60")

    assert code == 1
    assert "connection refused" in too_early.lower(), "it says what it waited for"
    assert later_code == 1, "there is no backup in the store"
    assert "waiting: " in later
    assert "there is no backup" in later
