"""What documents cost: CPU of each function, its peak memory, and bytes of state, at two sizes.

A whole `lectern up` gets PDF documents of ten full text pages each. CPU seconds and the peak of the
proportional memory (`Pss`, which is about what a container is charged) are those of the processes
of each function, sandboxes included; catalog, retrieve and answer share the process `front`. Bytes
are those of the store by prefix, and of the catalog's files. Per document everything grows in a
straight line; docs/operations/sizing.md calculates with these figures.
"""

import random
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.cold_start import cpu_seconds, tree
from benchmarks.parse_speed import WORDS
from benchmarks.web_rerun import samples_ready
from lectern.documents import DocumentState
from tests.e2e.lectern_up import LecternUp, lectern_up

DOCUMENTS = (10, 30)
PAGES = 10
LOOK_EVERY_S = 0.1
LONGEST_S = 3600


@dataclass(slots=True)
class Watch:
    """Looks at the processes until it is told to stop; processes that have ended still count."""

    up: LecternUp
    cpu_s: dict[tuple[str, int], float] = field(default_factory=dict)
    peak_mb: dict[str, float] = field(default_factory=dict)

    def look(self) -> None:
        """Take in what every process has used so far."""
        for process in self.up.processes():
            name, used_mb = process["name"], 0.0
            with suppress(FileNotFoundError, ProcessLookupError):
                for pid in [process["pid"]] if name == "lectern" else tree(process["pid"]):
                    self.cpu_s[name, pid] = cpu_seconds(pid)
                    used_mb += pss_mb(pid)
            self.peak_mb[name] = max(self.peak_mb.get(name, 0.0), used_mb)

    def cpu_by_name(self) -> dict[str, float]:
        """Return CPU seconds by function."""
        sums: Counter[str] = Counter()
        for (name, _), seconds in self.cpu_s.items():
            sums[name] += seconds  # type: ignore[assignment]
        return dict(sums)


def main() -> dict[str, Any]:
    """Measure both sizes."""
    return {f"{count} documents": measure(count) for count in DOCUMENTS}


def measure(count: int, pages: int = PAGES) -> dict[str, Any]:
    """Ingest so many documents into a new installation and return what it took."""
    with tempfile.TemporaryDirectory() as folder:
        files = Path(folder) / "files"
        files.mkdir()
        for number in range(count):
            write_document(files / f"report-{number}.pdf", pages, seed=number)
        with lectern_up(Path(folder) / "home") as up:
            up.eventually(lambda: samples_ready(up))
            home, watch = Path(folder) / "home", Watch(up)
            before = stored(home)
            began = time.monotonic()
            with watching(watch):
                up.command("ingest", str(files), "--collection", "reports")
                up.eventually(lambda: all_ready(up, count), timeout_s=LONGEST_S)
                seconds = time.monotonic() - began
        return {
            "pages_per_document": pages,
            "seconds": round(seconds, 1),
            "cpu_s": rounded(watch.cpu_by_name()),
            "peak_mb": rounded(watch.peak_mb),
            "bytes_of_a_document": rounded(
                {k: (v - before.get(k, 0)) / count for k, v in stored(home).items()}
            ),
        }


def write_document(path: Path, pages: int, *, seed: int) -> None:
    """Write full pages of invented sentences; no two documents share one."""
    import pymupdf

    rng = random.Random(seed)  # noqa: S311 - words, not secrets
    document = pymupdf.open()
    for number in range(pages):
        page = document.new_page()
        page.insert_text((72, 80), f"Section {number + 1}", fontsize=18)
        paragraphs = (
            " ".join(" ".join(rng.choices(WORDS, k=14)).capitalize() + "." for _ in range(6))
            for _ in range(5)
        )
        box = pymupdf.Rect(72, 100, 523, 770)
        page.insert_textbox(box, "\n\n".join(paragraphs), fontsize=11)
    document.save(path)


def all_ready(up: LecternUp, count: int) -> bool:
    """Return whether so many documents can be found, and none is under way or failed."""
    with up.client() as owner:
        documents = list(owner.documents.all("reports"))
    return len(documents) == count and all(d.state is DocumentState.READY for d in documents)


@contextmanager
def watching(watch: Watch) -> Iterator[None]:
    """Look at the processes while something goes on, and once more at its end."""
    done = threading.Event()

    def keep_looking() -> None:
        while not done.wait(LOOK_EVERY_S):
            watch.look()

    thread = threading.Thread(target=keep_looking)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
        watch.look()


def pss_mb(pid: int) -> float:
    """Return the memory of a process in MB, what it shares divided among those that share it."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    return 0.0


def stored(home: Path) -> dict[str, float]:
    """Return the bytes of the catalog, and of the store by prefix."""
    sizes: Counter[str] = Counter()
    for path in (home / "store").rglob("*"):
        if path.is_file():
            sizes[path.relative_to(home / "store").parts[0]] += path.stat().st_size
    sizes["catalog"] = sum(path.stat().st_size for path in home.glob("catalog.db*"))
    return dict(sizes)


def rounded(values: dict[str, Any]) -> dict[str, float]:
    """Return the values with one decimal."""
    return {name: round(value, 1) for name, value in sorted(values.items())}
