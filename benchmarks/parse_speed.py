"""Parse speed against bare PyMuPDF text extraction of the same pages.

Ours is all that the sandbox does: reading, layout, chunks, and the compressed part with provenance.
Plain text pages are written by the benchmark itself; the large real report is measured when the
test material lies beside the project. It runs in this process here.
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
    """Write pages with a heading and five paragraphs of six sentences each."""
    import pymupdf

    rng = random.Random(7)  # noqa: S311 - words, not secrets
    document = pymupdf.open()
    for number in range(PAGES):
        page = document.new_page()
        page.insert_text((72, 80), f"Section {number + 1}", fontsize=18)
        text = "\n\n".join(
            " ".join(" ".join(rng.choices(WORDS, k=14)).capitalize() + "." for _ in range(6))
            for _ in range(5)
        )
        page.insert_textbox(pymupdf.Rect(72, 100, 523, 770), text, fontsize=11)
    document.save(path)


def compare(path: Path) -> dict[str, Any]:
    """Time bare extraction and our reading and chunking in turns."""
    import pymupdf

    from functions.parse.assembly import Target
    from functions.parse.worker import Manner, PageRange, Source, parse_range

    def bare() -> int:
        with pymupdf.open(path) as document:
            for page in document:
                page.get_text()
            return len(document)

    def whole() -> None:
        with tempfile.TemporaryDirectory() as folder:
            target = Target(Path(folder), "collection", "document", 1)
            source = Source(path, path.name, "application/pdf")
            parse_range(source, target, PageRange(1, 1, pages), Manner(256))

    pages = bare()
    floor, ours = [], []
    for _ in range(ROUNDS):
        floor.append(timed(bare))
        ours.append(timed(whole))
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
