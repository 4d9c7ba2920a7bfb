"""Whether answers without a model are right: the product as it runs, asked about real documents.

Reads aviation reports, agencies' plans and Korean texts from `../shared/data/pdf` beside the
project, and is skipped when they are absent. `answer_questions.jsonl` has the questions, each with
the document and the pages that answer it, or none; half of them were not looked at while
thresholds were chosen (`held_out`).

An answerable question is `right` when its first citation is on a right page, `wrong` when it is
on another, else `refused`. Every quote is compared with its passage and must have boxes.
"""

import json
import os
import statistics
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from lectern.api import AnswerReply
    from lectern.client import Lectern

DATA = Path(__file__).resolve().parents[1].parent / "shared" / "data" / "pdf"
FOLDERS = ("ntsb", "us-agencies", "korean")
QUESTIONS = Path(__file__).with_name("answer_questions.jsonl")
_WAIT_S = 170.0

Outcome = Literal["right", "wrong", "refused"]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question; `document` is a file name, perhaps with `*`, or "" when nothing answers it."""

    question: str
    document: str
    pages: tuple[int, ...]
    held_out: bool


def main() -> dict[str, Any]:
    """Return counts of right, wrong and refused answers, for both halves of the questions."""
    if not all((DATA / folder).is_dir() for folder in FOLDERS):
        return {"skipped": f"there is no {DATA}"}
    questions = [
        Asked(row["question"], row["document"], tuple(row["pages"]), row["held_out"])
        for row in map(json.loads, QUESTIONS.read_text(encoding="utf-8").splitlines())
    ]
    with _lectern() as lectern:
        replies = [(asked, _answer(lectern, asked.question)) for asked in questions]
    return {
        "tuned_on": _figures([(a, r) for a, r in replies if not a.held_out]),
        "held_out": _figures([(a, r) for a, r in replies if a.held_out]),
        "quotes_without_place": sum(
            not citation.boxes for _, reply in replies for citation in reply.citations
        ),
        "quotes_not_verbatim": sum(not _is_verbatim(reply) for _, reply in replies),
        "select_ms_median": round(
            statistics.median(reply.timings_ms["select"] for _, reply in replies), 1
        ),
    }


@contextmanager
def _lectern() -> Iterator["Lectern"]:
    """Give a Lectern in this process, on a home of its own, that holds the documents."""
    from lectern.local.inprocess import InProcess

    before = dict(os.environ)
    with tempfile.TemporaryDirectory() as home:
        os.environ["LECTERN_HOME"] = home
        try:
            with InProcess() as process:
                collection = process.lectern.collections.ensure("benchmark").collection_id
                for folder in FOLDERS:
                    for path in sorted((DATA / folder).iterdir()):
                        process.lectern.documents.upload(collection, path, name=path.name)
                if not process.broker.wait_quiet(_WAIT_S):
                    raise TimeoutError(f"the documents were not indexed within {_WAIT_S} s")
                yield process.lectern
        finally:
            os.environ.clear()
            os.environ.update(before)


def _answer(lectern: "Lectern", question: str) -> "AnswerReply":
    from lectern.api import AnswerRequest

    return lectern.answer_once(AnswerRequest(question=question))


def _figures(replies: Sequence[tuple[Asked, "AnswerReply"]]) -> dict[str, Any]:
    answerable = [_outcome(asked, reply) for asked, reply in replies if asked.document]
    refused = [not reply.found for asked, reply in replies if not asked.document]
    return {
        "answerable": len(answerable),
        **{kind: answerable.count(kind) for kind in ("right", "wrong", "refused")},
        "right_share": round(answerable.count("right") / len(answerable), 3),
        "unanswerable": len(refused),
        "rightly_refused": sum(refused),
        "rightly_refused_share": round(sum(refused) / len(refused), 3),
    }


def _outcome(asked: Asked, reply: "AnswerReply") -> Outcome:
    if not reply.found:
        return "refused"
    first = reply.citations[0]
    named = fnmatch(first.document_name, asked.document) or first.document_name == asked.document
    return "right" if named and first.page_number in asked.pages else "wrong"


def _is_verbatim(reply: "AnswerReply") -> bool:
    texts = {passage.chunk_id: passage.text for passage in reply.passages}
    return all(
        texts[citation.chunk_id][citation.quote_start : citation.quote_end] == citation.quote
        for citation in reply.citations
    )


if __name__ == "__main__":
    print(json.dumps(main(), indent=2, ensure_ascii=False))
