"""What `helm test` runs: the script that the chart carries, against a Lectern that is there."""

import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path

from lectern.catalog import open_catalog
from lectern.settings import Settings
from tests.e2e.lectern_up import LecternUp

SCRIPT = Path(__file__).parents[2] / "chart" / "files" / "try_out.py"


def run(up: LecternUp, **environment: str) -> subprocess.CompletedProcess[str]:
    inherited = {name: value for name, value in os.environ.items() if "LECTERN" not in name}
    return subprocess.run(
        [sys.executable, "-c", SCRIPT.read_text(encoding="utf-8")],
        env={
            **inherited,
            "LECTERN_HOME": str(up.home),
            "LECTERN_FUNCTION_URL": up.function_url,
            "TIMEOUT_S": "120",
            **environment,
        },
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


def test_it_passes_on_a_lectern_that_works_and_leaves_nothing(up: LecternUp) -> None:
    done = run(up)
    with up.client() as owner:
        collections = [each.name for each in owner.collections.list()]
    with closing(open_catalog(Settings(home=up.home))) as catalog:
        users = [user.name for user in catalog.people.users()]

    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("Lectern answers.\n")
    assert not [name for name in collections + users if name.startswith("helm-test-")]


def test_it_says_what_is_wrong(up: LecternUp) -> None:
    done = run(up, API_KEY="lct_unknown")

    assert done.returncode == 1
    assert done.stderr.startswith("FAILED (unauthorized)")
