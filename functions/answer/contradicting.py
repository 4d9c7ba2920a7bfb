"""Whether a passage says the opposite of a claim, in much the same words.

Only what can be told from the words: one of the two is negated, or they hold opposite words. What
stays open is left to the comparison of terms and meanings.
"""

import re
from collections.abc import Sequence

from functions.answer.vocabulary import telling_terms, terms_of

_NEGATION = re.compile(
    r"\b(?:not|never|no|nor|neither|cannot|without|unable to|refuse[sd]? to|fail(?:s|ed)? to)\b"
    r"|n['\N{RIGHT SINGLE QUOTATION MARK}]t\b",
    re.IGNORECASE,
)
_NO_LIMIT = re.compile(
    r"\b(?:no|not) (?:later|more|less|fewer|earlier|longer|only)\b", re.IGNORECASE
)
_FORBIDS = re.compile(r"\b(?:prohibited|forbidden|banned|disallowed)\b", re.IGNORECASE)
_KOREAN_NEGATION = re.compile(
    r"(?P<what>[가-힣]{2,}(?: [가-힣]{1,4})?)\s?"
    r"(?:지\s?(?:않|못|마|말)|[을를할될] 수 없|[이가은는]?\s?(?:없|아니|아닙|금지|불가))"
)
_CLAUSE_END = re.compile(
    r"[,;:.!?]|\b(?:but|and|or|because|unless|except|if|when|who|which|that)\b"
)
_NEGATED_WORDS = 5
_GROWTH = """
increase increases increased increasing rise rises rose risen grew grow grows grown
증가 상승 늘었 늘어
"""
_DECLINE = """
decrease decreases decreased decreasing fall falls fell fallen decline declines declined drop drops
dropped shrank shrink 감소 하락 줄었 줄어
"""
_OPPOSITES: Sequence[tuple[frozenset[str], frozenset[str]]] = [
    (frozenset(one.split()), frozenset(other.split()))
    for one, other in (
        (_GROWTH, _DECLINE),
        ("above over exceeds exceeding 초과", "below under 미만"),
        ("more", "less fewer"),
        ("before prior 이전", "after following 이후"),
        ("minimum 최소", "maximum 최대"),
        ("highest largest most", "lowest smallest least"),
        ("include includes included including 포함", "exclude excludes excluded excluding 제외"),
        ("allowed permitted 허용", "prohibited forbidden banned 금지"),
        ("accept accepts accepted", "reject rejects rejected refuse refuses refused"),
        ("enable enables enabled", "disable disables disabled"),
        ("won gained profit 흑자", "lost loss 적자"),
        ("이상", "이하"),
        ("open opened opens", "close closed closes"),
    )
]
_WORD = re.compile(r"[A-Za-z]+|[가-힣]+")


def contradicts(claim: str, quote: str) -> bool:
    """Return whether `quote`, the part of a passage that fits the claim best, says its opposite."""
    return _is_negated_otherwise(claim, quote) or _has_opposite(claim, quote)


def _is_negated_otherwise(claim: str, quote: str) -> bool:
    ours, theirs = _negated(claim), _negated(quote)
    only_ours = (ours - theirs) & terms_of(quote)
    only_theirs = (theirs - ours) & terms_of(claim)
    return bool((only_ours and not theirs) or (only_theirs and not ours))


def _negated(text: str) -> frozenset[str]:
    """Return the telling terms that a negation of `text` is about."""
    found: set[str] = set()
    plain = _NO_LIMIT.sub(" ", text)
    for match in _NEGATION.finditer(plain):
        behind = _CLAUSE_END.split(plain[match.end() :], maxsplit=1)[0]
        found.update(telling_terms(" ".join(behind.split()[:_NEGATED_WORDS])))
    if forbids := _FORBIDS.search(plain):
        found.update(telling_terms(plain[: forbids.start()]))
    for match in _KOREAN_NEGATION.finditer(text):
        found.update(telling_terms(match["what"]))
    return frozenset(found)


def _has_opposite(claim: str, quote: str) -> bool:
    ours, theirs = _words(claim), _words(quote)
    return any(
        _holds(ours, one) and not _holds(ours, other) and _holds(theirs, other)
        and not _holds(theirs, one)
        for pair in _OPPOSITES
        for one, other in (pair, pair[::-1])
    )  # fmt: skip


def _words(text: str) -> set[str]:
    return {word.lower() for word in _WORD.findall(text)}


def _holds(words: set[str], meant: frozenset[str]) -> bool:
    """Return whether a word is among `words`; a Korean one may have an ending or stand behind."""
    return any(
        each in words if each.isascii() else any(each in word for word in words) for each in meant
    )
