"""Whether what was found is worth a model's time."""

from collections.abc import Sequence

from functions.answer.vocabulary import telling_terms, terms_of
from lectern.api import Passage

_TERMS_FROM = 0.2  # share of the question's telling terms that one passage holds
_COSINE_FROM = 0.25  # below it all-MiniLM-L6-v2 sees no relation between a question and a text


def worth_reading(question: str, passages: Sequence[Passage]) -> bool:
    """Return whether any passage may hold the answer.

    One that shares telling terms with the question, or whose meaning is near it. In doubt yes:
    the model can still say that the answer is not there.
    """
    wanted = telling_terms(question)
    return any(_shares(wanted, passage) or _near(passage) for passage in passages)


def _shares(wanted: Sequence[str], passage: Passage) -> bool:
    around = (passage.document_name, *passage.heading_path, passage.text)
    present = terms_of("\n".join(around))
    return sum(term in present for term in wanted) >= _TERMS_FROM * max(1, len(wanted))


def _near(passage: Passage) -> bool:
    signals = [passage.relevances.get("vector", 0.0), passage.relevances.get("rerank", 0.0)]
    return max(signals) >= _COSINE_FROM
