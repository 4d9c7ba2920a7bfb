"""What reaches a terminal."""

import io

from rich.cells import cell_len
from rich.console import Console

from lectern.cli.output import indented, printable


def test_control_characters_of_documents_never_reach_the_terminal() -> None:
    hostile = "a\x1b]0;owned\x07b\x1b[2Jc\u202egnp.exe\r\nd\x9b31m\te"

    safe = printable(hostile)

    assert safe == "a]0;ownedb[2Jcgnp.exe\nd31m\te"


def test_korean_text_is_wrapped_by_its_width_on_screen() -> None:
    file = io.StringIO()
    console = Console(file=file, width=40, highlight=False, markup=False, emoji=False)

    indented(console, "신입 사원은 입사 첫해에 연차 휴가를 열한 일 받는다. " * 5, spaces=4)

    lines = file.getvalue().splitlines()
    assert len(lines) > 3
    assert all(cell_len(line.rstrip()) <= 40 for line in lines)
    assert all(line.startswith("    ") for line in lines)


def test_markup_in_a_passage_is_text() -> None:
    file = io.StringIO()
    console = Console(file=file, width=40, highlight=False, markup=False, emoji=False)

    indented(console, "[bold]not bold[/bold] :smile:", spaces=0)

    assert file.getvalue().strip() == "[bold]not bold[/bold] :smile:"
