"""Libraries that break when two threads import them at once are imported by one."""

import subprocess
import sys
from pathlib import Path

PROGRAM = """
import sys, threading
from pathlib import Path
from lectern.index import collection_index
from lectern.settings import Settings

sys.setswitchinterval(1e-6)
settings, failed = Settings(home=Path(sys.argv[1])), []

def work(number):
    try:
        collection_index(settings, f"c{number}")
    except BaseException as error:
        failed.append(repr(error))

threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
sys.exit("; ".join(failed) or 0)
"""


def test_threads_may_open_their_first_index_at_once(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path)], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
