"""The pure parts of our components, by Node where there is one."""

import shutil
import subprocess
from pathlib import Path

import pytest

NODE = shutil.which("node")


@pytest.mark.skipif(NODE is None, reason="there is no Node on this machine")
def test_the_pure_parts_of_the_components_hold() -> None:
    done = subprocess.run(
        [NODE or "", "--test", str(Path(__file__).with_name("components.test.mjs"))],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
