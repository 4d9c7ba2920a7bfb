"""Without a running server, the same functions run inside of the command."""

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


def test_users_are_created_with_a_token_that_is_shown_once(tmp_path: Path) -> None:
    machine = LecternUp(tmp_path / "home")

    made = machine.command("users", "create", "Ada")
    listed = machine.command("users", "list")["users"]

    assert made["token"].startswith("lct_")
    assert [user["name"] for user in listed] == ["Ada"]
    assert made["token"] not in str(listed)
