"""The terms a question asks about, and how telling each is among the sentences at hand."""

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache

from lectern.index.terms import query_terms, terms

_ENGLISH = """
a about all am an and any are as at be been being by can could describe did do does doing done
explain find for from get give had has have he her him his how i if in into is it its just list many
me mean means mention mentioned much my of on or our please she should so some state such tell than
that the their them then there these they this those to type us was we were what when where which
who whom whose why will with would you your
"""
_KOREAN_PAIRS = """
무엇 엇인 인가 가요 입니 니까 습니 는가 누구 언제 어디 어떻 떻게 어떤 무슨 얼마 하는 있는 대해 대한
알려 려줘 줘요 세요 주세 가지 까요 인지
"""
_JAPANESE_PAIRS = """
です ます すか とは いつ どこ なに いく くら どの うな よう って して いて った のか した 何で
"""
_CHINESE_PAIRS = "什么 怎么 如何 多少 哪些 哪里 为什 吗"
_FUNCTION_WORDS = frozenset((_ENGLISH + _KOREAN_PAIRS + _JAPANESE_PAIRS + _CHINESE_PAIRS).split())


# Korean: what sticks to the end of a noun, and verb endings that only ask.
_PARTICLE = re.compile(
    "(?<=[가-힣][가-힣])(?:에서는|에서|에게|으로|까지|부터|은|는|이|가|을|를|의|에|로|와|과|도)"
    r"(?=[\s?!.,]|$)"
)
_ASKING = re.compile(
    r"(?:(?:하고|되고)\s*있|하|되|인|입|합|됩)(?:나요|니까|는가|가요|가|지)(?=[\s?!.,]|$)"
)


@lru_cache(maxsize=4096)
def terms_of(text: str) -> frozenset[str]:
    """Return the distinct terms of `text`, as the index makes them, with plain plurals folded."""
    return frozenset(_singular(term) for term in terms(text))


def telling_terms(text: str) -> list[str]:
    """Return the distinct terms of a question without the words that only make it a question."""
    plain = _PARTICLE.sub("", _ASKING.sub("", text))
    found = [_singular(term) for term in query_terms(plain)]
    telling = [term for term in dict.fromkeys(found) if term not in _FUNCTION_WORDS]
    return telling or found


class Vocabulary:
    """Weights of terms by how few of the given texts hold them (the idf of BM25).

    Args:
        texts: The sentences a question is compared with.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        counts: Counter[str] = Counter()
        self._size = 0
        for text in texts:
            counts.update(terms_of(text))
            self._size += 1
        self._counts = counts

    def weight(self, term: str) -> float:
        """Return the weight of `term`, above 0; the highest for a term that no text holds."""
        count = self._counts[term]
        return math.log(1.0 + (self._size - count + 0.5) / (count + 0.5))

    def coverage(self, wanted: Sequence[str], text: str) -> float:
        """Return which share of the weight of the `wanted` terms `text` holds, 0..1."""
        weights = {term: self.weight(term) for term in wanted}
        total = sum(weights.values())
        present = terms_of(text)
        return sum(w for term, w in weights.items() if term in present) / total if total else 0.0


def _singular(term: str) -> str:
    """Return an English plural's singular: a match of words, not of grammar."""
    if term.isascii() and term.isalpha() and len(term) > 3:  # noqa: PLR2004 - "gas", "bus"
        if term.endswith("ies"):
            return term[:-3] + "y"
        if term.endswith("s") and not term.endswith(("ss", "us", "is")):
            return term[:-1]
    return term
