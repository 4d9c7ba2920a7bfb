"""The command line itself: fast, quiet on stdout, clear about mistakes."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask, Response
from werkzeug.serving import BaseWSGIServer, make_server

from lectern import __version__
from lectern.catalog.tables import SCHEMA_VERSION
from lectern.cli.root import cli
from lectern.errors import Unauthorized, problem


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, list(arguments), prog_name="lectern")


def test_help_lists_every_command() -> None:
    shown = run("--help").stdout

    for command in ("up", "ingest", "search", "ask", "status", "users", "dead-letters", "config"):
        assert f"  {command} " in shown


@pytest.mark.parametrize(
    "command",
    [
        ["up"],
        ["ingest"],
        ["search"],
        ["ask"],
        ["status"],
        ["documents", "list"],
        ["documents", "show"],
        ["documents", "delete"],
        ["documents", "reprocess"],
        ["reembed"],
        ["users", "list"],
        ["users", "create"],
        ["dead-letters", "list"],
        ["dead-letters", "replay"],
        ["migrate"],
        ["config"],
        ["version"],
    ],
    ids=" ".join,
)
def test_every_command_has_help(command: list[str]) -> None:
    result = run(*command, "--help")

    assert result.exit_code == 0
    assert "Usage: lectern" in result.stdout


def test_help_imports_nothing_heavy() -> None:
    program = (
        "import sys; from lectern.cli.root import cli\n"
        "try: cli(['--help'])\n"
        "except SystemExit: pass\n"
        "print([m for m in ('pydantic', 'httpx', 'rich', 'flask', 'sqlalchemy') "
        "if m in sys.modules])"
    )

    output = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert output.stdout.strip().endswith("[]")


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(["nonsense"], id="unknown command"),
        pytest.param(["ask"], id="no question"),
        pytest.param(["search", "x", "--mode", "guess"], id="unknown mode"),
        pytest.param(["search", ""], id="empty question"),
        pytest.param(["ingest", "/does/not/exist"], id="missing path"),
        pytest.param(["search", "x", "--server", "localhost"], id="address without scheme"),
        pytest.param(["ask", "x", "--conversation", "c", "--continue"], id="two conversations"),
        pytest.param(["dead-letters", "replay"], id="nothing to replay"),
    ],
)
def test_mistakes_in_usage_end_with_2_and_say_so(arguments: list[str]) -> None:
    result = run(*arguments)

    assert result.exit_code == 2
    assert result.stdout == ""
    assert "Error" in result.stderr


def test_with_json_a_mistake_is_problem_json() -> None:
    result = run("ingest", "/does/not/exist", "--json")

    assert result.exit_code == 2
    problem = json.loads(result.stdout)
    assert problem["code"] == "usage"
    assert "/does/not/exist" in problem["detail"]


def test_a_server_that_is_not_there_ends_with_1(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LECTERN_SERVER", "http://127.0.0.1:1")

    plain, as_json = run("status"), run("status", "--json")

    assert (plain.exit_code, as_json.exit_code) == (1, 1)
    assert "127.0.0.1:1" in plain.stderr
    assert plain.stdout == ""
    assert json.loads(as_json.stdout)["code"] == "unreachable"


@pytest.mark.parametrize(
    ("given", "said"), [([], "who asks"), (["--token", "lct_old"], "does not know this token")]
)
def test_a_server_that_does_not_let_one_in_says_where_keys_come_from(
    given: list[str], said: str
) -> None:
    app = Flask("strict")
    app.add_url_rule("/<path:path>", "all", lambda path: refused())
    server = make_server("127.0.0.1", 0, app)
    with served(server):
        result = run("collections", "list", "--server", f"http://127.0.0.1:{server.port}", *given)

    assert result.exit_code == 1
    assert said in result.stderr
    assert "LECTERN_TOKEN" in result.stderr


def refused() -> Response:
    body = json.dumps(dict(problem(Unauthorized("send a token"))))
    return Response(body, 401, content_type="application/problem+json")


@contextmanager
def served(server: BaseWSGIServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield
    server.shutdown()
    thread.join()


@pytest.mark.parametrize("broken", ["folder", "catalog"])
def test_what_the_machine_refuses_is_one_line_or_one_problem(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    home = tmp_path / "home"
    if broken == "folder":
        home.write_text("a file, so that no folder can be made")
        home /= "inside"
    else:
        home.mkdir()
        (home / "catalog.db").write_bytes(b"no database, " * 1000)
    monkeypatch.setenv("LECTERN_HOME", str(home))

    plain, as_json = run("users", "list"), run("users", "list", "--json")

    assert (plain.exit_code, as_json.exit_code) == (1, 1)
    assert plain.stderr.startswith("Error: ")
    assert plain.stderr.count("\n") == 1
    problem = json.loads(as_json.stdout)
    assert problem["code"] == "failed"
    assert ("restore" if broken == "catalog" else "home") in problem["detail"]


def test_a_mistake_of_ours_is_one_problem_under_its_traceback(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "lectern.cli.config", None)

    result = run("version", "--json")

    assert result.exit_code == 1
    assert json.loads(result.stdout)["code"] == "internal"
    assert "Traceback" in result.stderr


def test_stopped_by_hand_with_json_is_problem_json() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        program = (  # a shell that started the tests in its background has SIGINT ignored
            "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
            "from lectern.cli.root import cli; cli()"
        )
        command = [sys.executable, "-c", program, "status", "--json", "--server", address]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as stopped:
            asked, _ = silent.accept()
            with asked:
                asked.recv(1)
                time.sleep(0.3)  # until it waits for the reply
                stopped.send_signal(signal.SIGINT)
                stdout, _ = stopped.communicate(timeout=30)

    assert stopped.returncode == 1
    assert json.loads(stdout)["code"] == "interrupted"


def test_what_the_terminal_cannot_show_does_not_end_a_command() -> None:
    program = (
        "from lectern.cli.output import paper; from lectern.cli.root import cli\n"
        "try: cli(['version'])\n"
        "except SystemExit: paper().print('안내서, page 2')"
    )

    shown = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | {"PYTHONIOENCODING": "ascii"},
        capture_output=True,
        check=True,
    )

    assert shown.stdout.decode().endswith("???, page 2\n")


def test_an_unreadable_file_in_a_folder_is_named_before_anything_is_uploaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.txt").write_text("a")
    monkeypatch.setattr("os.access", lambda path, _mode: not str(path).endswith("a.txt"))

    result = run("ingest", str(tmp_path), "--server", "http://127.0.0.1:1")

    assert result.exit_code == 2
    assert "a.txt" in result.stderr


def test_an_empty_folder_is_a_mistake(tmp_path: Path) -> None:
    (tmp_path / ".hidden").write_text("x")

    result = run("ingest", str(tmp_path))

    assert result.exit_code == 2
    assert "no file" in result.stderr


def test_config_masks_secrets_and_says_where_values_come_from(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LECTERN_CHAT_KEY", "sk-very-secret")
    monkeypatch.setenv("K_SINK", "http://broker")

    shown = json.loads(run("config", "--json").stdout)

    assert "sk-very-secret" not in json.dumps(shown)
    assert shown["chat_key"]["from"] == "LECTERN_CHAT_KEY"
    assert shown["broker_url"] == {"value": "http://broker", "from": "K_SINK"}
    assert shown["port"] == {"value": 8080, "from": "default"}


def test_an_invalid_setting_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LECTERN_PORT", "many")

    result = run("config")

    assert result.exit_code == 2
    assert "LECTERN_PORT" in result.stderr


def test_version_is_the_packages() -> None:
    assert json.loads(run("version", "--json").stdout) == {"version": __version__}


def test_migrate_makes_the_tables_and_says_which_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LECTERN_HOME", str(tmp_path))

    first, again = run("migrate", "--json"), run("migrate", "--json")

    assert json.loads(first.stdout) == json.loads(again.stdout) == {"schema": SCHEMA_VERSION}
    assert (tmp_path / "catalog.db").is_file()
