"""A conversation on the command line: a follow-up finds what it leans on."""

from pathlib import Path
from typing import Any

from tests.e2e.lectern_up import LecternUp


def test_a_conversation_goes_on_from_command_to_command(up: LecternUp, tmp_path: Path) -> None:
    file = tmp_path / "garden.md"
    file.write_text(
        "# Garden\n\nThe old pear tree was planted in 1874 by the miller.\n\n"
        "# Well\n\nThe well was dug in 1901 by the smith.\n"
    )
    up.command("ingest", str(file), "--collection", "Orchard", "--wait")

    def ask(question: str, *arguments: str) -> dict[str, Any]:
        reply: dict[str, Any] = up.command("ask", question, "--collection", "orchard", *arguments)
        return reply

    alone = ask("When was the pear tree planted?")
    first = ask("When was the pear tree planted?", "--continue")
    second = ask("And by whom?", "--continue")
    third = ask("When was the well dug?", "--conversation", first["conversation_id"])

    assert alone["conversation_id"] == ""
    assert first["conversation_id"] == second["conversation_id"] == third["conversation_id"] != ""
    assert "1874 by the miller" in second["answer"]
    assert "1901" in third["answer"]
