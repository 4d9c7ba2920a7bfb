"""Parse speed against bare PyMuPDF text extraction of the same pages.

Plain text pages are written by the benchmark itself; the large real report is measured when the
test material lies beside the project. Reading and chunking run in this process, as they do in the
sandbox.
"""

import json
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROUNDS = 5
PAGES = 60
REPORT = (
    Path(__file__).resolve().parents[2]
    / "shared/data/pdf/large/Regulation_Best_Interest_proposed_rule.pdf"
)
WORDS = [
    "the",
    "of",
    "and",
    "to",
    "in",
    "is",
    "that",
    "for",
    "it",
    "as",
    "was",
    "with",
    "be",
    "by",
    "on",
    "not",
    "he",
    "his",
    "but",
    "at",
    "are",
    "this",
    "have",
    "from",
    "or",
    "had",
    "an",
    "they",
    "which",
    "one",
    "you",
    "were",
    "all",
    "her",
    "she",
    "there",
    "would",
    "their",
    "we",
    "him",
    "been",
    "has",
    "when",
    "who",
    "will",
    "no",
    "more",
    "if",
    "out",
    "so",
    "up",
    "said",
    "what",
    "its",
    "about",
    "than",
    "into",
    "them",
    "can",
    "only",
    "other",
    "time",
    "new",
    "some",
    "could",
    "these",
]


def main() -> dict[str, Any]:
    """Measure both kinds of documents; return pages per second and ratios of medians."""
    sys.modules["pymupdf.layout"] = None  # type: ignore[assignment]
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / "plain.pdf"
        write_plain(plain)
        results = {"plain_text_pages": compare(plain)}
    if REPORT.exists():
        results["large_report"] = compare(REPORT)
    return results


def write_plain(path: Path) -> None:
    """Write pages of running text with a heading each."""
    import pymupdf

    rng = random.Random(7)  # noqa: S311 - words, not secrets
    document = pymupdf.open()
    for number in range(PAGES):
        page = document.new_page()
        page.insert_text((72, 80), f"Section {number + 1}", fontsize=18)
        text = " ".join(rng.choice(WORDS) for _ in range(420))
        page.insert_textbox(pymupdf.Rect(72, 100, 523, 770), text, fontsize=11)
    document.save(path)


def compare(path: Path) -> dict[str, Any]:
    """Time bare extraction and our reading and chunking in turns."""
    import pymupdf
    from functions.parse.local_reading import read_and_chunk

    def bare() -> int:
        with pymupdf.open(path) as document:
            for page in document:
                page.get_text()
            return len(document)

    pages = bare()
    floor, ours = [], []
    for _ in range(ROUNDS):
        floor.append(timed(bare))
        ours.append(timed(lambda: read_and_chunk(path)))
    return {
        "pages": pages,
        "bare_pages_per_s": round(pages / statistics.median(floor), 1),
        "parse_pages_per_s": round(pages / statistics.median(ours), 1),
        "ratio": round(statistics.median(o / f for o, f in zip(ours, floor, strict=True)), 2),
    }


def timed(work: Callable[[], object]) -> float:
    """Return the CPU seconds of one call."""
    started = time.process_time()
    work()
    return time.process_time() - started


if __name__ == "__main__":
    print(json.dumps(main(), indent=2))
