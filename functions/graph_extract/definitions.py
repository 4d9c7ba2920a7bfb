"""Terms that a text defines, in the words contracts, laws and manuals use for it."""

# ruff: noqa: RUF001 - quotation marks of many languages are meant

import re
from collections.abc import Iterator
from dataclasses import dataclass

_OPEN, _CLOSE = '["“‘「『«]', '["”’」』»]'
_QUOTED = rf"{_OPEN}(?P<term>[^\"“”‘’「」『』«»\n]{{2,60}}){_CLOSE}"
_AT_START = r"(?:^|(?<=[.;:]\s)|(?<=\n))"
_MEANS = r"(?:means|is\s+defined\s+as|refers\s+to)"
_HEREINAFTER = r"(?:(?:herein)?after,?|collectively,?|together,?|each,?)(?:\s+referred\s+to\s+as)?"
_AFTER = tuple(  # the definition follows
    re.compile(pattern)
    for pattern in (
        rf"{_QUOTED},?\s+(?:(?:shall\s+)?mean|has\s+the\s+meaning|{_MEANS})\b",
        rf"{_AT_START}(?P<term>[A-Z][\w-]*(?: [\w-]+){{0,5}}?)\s+{_MEANS}\b",
        rf"{_QUOTED}\s?(?:이)?(?:라\s?함은|란(?=\s))",
        r"(?<![가-힣])(?P<term>[가-힣]{2,20}?)(?:이)?라\s?함은",
        rf"{_QUOTED}とは",
        rf"{_QUOTED}(?:是指|系指|指的是|，指)",
    )
)
_BEFORE = tuple(  # the definition precedes
    re.compile(pattern)
    for pattern in (
        rf"\((?:{_HEREINAFTER}\s+)?(?:an?\s+|the\s+)?{_QUOTED}\)",
        rf"[(（]\s*이하\s*{_QUOTED}\s?(?:이)?라",
        rf"[(（]以下[、,]?\s*{_QUOTED}(?:と(?:いう|する)|と称する)",
        rf"[(（]以下(?:简称|稱|称|簡稱)(?:为|為)?\s*{_QUOTED}",
    )
)
_END = re.compile(r"[.!?](?=\s|$)|[。！？]|\n\s*\n|$")
_BEGIN = re.compile(r"[.!?]\s|[。！？]|\n\s*\n")
_LONGEST = 400  # code points of a definition
_REACH = 200


@dataclass(frozen=True, slots=True)
class Definition:
    """`term` is defined, in the sentence `text` (white space collapsed)."""

    term: str
    text: str


def definitions(text: str) -> Iterator[Definition]:
    """Yield the definitions of `text`, by pattern and then in order."""
    for pattern in _AFTER:
        for match in pattern.finditer(text):
            end = _END.search(text, match.end())
            yield _definition(match["term"], text[match.start() : end.end() if end else None])
    for pattern in _BEFORE:
        for match in pattern.finditer(text):
            before = text[max(0, match.start() - _REACH) : match.start()]
            begins = [begin.end() for begin in _BEGIN.finditer(before)]
            yield _definition(match["term"], before[begins[-1] if begins else 0 :])


def _definition(term: str, text: str) -> Definition:
    return Definition(term, " ".join(text.split())[:_LONGEST])
