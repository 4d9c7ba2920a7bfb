"""`lectern tools`, on the functions inside of the process and a scripted MCP server."""

import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from functions.answer.wiring import dependencies as answering
from functions.catalog.wiring import dependencies
from lectern.cli.root import cli
from tests.provider.mcp_tools import ScriptedMcp, ScriptedTool


@pytest.fixture(scope="module", autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One home for all: the functions inside of this process keep what they opened."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LECTERN_HOME", str(home))
        for name in ("LECTERN_SERVER", "LECTERN_TOKEN"):
            patch.delenv(name, raising=False)
        dependencies.cache_clear()
        answering.cache_clear()
        yield home
    dependencies.cache_clear()
    answering.cache_clear()


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    with pytest.raises(SystemExit) as ended:
        cli.main(["tools", *arguments])
    printed = capsys.readouterr()
    return int(ended.value.code or 0), printed.out + printed.err


def test_a_server_is_added_looked_at_allowed_and_removed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("wiki-key\n"))
    with ScriptedMcp(key="wiki-key").running() as wiki:
        wiki.tools["delete"] = ScriptedTool()
        run(capsys, "add-mcp", "wiki", "--url", wiki.url, "--key")

        _, looked = run(capsys, "test", "wiki")
        wrong, why = run(capsys, "allow", "wiki", "nothing")
        _, allowed = run(capsys, "allow", "wiki", "lookup")

    assert "new       lookup" in looked
    assert wrong == 1
    assert "it has lookup, delete" in why or "it has delete, lookup" in why
    assert allowed == "mcp:wiki/lookup\n"
    _, listed = run(capsys, "list", "--json")
    shown = json.loads(listed)
    assert [tool["name"] for tool in shown["tools"]] == ["mcp:wiki/lookup"]
    assert "wiki-key" not in listed
    code, told = run(capsys, "test", "wiki")
    assert (code, "cannot be reached" in told) == (1, True)
    run(capsys, "remove", "wiki")
    assert json.loads(run(capsys, "list", "--json")[1]) == {"tools": [], "servers": []}


def test_what_makes_no_sense_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    code, told = run(capsys, "add-web", "engine", "--provider", "searxng")
    refused, command = run(capsys, "add-mcp", "local", "--", "python", "-m", "tools")
    unknown, _ = run(capsys, "remove", "nothing")

    assert (code, "needs a url" in told) == (2, True)
    assert (refused, "LECTERN_MCP_STDIO" in command) == (1, True)
    assert unknown == 1
