"""Whether what was found is worth a model's time."""

from collections.abc import Sequence

from functions.answer.vocabulary import telling_terms, terms_of
from lectern.api import Passage

_RELEVANCE_FROM = 0.3  # retrieve's anchors keep below it what a collection does not answer
_TERMS_FROM = 0.5  # share of the question's telling terms that one passage holds


def worth_reading(question: str, passages: Sequence[Passage]) -> bool:
    """Return whether any passage may hold the answer.

    One that retrieve finds relevant by any signal, or that holds half of the question's telling
    terms. In doubt yes: the model can still say that the answer is not there.
    """
    wanted = telling_terms(question)
    return any(_relevant(passage) or shared(wanted, passage) >= _TERMS_FROM for passage in passages)


def shared(wanted: Sequence[str], passage: Passage) -> float:
    """Return which share of the `wanted` terms a passage or its headings hold, 0..1."""
    around = (passage.document_name, *passage.heading_path, passage.text)
    present = terms_of("\n".join(around))
    return sum(term in present for term in wanted) / max(1, len(wanted))


def _relevant(passage: Passage) -> bool:
    return max(passage.relevance, *passage.relevances.values(), 0.0) >= _RELEVANCE_FROM
