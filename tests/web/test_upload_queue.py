"""The parts of the components' scripts that need no browser, on Node where there is one."""

import shutil
import subprocess
from pathlib import Path

import pytest

NODE = shutil.which("node")


@pytest.mark.skipif(NODE is None, reason="node is not installed")
def test_the_scripts_of_uploads_and_lists_do_what_they_say() -> None:
    suite = Path(__file__).with_name("upload_queue.test.mjs")

    done = subprocess.run(
        [NODE or "node", "--test", str(suite)], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stdout + done.stderr
