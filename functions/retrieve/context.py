"""What a document says elsewhere: reports that look alike differ by what only one page names.

The page that states a cause need not name the place that the question names, and the page that
names it need not state the cause. What their document's other hits hold speaks for both.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from math import log

from lectern.index.rows import StoredChunk

_CONTEXT_SHARE = 0.4  # of relevance, for documents that hold none of the question's terms


def context_factors(hits: Sequence[StoredChunk], query_terms: Sequence[str]) -> Mapping[str, float]:
    """Return by document id what to multiply the relevance of its hits by, 0.6..1.

    It is 1 for the document whose hits together hold most of the question's terms, each weighted
    by how few hits hold it; with a single document nothing changes.
    """
    held_by = _Holder(query_terms)
    present: dict[str, set[str]] = {}
    counts: Counter[str] = Counter()
    for hit in hits:
        held = held_by(hit)
        present.setdefault(hit.chunk.document_id, set()).update(held)
        counts.update(held)
    weights = {term: log(1 + len(hits) / count) for term, count in counts.items()}
    covered = {
        document_id: sum(weights[term] for term in sorted(held))
        for document_id, held in present.items()
    }
    most = max(covered.values(), default=0.0)
    if not most:
        return dict.fromkeys(present, 1.0)
    return {
        document_id: 1 - _CONTEXT_SHARE * (1 - weight / most)
        for document_id, weight in covered.items()
    }


class _Holder:
    """Finds which terms a hit holds, twenty times as fast as making its terms would."""

    def __init__(self, query_terms: Sequence[str]) -> None:
        words = [term for term in query_terms if term.isascii()]
        self._words = re.compile(rf"(?<![^\W_])(?:{'|'.join(map(re.escape, words))})(?![^\W_])")
        self._others = frozenset(query_terms) - frozenset(words)

    def __call__(self, hit: StoredChunk) -> set[str]:
        text = "\n".join((hit.document_name, *hit.chunk.heading_path, hit.chunk.text))
        folded = unicodedata.normalize("NFKC", text).casefold()
        found = {term for term in self._others if term in folded}
        return found | set(self._words.findall(folded)) - {""}
