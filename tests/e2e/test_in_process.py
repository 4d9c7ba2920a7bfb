"""Without a running server, the same functions run inside of the command."""

import json
import os
from pathlib import Path

from tests.e2e.lectern_up import LecternUp


def test_ingest_and_ask_work_without_a_server(tmp_path: Path) -> None:
    file = tmp_path / "note.md"
    file.write_text("# Garden\n\nThe old pear tree was planted in 1874 by the miller.\n")
    nobody_runs = LecternUp(tmp_path / "home")

    report = nobody_runs.command("ingest", str(file), "--collection", "garden")
    reply = nobody_runs.command("ask", "When was the pear tree planted?")
    status = nobody_runs.command("status")

    assert report["documents"][0]["state"] == "ready"
    assert "1874" in reply["answer"]
    assert reply["citations"][0]["document_name"] == "note.md"
    assert status["running"] is False
    assert status["collections"][0]["documents"] == {"ready": 1}


def test_a_file_whose_name_is_no_text_is_left_out_of_a_folder(tmp_path: Path) -> None:
    folder = tmp_path / "notes"
    folder.mkdir()
    (folder / "a.md").write_text("The pear tree was planted in 1874.")
    (folder / os.fsdecode(b"b\xff.md")).write_text("The plum tree was planted in 1901.")
    (folder / "c.md").write_text("The fig tree was planted in 1922.")
    nobody_runs = LecternUp(tmp_path / "home")

    report = nobody_runs.command("ingest", str(folder), "--collection", "garden", exit_code=1)

    ready, refused, also_ready = report["documents"]
    assert (ready["state"], also_ready["state"]) == ("ready", "ready")
    assert refused["state"] == "failed"
    assert "UTF-8" in refused["reason"]
    assert os.fsencode(refused["path"]).endswith(b"/b\xff.md")


def test_a_damaged_catalog_is_one_problem_and_no_traceback(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "catalog.db").write_bytes(b"no database, " * 1000)

    done = LecternUp(home).run("ask", "When was the pear tree planted?", "--json")

    assert done.returncode == 1
    assert "not a database" in json.loads(done.stdout)["detail"]
    assert done.stderr == ""


def test_users_are_created_with_a_token_that_is_shown_once(tmp_path: Path) -> None:
    machine = LecternUp(tmp_path / "home")

    made = machine.command("users", "create", "Ada")
    listed = machine.command("users", "list")["users"]

    assert made["token"].startswith("lct_")
    assert [user["name"] for user in listed] == ["Ada"]
    assert made["token"] not in str(listed)


def test_an_assistant_is_saved_asked_and_removed_by_its_name(tmp_path: Path) -> None:
    files = {"garden": "The pear tree was planted in 1874.", "house": "The roof is of 1901."}
    machine = LecternUp(tmp_path / "home")
    for name, text in files.items():
        (tmp_path / f"{name}.md").write_text(text)
        machine.command("ingest", str(tmp_path / f"{name}.md"), "--collection", name)

    made = machine.command("assistants", "create", "Gardener", "--collection", "garden")
    reply = machine.command("ask", "When was it planted?", "--assistant", made["slug"])
    listed = machine.command("assistants", "list")["assistants"]
    machine.command("assistants", "delete", "Gardener")

    assert {each["document_name"] for each in reply["passages"]} == {"garden.md"}
    assert [each["slug"] for each in listed] == [made["slug"]]
    assert machine.command("assistants", "list") == {"assistants": []}
