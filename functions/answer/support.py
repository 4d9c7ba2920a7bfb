"""Whether a passage says what a sentence claims, and where it says it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from functions.answer.contradicting import contradicts
from functions.answer.quantities import lacks_figure
from functions.answer.sentences import Sentence, sentences
from functions.answer.vocabulary import telling_terms, terms_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from lectern.models import Embedder

SUPPORTED_FROM = 0.48  # measured: see docs/adr/0007-answers-and-citations.md
_NEIGHBOUR_GAIN = 0.2
_NAME = re.compile(r"(?<=[a-z,;] )[A-Z][\w-]*[a-z]\b")  # not acronyms: a text may spell them out
_MOST_SENTENCES = 40


@dataclass(frozen=True, slots=True)
class Support:
    """The span of a passage that best supports a claim, and how well, 0..1."""

    start: int
    end: int
    support: float
    supported: bool


@dataclass(frozen=True, slots=True)
class Question:
    """A claim to be looked up in a passage's text; `around` is its document and headings."""

    claim: str
    passage: str
    around: str = ""


def supports(questions: Sequence[Question], embedder: "Embedder | None") -> list[Support]:
    """Return the support of each claim, in order.

    Blends the share of the claim's telling terms that a sentence of the passage holds with the
    cosine of the two. A figure or a name of the claim that the passage lacks makes it unsupported,
    and so does a passage that says the opposite.
    Without an embedder the terms decide alone. Everything is embedded in one batch.
    """
    texts = list(
        dict.fromkeys(
            text
            for question in questions
            for text in (question.claim, *(_text(question.passage, s) for s in _units(question)))
        )
    )
    vectors = dict(zip(texts, embedder.embed_passages(texts), strict=True)) if embedder else {}
    return [_support(question, vectors) for question in questions]


def _units(question: Question) -> list[Sentence]:
    wanted = telling_terms(question.claim)
    units = sentences(question.passage)
    if len(units) > _MOST_SENTENCES:
        best = sorted(units, key=lambda s: (-_share(wanted, _text(question.passage, s)), s.start))[
            :_MOST_SENTENCES
        ]
        units = sorted(best, key=lambda s: s.start)
    return units


def _support(question: Question, vectors: "dict[str, NDArray[np.float32]]") -> Support:
    units = _units(question)
    wanted = telling_terms(question.claim)
    if not units:
        return Support(0, 0, 0.0, supported=False)
    scores = [_blend(wanted, question.claim, _text(question.passage, s), vectors) for s in units]
    best = max(range(len(units)), key=lambda i: (scores[i], -i))
    first, last = _widened(question, wanted, units, best)
    start, end = units[first].start, units[last].end
    support = max(scores[best], _blend(wanted, question.claim, question.passage[start:end], {}))
    support = min(1.0, max(0.0, support))
    wrong = (
        lacks_figure(question.claim, question.passage)
        or _missing_names(question)
        or contradicts(question.claim, question.passage[start:end])
    )
    supported = support >= SUPPORTED_FROM and not wrong
    return Support(start, end, round(support, 3), supported)


def _widened(
    question: Question, wanted: Sequence[str], units: Sequence[Sentence], best: int
) -> tuple[int, int]:
    """Return the units of the quote: the best, and a neighbour that holds much of what it lacks."""

    def share(first: int, last: int) -> float:
        return _share(wanted, question.passage[units[first].start : units[last].end])

    alone = share(best, best)
    options = [(best - 1, best), (best, best + 1)]
    pairs = [pair for pair in options if pair[0] >= 0 and pair[1] < len(units)]
    wider = max(pairs, key=lambda pair: share(*pair), default=(best, best))
    return wider if share(*wider) >= alone + _NEIGHBOUR_GAIN else (best, best)


def _blend(
    wanted: Sequence[str], claim: str, text: str, vectors: "dict[str, NDArray[np.float32]]"
) -> float:
    share = _share(wanted, text)
    if claim not in vectors or text not in vectors:
        return share
    cosine = float(vectors[claim] @ vectors[text])
    return 0.5 * share + 0.5 * max(0.0, cosine)


def _share(wanted: Sequence[str], text: str) -> float:
    present = terms_of(text)
    return sum(term in present for term in wanted) / len(wanted) if wanted else 0.0


def _missing_names(question: Question) -> bool:
    present = terms_of(f"{question.around}\n{question.passage}")
    return any(not terms_of(name) & present for name in _NAME.findall(question.claim))


def _text(passage: str, sentence: Sentence) -> str:
    return " ".join(passage[sentence.start : sentence.end].split())
