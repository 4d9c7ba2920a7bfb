"""One relevance out of two searches: fixed anchors for each signal, then a weighted sum.

Anchors, not ranks: a cosine or a BM25 means the same for every question, so relevance can say that
nothing fits. Chosen with the offline embedder on PubMedQA (1,000 passages), LiveQA-Med (1,935) and
a small Korean set; `benchmarks/retrieve_quality.py` repeats the measurement, and
docs/adr/0005-index-and-fusion.md has the figures. Relevance of a question the documents do not
answer stays below 0.3 there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import fsum, log

VECTOR_WEIGHT = 0.65
_FOREIGN_VECTOR_WEIGHT = 0.1  # of an embedder that has not learned the question's script
_COSINE_NOTHING = 0.2  # unrelated passages reach 0.13 to 0.34 at best
_COSINE_EVERYTHING = 0.75  # the answer's passage: 0.51 to 0.78
_BM25_HALF = 20.0  # the answer's passage: 15 to 47; what shares a word by chance: 6 to 12
_EASED_FROM = 0.8
_PAIR = 2
_TELLING_PAIRS = 0.6
_ENGLISH_ONLY = "offline/"  # all-MiniLM-L6-v2 reads other scripts letter by letter
_LATIN_END = "\u0250"


@dataclass(frozen=True, slots=True)
class Signal:
    """What one search found. `weight` is relative to the other signals of the same collection.

    `relevances` is by chunk id; `floor` is what a chunk that is not among them may have at most:
    the least of them when the search was cut at its limit, 0 when it returned all it had.
    """

    name: str
    weight: float
    relevances: Mapping[str, float]
    floor: float = 0.0


@dataclass(frozen=True, slots=True)
class Fused:
    """A chunk with its relevance and those of the signals that found it, all 0..1."""

    chunk_id: str
    relevance: float
    relevances: Mapping[str, float]


def vector_relevance(distance: float) -> float:
    """Return 0..1 for a cosine distance: 0 for an unrelated passage, towards 1 for a paraphrase."""
    return _eased((1 - distance - _COSINE_NOTHING) / (_COSINE_EVERYTHING - _COSINE_NOTHING))


def telling_terms(query_terms: Sequence[str]) -> float:
    """Return how many terms a passage that answers would share with the question.

    Of the pairs of characters about four in ten straddle a word and its particle or the next word.
    """
    pairs = sum(len(term) <= _PAIR and not term.isascii() for term in query_terms)
    return len(query_terms) - (1 - _TELLING_PAIRS) * pairs


def text_relevance(bm25: float, *, telling: float, rows: int) -> float:
    """Return 0..1 for a BM25: the larger of two readings of it.

    One is absolute and saturates. The other is the share of what `telling` terms could bring if
    each occurred in a single one of `rows` rows; it is the fairer one for small collections, where
    no term is rare.
    """
    if bm25 <= 0:
        return 0.0
    rarest = log(1 + (rows - 0.5) / 1.5) if rows > 1 else log(4 / 3)
    return _eased(max(bm25 / (bm25 + _BM25_HALF), bm25 / (max(telling, 1) * rarest)))


def vector_weight(query: str, embedder: str) -> float:
    """Return the weight of the vector signal; the text signal has the rest of 1.

    An embedder that knows English only finds any two passages of another script similar: what it
    says counts by the share of Latin letters in the question.
    """
    if not embedder.startswith(_ENGLISH_ONLY):
        return VECTOR_WEIGHT
    letters = [character for character in query if character.isalpha()]
    latin = sum(character < _LATIN_END for character in letters) / max(len(letters), 1)
    return _FOREIGN_VECTOR_WEIGHT + (VECTOR_WEIGHT - _FOREIGN_VECTOR_WEIGHT) * latin


def fuse(signals: Sequence[Signal]) -> list[Fused]:
    """Return every chunk that a signal found, most relevant first, ties by chunk id.

    Neither the order of the signals nor that of their entries matters.
    """
    total = fsum(signal.weight for signal in signals)
    chunk_ids = {chunk_id for signal in signals for chunk_id in signal.relevances}
    fused = [
        Fused(
            chunk_id,
            _clipped(fsum(s.weight * s.relevances.get(chunk_id, s.floor) for s in signals) / total),
            {s.name: s.relevances[chunk_id] for s in signals if chunk_id in s.relevances},
        )
        for chunk_id in chunk_ids
    ]
    return sorted(fused, key=lambda found: (-found.relevance, found.chunk_id))


def _eased(value: float) -> float:
    """Return `value` up to 0.8, then ever less of it, always below 1.

    The order of the best survives, which a clip at 1 would lose.
    """
    above = value - _EASED_FROM
    if above <= 0:
        return max(0.0, value)
    room = 1 - _EASED_FROM
    return _EASED_FROM + room * above / (above + room)


def _clipped(value: float) -> float:
    return min(1.0, max(0.0, value))
