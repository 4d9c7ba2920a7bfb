"""The examples of docs/programs.md, run as they stand there against a running answer function."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.component.programs_world import SECRET, Running, running_answer
from tests.provider.chat import Script, ScriptedChat
from tests.provider.retrieve import ScriptedRetrieve, passage

PAGE = Path(__file__).parents[2] / "docs" / "programs.md"
EXAMPLES = [
    pytest.param(language, text, id=f"{language}-{number}")
    for number, (language, text) in enumerate(
        re.findall(r"^```(python|sh)\n(.*?)^```$", PAGE.read_text(), re.DOTALL | re.MULTILINE)
    )
]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    found = passage("Employees may book hotels up to 140 euros a night.", number=3)
    with (
        ScriptedRetrieve((found,)).running() as retrieve,
        ScriptedChat(Script(text="Up to 140 euros a night [1].")).running() as provider,
        running_answer(tmp_path_factory.mktemp("home"), retrieve, provider) as it,
    ):
        yield it


@pytest.mark.parametrize(("language", "text"), EXAMPLES)
def test_an_example_runs_as_it_stands(running: Running, language: str, text: str) -> None:
    program = [sys.executable, "-c"] if language == "python" else ["sh", "-c"]
    if language == "sh" and shutil.which("curl") is None:
        pytest.skip("there is no curl on this machine")
    here = text.replace("http://127.0.0.1:8080/answer", running.url).replace(
        "http://127.0.0.1:8080/", running.url.removesuffix("answer")
    )

    done = subprocess.run(
        [*program, here],
        env=os.environ | {"LECTERN_TOKEN": SECRET, "NO_PROXY": "127.0.0.1"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert "140 euros" in done.stdout
