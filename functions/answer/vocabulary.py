"""The terms a question asks about, and how telling each is among the sentences at hand."""

# ruff: noqa: RUF001 - typographic apostrophes are meant

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
who whom whose why will with would you your after also because before between during most no not
only other since through under until upon within according certain key regarding related
significant specific specifically take taken took use used various
"""
_KOREAN_PAIRS = """
무엇 엇인 인가 가요 입니 니까 습니 는가 누구 언제 어디 어떻 떻게 어떤 무슨 얼마 하는 있는 대해
알려 려줘 줘요 세요 주세 가지 까요 인지
"""
_JAPANESE_PAIRS = """
です ます すか とは いつ どこ なに いく くら どの うな よう って して いて った のか した 何で
"""
_CHINESE_PAIRS = "什么 怎么 如何 多少 哪些 哪里 为什 吗"
_FUNCTION_WORDS = frozenset((_ENGLISH + _KOREAN_PAIRS + _JAPANESE_PAIRS + _CHINESE_PAIRS).split())


# Korean: what sticks to the end of a noun, and the words and verb endings that only ask.
_PARTICLE = re.compile(
    "(?<=[가-힣][가-힣])(?:에서는|에서|에게|으로|까지|부터|이란|란|은|는|이|가|을|를|의|에|로|와|과|도)"
    r"(?=[\s?!.,]|$)"
)
_ASKING = re.compile(
    r"몇\s*(?:개월|시간|[가-힣])(?:[을를은는이가의에]|이나)?|며칠\s*(?:동안)?[을를]?"
    r"|(?:무엇|누구|누가|어디|언제|어떻게|어떤|무슨|얼마)(?:에게|에서|을|를|이|가|나|의)?"
    r"|(?:이어야|되어야|해야|하여야|말|수\s있|수\s없|할\s수)?\s*"
    r"(?:(?:하고|되고|하|되|인|입|합|됩|있|없|한|된|이)(?:나요|니까|는가|은가|는가요|가요|가|지|나|까)"
    r"|(?:해|돼|되어)(?:요)?)(?=[\s?!.,]|$)"
)
# Chinese: what only joins or asks; removed between Han characters, so that no pair straddles it.
_HAN_ASKING = re.compile(
    "什么时候|什么|多少|怎么|怎样|如何|哪里|哪年|哪个|哪些|为什么|谁|吗|呢|的|是|了|几|姓|为"
)
_ENDINGS = (
    *(("sses", "ss"), ("ies", "y"), ("ied", "y"), ("ing", ""), ("ed", "")),
    *(("ss", "ss"), ("us", "us"), ("is", "is"), ("es", "e"), ("s", "")),
)
_PREPOSITION = re.compile(r"\b(?:of|in|on|at|for|under|during|after|by|to|with|from|which)\b")
_SHORTEST_STEMMED = 4  # code points: not "gas", "bus"
_SHORTEST_STEM = 3
_KANA = re.compile("[\u3041-\u30ff]")
_ATTRIBUTED = re.compile(
    r",?\s*\b(?i:according to|as (?:mentioned|described|stated) (?:by|in)|mentioned in)\b[^,?]*"
    r"|(?:(?<=\bdid )|(?<=\bdoes ))(?:[A-Z][\w.’'-]* )+"
    r"(?=(?:address|announce|claim|describe|discuss|emphasi[sz]e|express|mention|pledge|promise"
    r"|propose|say|state|warn)\b)"
)


@lru_cache(maxsize=4096)
def terms_of(text: str) -> frozenset[str]:
    """Return the distinct terms of `text`, as the index makes them, with plain endings folded."""
    return frozenset(_stem(term) for term in terms(text))


def telling_terms(text: str) -> list[str]:
    """Return the distinct terms of a question without the words that only make it a question."""
    plain = _PARTICLE.sub("", _ASKING.sub(" ", without_attribution(text)))
    if not _KANA.search(plain):
        plain = _HAN_ASKING.sub(" ", plain)
    found = [t for t in query_terms(plain) if t not in _FUNCTION_WORDS and _says_something(t)]
    return list(dict.fromkeys(map(_stem, found or query_terms(text))))


def circumstances(question: str) -> frozenset[str]:
    """Return the terms of an English question behind its first preposition, where it has any.

    "What was the cause of the accident in Rome?" asks for a cause; that it is about an accident,
    and one in Rome, a text may have said long before.
    """
    for match in _PREPOSITION.finditer(question):
        before, after = question[: match.start()], question[match.end() :]
        told = set(telling_terms(before)) if _told(before) else set()
        if told:
            return frozenset(set(telling_terms(after)) - told)
    return frozenset()


def _told(text: str) -> bool:
    return any(term not in _FUNCTION_WORDS for term in query_terms(text))


def _says_something(term: str) -> bool:
    return len(term) > 1 or term.isdigit()  # a single letter or syllable is what was cut off


def without_attribution(question: str) -> str:
    """Return `question` without "according to …": a text seldom names its own author."""
    return _ATTRIBUTED.sub("", question)


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


def _stem(term: str) -> str:
    """Return an English word without a plain ending: a match of words, not of grammar."""
    if not (term.isascii() and term.isalpha()) or len(term) < _SHORTEST_STEMMED:
        return term
    for ending, instead in _ENDINGS:
        if term.endswith(ending) and len(term) - len(ending) >= _SHORTEST_STEM:
            term = term[: -len(ending)] + instead
            break
    if len(term) > _SHORTEST_STEMMED and term[-1] == term[-2] and term[-1] not in "flsze":
        return term[:-1]  # "planned", "planning"
    return term[:-1] if term.endswith("e") and len(term) > _SHORTEST_STEM else term
