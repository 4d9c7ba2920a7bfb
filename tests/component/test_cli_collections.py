"""`lectern collections`, on the functions inside of the process."""

import json
from pathlib import Path
from typing import Any

import pytest

from lectern.catalog import open_catalog
from lectern.cli.root import cli
from lectern.settings import Settings


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LECTERN_HOME", str(tmp_path))
    for name in ("LECTERN_SERVER", "LECTERN_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, Any]:
    with pytest.raises(SystemExit) as ended:
        cli.main(["collections", *arguments, "--json"])
    return int(ended.value.code or 0), json.loads(capsys.readouterr().out)


def test_a_collection_is_made_shared_and_deleted(
    capsys: pytest.CaptureFixture[str], home: Path
) -> None:
    _, made = run(capsys, "create", "Travel rules")
    catalog = open_catalog(Settings(home=home))
    friend = catalog.people.create_user("friend")

    run(capsys, "share", made["slug"], "--everyone")
    _, shared = run(capsys, "share", made["slug"], "--with", "friend", "--role", "editor")
    code, nobody = run(capsys, "share", made["slug"], "--with", "fri")

    assert [(each["kind"], each["role"]) for each in shared["grants"]] == [
        ("user", "editor"),
        ("everyone", "viewer"),
    ]
    assert (code, nobody["code"]) == (2, "usage")
    assert catalog.collections.role_of(friend, made["collection_id"]) == "editor"
    _, taken = run(capsys, "share", made["slug"], "--with", "friend", "--role", "none")
    assert [each["kind"] for each in taken["grants"]] == ["everyone"]
    assert run(capsys, "delete", made["slug"]) == (0, {"deleted": made["slug"]})
    assert made["slug"] not in [each["slug"] for each in run(capsys, "list")[1]["collections"]]
    catalog.close()
