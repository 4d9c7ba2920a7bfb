"""Answering without a model: the sentences that answer, quoted and cited."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from functions.answer.language import language_of
from functions.answer.sentences import Sentence, sentences
from functions.answer.vocabulary import Vocabulary, telling_terms, terms_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from lectern.api import Passage
    from lectern.models import Embedder

MOST_QUOTES = 4
MOST_EMBEDDED = 60  # about 10 ms each in the offline embedder
_EMBEDDED_CHARACTERS = 320
_SHORTEST = 12  # code points; what is shorter quotes nothing
_RELEVANCE_WEIGHT = 0.08
_HINT_WEIGHT = 0.06
_ABSENT_PENALTY = 0.06  # for a question about a name or a number that no passage holds
_HEADING_SHARE = 0.5  # a heading above a sentence counts half as much as the sentence's own words

# Measured on /qa and /pdf of the test material: see docs/adr/0007-answers-and-citations.md.
_COSINE_WEIGHT = {"en": 0.6, "ko": 0.15, "ja": 0.15, "zh": 0.15}
FOUND_FROM = {"en": 0.29, "ko": 0.3, "ja": 0.3, "zh": 0.3}
_KEPT_SHARE = 0.82  # of the best sentence's support, for a further sentence
_ALIKE = 0.9  # cosine, or share of terms, from which two sentences say the same

_NUMBER = re.compile(r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|twelve|hundred)\b")
_DATE = re.compile(
    r"\b(?:1[0-9]|20)\d\d\b|\d{1,2}[:/.]\d{2}|\d+\s*[년월일年月日]|\b(?:january|february|march|april"
    r"|may|june|july|august|september|october|november|december|monday|tuesday|wednesday|thursday"
    r"|friday|saturday|sunday)\b",
    re.IGNORECASE,
)
_NAME = re.compile(r"[A-Z][a-z]+ (?:[A-Z]\. )?[A-Z][a-z]+|\b(?:Mr|Mrs|Ms|Dr|President)\b")
_ASKS_NUMBER = re.compile(
    r"\bhow (?:many|much|long|old|far|high)\b|몇|얼마|いくつ|いくら|何人|何日|多少|几",
    re.IGNORECASE,
)
_ASKS_DATE = re.compile(
    r"\bwhen\b|\bwhat (?:year|date|day|time)\b|언제|いつ|何時|什么时候|何时|哪年", re.IGNORECASE
)
_ASKS_PERSON = re.compile(r"^\s*who(?:m|se)?\b", re.IGNORECASE)
_NAMED = re.compile(r"(?<=[a-z,;] )[A-Z][\w-]*[A-Za-z]|(?<![\w.,])\d[\d.,]*\d")
_HINTS = ((_ASKS_NUMBER, _NUMBER), (_ASKS_DATE, _DATE), (_ASKS_PERSON, _NAME))


@dataclass(frozen=True, slots=True)
class Quote:
    """A sentence of a passage: `passages[passage].text[start:end]`; `support` 0..1."""

    passage: int
    start: int
    end: int
    support: float


@dataclass(frozen=True, slots=True)
class _Candidate:
    passage: int
    sentence: Sentence
    text: str
    coverage: float
    support: float = 0.0
    row: int = 0


def select_quotes(
    question: str, passages: "Sequence[Passage]", embedder: "Embedder | None"
) -> list[Quote]:
    """Return the one to four sentences that answer `question`, in reading order; none if none do.

    A sentence's support blends its cosine with the question, the share of the question's telling
    terms it holds (a heading above it counts half), and the passage's relevance; questions for a
    number, a date or a person favour sentences that hold one. Without an embedder the terms
    decide alone. Equal input gives equal output.
    """
    language = language_of(question)
    candidates = _candidates(question, passages)
    if not candidates:
        return []
    vectors: NDArray[np.float32] | None = None
    cosines = [0.0] * len(candidates)
    weight = 0.0
    if embedder is not None:
        vectors = embedder.embed_passages([_embedded(c) for c in candidates])
        cosines = [float(cosine) for cosine in vectors @ embedder.embed_query(question)]
        weight = _COSINE_WEIGHT[language]
    penalty = _ABSENT_PENALTY if _names_something_absent(question, passages) else 0.0
    scored = [
        replace(
            candidate,
            support=_support(question, passages[candidate.passage], candidate, cosine, weight)
            - penalty,
            row=row,
        )
        for row, (candidate, cosine) in enumerate(zip(candidates, cosines, strict=True))
    ]
    scored.sort(key=lambda c: (-c.support, c.passage, c.sentence.start))
    if scored[0].support < FOUND_FROM[language]:
        return []
    chosen = _diverse(scored, vectors)
    chosen.sort(key=lambda c: (c.passage, c.sentence.start))
    return [
        Quote(c.passage, c.sentence.start, c.sentence.end, round(min(1.0, c.support), 3))
        for c in chosen
    ]


def _candidates(question: str, passages: "Sequence[Passage]") -> list[_Candidate]:
    """Return the sentences worth embedding, those that share most with the question first."""
    units = [
        (number, unit, " ".join(f"{unit.header} {passage.text[unit.start : unit.end]}".split()))
        for number, passage in enumerate(passages)
        for unit in sentences(passage.text)
        if unit.end - unit.start >= _SHORTEST or unit.header
    ]
    vocabulary = Vocabulary(text for _, _, text in units)
    wanted = telling_terms(question)
    found: list[_Candidate] = []
    for number, unit, text in units:
        if _is_heading(text, passages[number]):
            continue
        own = vocabulary.coverage(wanted, text)
        around = " ".join((*passages[number].heading_path, passages[number].document_name))
        together = vocabulary.coverage(wanted, f"{text} {around}")
        coverage = own + _HEADING_SHARE * (together - own)
        found.append(_Candidate(number, unit, text, coverage))
    found.sort(key=lambda c: (-c.coverage, c.passage, c.sentence.start))
    return found[:MOST_EMBEDDED]


def _names_something_absent(question: str, passages: "Sequence[Passage]") -> bool:
    named = [terms_of(name) for name in _NAMED.findall(question)]
    if not named:
        return False
    texts = ((p.document_name, *p.heading_path, p.text) for p in passages)
    present = frozenset().union(*(terms_of("\n".join(text)) for text in texts))
    return any(not name & present for name in named)


def _is_heading(text: str, passage: "Passage") -> bool:
    return text in {" ".join(heading.split()) for heading in passage.heading_path}


def _embedded(candidate: _Candidate) -> str:
    return candidate.text[:_EMBEDDED_CHARACTERS]


def _support(
    question: str, passage: "Passage", candidate: _Candidate, cosine: float, weight: float
) -> float:
    blended = weight * max(0.0, cosine) + (1.0 - weight) * candidate.coverage
    hint = next((answer for asks, answer in _HINTS if asks.search(question)), None)
    hinted = hint is not None and hint.search(candidate.text) is not None
    blended += _HINT_WEIGHT if hinted else 0.0
    if candidate.text.endswith("?"):
        blended *= 0.7  # a question that repeats the question answers nothing
    return blended + _RELEVANCE_WEIGHT * (passage.relevance - 1.0)


def _diverse(
    scored: Sequence[_Candidate], vectors: "NDArray[np.float32] | None"
) -> list[_Candidate]:
    """Return the best candidates, none of them nearly the same as a better one."""
    chosen: list[_Candidate] = []
    for candidate in scored:
        if len(chosen) == MOST_QUOTES or candidate.support < scored[0].support * _KEPT_SHARE:
            break
        if not any(_alike(candidate, other, vectors) for other in chosen):
            chosen.append(candidate)
    return chosen


def _alike(one: _Candidate, other: _Candidate, vectors: "NDArray[np.float32] | None") -> bool:
    ours, theirs = terms_of(one.text), terms_of(other.text)
    shared = len(ours & theirs) / max(1, min(len(ours), len(theirs)))
    if vectors is None:
        return shared >= _ALIKE
    return shared >= _ALIKE or float(vectors[one.row] @ vectors[other.row]) >= _ALIKE
