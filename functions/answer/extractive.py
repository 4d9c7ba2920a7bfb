"""Answering without a model: the sentences that answer, quoted and cited."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from functions.answer.asking import expected
from functions.answer.candidates import Candidate, candidates
from functions.answer.language import language_of
from functions.answer.vocabulary import telling_terms, terms_of, without_attribution

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from lectern.api import Passage
    from lectern.models import Embedder

MOST_QUOTES = 3
MOST_EMBEDDED = 48  # about 3 ms each in the offline embedder
_EMBEDDED_CHARACTERS = 320

# Chosen on half of the questions of benchmarks/answer_quality.py and a quarter of the published
# ones of chunking_eval: see docs/adr/0007-answers-and-citations.md. The first two add up to 1.
_WORDING_WEIGHT = 0.425
_RELEVANCE_WEIGHT = 0.575  # the passage leads
_COSINE_SHARE = {
    "en": 0.3,
    "ko": 0.1,
    "ja": 0.1,
    "zh": 0.1,
}  # of the wording; coverage has the rest
_EXPECTED_WEIGHT = 0.045
_FOCUS_WEIGHT = 0.07
_DENSE_WEIGHT = 0.04
_TITLED = 0.3
_ABSENT_WEIGHT = 0.9
_NAME_ABSENT = 0.08  # for a name or a number of the question that the document's passages lack
LEAST_RELEVANCE = 0.25  # of a passage worth quoting; retrieve's anchors keep off-topic ones below
FOUND_FROM = {"en": 0.23, "ko": 0.28, "ja": 0.28, "zh": 0.28}
_SHORT_QUESTION = 3  # telling terms; each further one makes it likelier that some are only wording
_WORDING_FORGIVEN = 0.3
_KEPT_SHARE = 0.88  # of the best sentence's support, for a further sentence
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
        weight = _COSINE_SHARE[language]
    asks = expected(question)
    strict = _strictness(question) if language == "en" else 1.0
    lacking = _documents_without_names(question, passages)
    scored = [
        _Scored(
            candidate,
            _support(candidate, passages[candidate.passage].relevance, cosine, weight, strict)
            + _EXPECTED_WEIGHT * asks.fits(candidate.text)
            - _NAME_ABSENT * strict * (passages[candidate.passage].document_id in lacking),
            row,
        )
        for row, (candidate, cosine) in enumerate(zip(found, cosines, strict=True))
        if passages[candidate.passage].relevance >= LEAST_RELEVANCE
    ]
    scored.sort(key=lambda s: (-s.support, s.candidate.passage, s.candidate.start))
    if not scored or scored[0].support < FOUND_FROM[language]:
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


def _strictness(question: str) -> float:
    """Return how much it counts that a text lacks a term of an English `question`, 0..1.

    Of "What colour was the plane?" it must have both; a long question words some of it otherwise.
    """
    return min(1.0, _SHORT_QUESTION / max(1, len(telling_terms(question))))


def _support(
    candidate: Candidate, relevance: float, cosine: float, share: float, strict: float
) -> float:
    has = candidate.has
    covered = has.covered + _WORDING_FORGIVEN * (1.0 - strict) * (1.0 - has.covered)
    support = _WORDING_WEIGHT * (share * max(0.0, cosine) + (1.0 - share) * covered)
    support += _RELEVANCE_WEIGHT * relevance
    support += _FOCUS_WEIGHT * has.focus + _DENSE_WEIGHT * has.dense
    support += _TITLED if has.titled else 0.0
    return support - _ABSENT_WEIGHT * strict * has.absent


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
