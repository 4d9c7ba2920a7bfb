"""`simple`: one search."""

from collections.abc import Iterator
from dataclasses import replace
from time import perf_counter

from functions.answer.events import status
from functions.answer.inquiry import Inquiry
from functions.answer.merging import merged
from functions.answer.rewriting import rewritten
from lectern.api import AnswerEvent


def search_once(inquiry: Inquiry) -> Iterator[AnswerEvent]:
    """Search for the question as it was understood; for a model, join passages that touch.

    A question that leans on earlier ones is put into words of its own by the small model first.
    """
    yield status("retrieving")
    query = _query(inquiry)
    started = perf_counter()
    found = inquiry.search(query)
    inquiry.timings_ms["retrieve"] = round((perf_counter() - started) * 1000, 1)
    for step, took in found.timings_ms.items():
        inquiry.timings_ms[f"retrieve.{step}"] = took
    inquiry.evidence.queries.append(inquiry.asked.question)
    inquiry.evidence.add(found.passages if inquiry.chat is None else merged(found.passages))


def _query(inquiry: Inquiry) -> str:
    asked = inquiry.asked
    if not asked.last or inquiry.small is None:
        return asked.query
    started = perf_counter()
    query, usage = rewritten(asked, inquiry.small, inquiry.left_s, inquiry.cancellation.on_cancel)
    inquiry.count(usage)
    inquiry.timings_ms["rewrite"] = round((perf_counter() - started) * 1000, 1)
    inquiry.recording.asked = replace(asked, query=query)
    return query
