"""`simple`: one search."""

from collections.abc import Iterator
from time import perf_counter

from functions.answer.events import status
from functions.answer.inquiry import Inquiry
from lectern.api import AnswerEvent


def search_once(inquiry: Inquiry) -> Iterator[AnswerEvent]:
    """Search for the question as it was understood."""
    yield status("retrieving")
    started = perf_counter()
    found = inquiry.search(inquiry.asked.query)
    inquiry.timings_ms["retrieve"] = round((perf_counter() - started) * 1000, 1)
    for step, took in found.timings_ms.items():
        inquiry.timings_ms[f"retrieve.{step}"] = took
    inquiry.warnings += found.warnings
    inquiry.evidence.queries.append(inquiry.asked.question)
    inquiry.evidence.add(found.passages)
