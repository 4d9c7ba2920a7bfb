"""Answering without a model: the sentences that answer, quoted and cited."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from functions.answer.asking import Expected, expected
from functions.answer.candidates import Candidate, candidates
from functions.answer.language import language_of
from functions.answer.vocabulary import terms_of, without_attribution

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from lectern.api import Passage
    from lectern.models import Embedder

MOST_QUOTES = 3
MOST_EMBEDDED = 48  # about 3 ms each in the offline embedder
_EMBEDDED_CHARACTERS = 320

# Measured on questions to real documents: see docs/adr/0007-answers-and-citations.md.
_COSINE_WEIGHT = {"en": 0.5, "ko": 0.1, "ja": 0.1, "zh": 0.1}
FOUND_FROM = {"en": 0.3, "ko": 0.37, "ja": 0.37, "zh": 0.37}
_RELEVANCE_WEIGHT = 0.6
_EXPECTED_WEIGHT = 0.12
_ABSENT_WEIGHT = 0.45
_NAME_ABSENT = 0.15  # for a name or a number of the question that the document's passages lack
_OWN_WEIGHT = 0.05
_FOCUS_WEIGHT = 0.1
_TITLED = 0.3
_DENSE_WEIGHT = 0.12
_KEPT_SHARE = 0.85  # of the best sentence's support, for a further sentence
_ALIKE = 0.9  # cosine, or share of terms, from which two sentences say the same

_NAMED = re.compile(r"(?<=[a-z,;] )[A-Z][\w-]*[A-Za-z]|(?<![\w.,])\d[\d.,]*\d")


@dataclass(frozen=True, slots=True)
class Quote:
    """A sentence of a passage: `passages[passage].text[start:end]`; `support` 0..1."""

    passage: int
    start: int
    end: int
    support: float


@dataclass(frozen=True, slots=True)
class _Scored:
    candidate: Candidate
    support: float
    row: int


def select_quotes(
    question: str, passages: "Sequence[Passage]", embedder: "Embedder | None"
) -> list[Quote]:
    """Return the one to three pieces that answer `question`, the best first; none if none do.

    A piece's support blends its cosine with the question, the share of the question's telling
    terms it covers (see `candidates`) and its passage's relevance. Holding what the question asks
    for (a number, a date, a name, a definition) adds to it; lacking that, or a name that the
    question is about, takes away. Without an embedder the terms decide alone. Equal input gives
    equal output.
    """
    language = language_of(question)
    found = candidates(question, passages, MOST_EMBEDDED)
    if not found:
        return []
    vectors: NDArray[np.float32] | None = None
    cosines = [0.0] * len(found)
    weight = 0.0
    if embedder is not None:
        vectors = embedder.embed_passages([c.text[:_EMBEDDED_CHARACTERS] for c in found])
        cosines = [float(cosine) for cosine in vectors @ embedder.embed_query(question)]
        weight = _COSINE_WEIGHT[language]
    asks = expected(question)
    lacking = _documents_without_names(question, passages)
    scored = [
        _Scored(
            candidate,
            _support(candidate, passages[candidate.passage], cosine, weight, asks)
            - (_NAME_ABSENT if passages[candidate.passage].document_id in lacking else 0.0),
            row,
        )
        for row, (candidate, cosine) in enumerate(zip(found, cosines, strict=True))
    ]
    scored.sort(key=lambda s: (-s.support, s.candidate.passage, s.candidate.start))
    if scored[0].support < FOUND_FROM[language]:
        return []
    return [
        Quote(
            chosen.candidate.passage,
            chosen.candidate.start,
            chosen.candidate.end,
            round(min(1.0, chosen.support), 3),
        )
        for chosen in _diverse(scored, vectors)
    ]


def _support(
    candidate: Candidate, passage: "Passage", cosine: float, weight: float, asks: Expected
) -> float:
    has = candidate.has
    blended = weight * max(0.0, cosine) + (1.0 - weight) * has.covered
    blended += _EXPECTED_WEIGHT * asks.fits(candidate.text)
    blended += _RELEVANCE_WEIGHT * (passage.relevance - 0.5)
    blended += _OWN_WEIGHT * has.own + _FOCUS_WEIGHT * has.focus + _DENSE_WEIGHT * has.dense
    if has.titled:
        blended += _TITLED
    return blended - _ABSENT_WEIGHT * has.absent


def _documents_without_names(question: str, passages: "Sequence[Passage]") -> set[str]:
    """Return the documents whose passages lack a name or a number that `question` is about."""
    named = [terms_of(name) for name in _NAMED.findall(without_attribution(question))]
    present: dict[str, set[str]] = {}
    for passage in passages:
        text = "\n".join((passage.document_name, *passage.heading_path, passage.text))
        present.setdefault(passage.document_id, set()).update(terms_of(text))
    return {
        document_id
        for document_id, terms in present.items()
        if any(not name & terms for name in named)
    }


def _diverse(scored: Sequence[_Scored], vectors: "NDArray[np.float32] | None") -> list[_Scored]:
    """Return the best pieces, none of them nearly the same as a better one."""
    chosen: list[_Scored] = []
    for one in scored:
        if len(chosen) == MOST_QUOTES or one.support < scored[0].support * _KEPT_SHARE:
            break
        if not any(_alike(one, other, vectors) for other in chosen):
            chosen.append(one)
    return chosen


def _alike(one: _Scored, other: _Scored, vectors: "NDArray[np.float32] | None") -> bool:
    ours, theirs = terms_of(one.candidate.text), terms_of(other.candidate.text)
    shared = len(ours & theirs) / max(1, min(len(ours), len(theirs)))
    if vectors is None:
        return shared >= _ALIKE
    return shared >= _ALIKE or float(vectors[one.row] @ vectors[other.row]) >= _ALIKE
