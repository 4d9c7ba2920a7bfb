"""A conversation on the command line: a follow-up finds what it leans on."""

from pathlib import Path

from tests.e2e.lectern_up import LecternUp


def test_a_conversation_goes_on_from_command_to_command(tmp_path: Path) -> None:
    file = tmp_path / "garden.md"
    file.write_text(
        "# Garden\n\nThe old pear tree was planted in 1874 by the miller.\n\n"
        "# Well\n\nThe well was dug in 1901 by the smith.\n"
    )
    home = LecternUp(tmp_path / "home")
    home.command("ingest", str(file), "--collection", "garden")

    alone = home.command("ask", "When was the pear tree planted?")
    first = home.command("ask", "When was the pear tree planted?", "--continue")
    second = home.command("ask", "And by whom?", "--continue")
    third = home.command(
        "ask", "When was the well dug?", "--conversation", first["conversation_id"]
    )

    assert alone["conversation_id"] == ""
    assert first["conversation_id"] == second["conversation_id"] == third["conversation_id"] != ""
    assert "1874 by the miller" in second["answer"]
    assert "1901" in third["answer"]
