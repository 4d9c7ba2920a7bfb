"""What kind of thing a question asks for, and whether a text holds one."""

# ruff: noqa: RUF001 - full-width punctuation is meant

import re
from dataclasses import dataclass

from functions.answer.vocabulary import terms_of

_NUMBER_WORDS = (
    "two three four five six seven eight nine ten eleven twelve fifteen twenty thirty forty fifty "
    "sixty seventy eighty ninety hundred thousand million billion trillion half twice dozen"
)
_NUMBER = re.compile(
    rf"(?<![A-Za-z0-9_-])\d+(?:[.,:]\d+)*|\b(?:one|{'|'.join(_NUMBER_WORDS.split())})\b|[一二三四五六七八九十百千万两]+",
    re.IGNORECASE,
)
_MONTHS = (
    "january february march april may june july august september october november december monday "
    "tuesday wednesday thursday friday saturday sunday"
)
_DATE = re.compile(
    r"\b(?:1[0-9]|20)\d\d\b|\d{1,2}[:/.]\d{2}|\d+\s*[년월일年月日时時]"
    rf"|\b(?:{'|'.join(_MONTHS.split())})s?\b",
    re.IGNORECASE,
)
_NAME = re.compile(
    r"\b[A-Z][\w'’-]+,? (?:[A-Z]\.? )?[A-Z][\w'’-]+|\b(?:Mr|Mrs|Ms|Dr|President)\b\.?"
)
_ASKS_DATE = re.compile(
    r"\b(?:when|(?:what|which) (?:year|date|day|time)s?)\b|언제|いつ|何時|什么时候|何时|哪年",
    re.IGNORECASE,
)
_ASKS_PERSON = re.compile(r"^\s*who(?:m|se)?\b", re.IGNORECASE)
_ASKS_NUMBER = re.compile(
    r"\bhow (?:many|much|long|old|far|high|large|big|fast)\b"
    r"|\bwhat (?:share|percentage|percent|number|amount|rate)\b"
    r"|몇|얼마|며칠|いくつ|いくら|何人|何日|多少|几",
    re.IGNORECASE,
)
_COUNTED = re.compile(
    r"\bhow many (?:[\w-]+ ){0,3}?(?P<what>[a-z]{3,})"
    r" (?:of|in|are|is|was|were|did|do|does|has|have|will|can|could|must|may|per|on|at|there)\b",
    re.IGNORECASE,
)
_KOREAN_COUNTED = re.compile(
    r"몇\s*(?P<what>년|명|인|일|개월|시간|시|분|초|세|살|회|번|개|달|주|원|퍼센트)|며칠"
)
_KOREAN_COUNTERS = {
    "명": "명|인",
    "인": "명|인",
    "세": "세|살",
    "살": "세|살",
    "달": "개월|달|월",
    "시": "시|:",
    "회": "회|번|차",
    "번": "회|번|차",
    "퍼센트": "퍼센트|%",
}
_DEFINED = re.compile(
    r"^\s*(?:what (?:is|are|does)|how (?:is|are|does)|define)\s+(?:(?:the|a|an) )?"
    r"(?P<what>.+?)(?:\s+(?:defined|mean|means|under|in|according|about)\b.*|\s*[?.]?\s*)$"
    r"|(?P<korean>\S+?)(?:이란|란|은|는|이|가)?\s*(?:무엇|뜻|의미)"
    r"|(?P<chinese>\S+?)是什么",
    re.IGNORECASE,
)
_DEFINES = re.compile(
    r"[\"'“”’)]*\s*(?:\([^)]{1,40}\)\s*)?[\"'“”’)]*\s*"
    r"(?:(?P<surely>(?:is|are|was) (?:herein )?defined|as:|means?\b|refers? to\b"
    r"|이란|란\b|是指|指的是)"
    r"|(?:is|are) (?:an?|the|any|one)\b|:|은\b|는\b|是)",
    re.IGNORECASE,
)
_SURELY, _PERHAPS = 2.0, 0.5
_HOLDS, _COUNTS, _COUNTS_OTHER = 0.5, 1.0, -0.75
_NO_FIGURE, _NO_NAME = -4.0, -1.0  # a name may be written in ways that no pattern knows
_LONGEST_SUBJECT = 60  # code points; what is longer is not the name of something


@dataclass(frozen=True, slots=True)
class Expected:
    """What an answer should hold: a number, a date, a person, or what something means.

    `counted` matches a number together with what is counted; `subject` is what is to be defined.
    """

    pattern: re.Pattern[str] | None = None
    counted: re.Pattern[str] | None = None
    subject: str = ""
    lacking: float = 0.0
    known: frozenset[str] = frozenset()

    def fits(self, text: str) -> float:
        """Return up to 2 when `text` surely holds what is expected, down to -4 when it does not.

        What the question itself says does not count: it asks for another number or name.
        """
        fit = 0.0
        if self.pattern is not None:
            found = any(
                not terms_of(match[0]) or terms_of(match[0]) - self.known
                for match in self.pattern.finditer(text)
            )
            fit = _HOLDS if found else self.lacking
            if found and self.counted is not None:
                fit = _COUNTS if self.counted.search(text) else _COUNTS_OTHER
        elif self.subject:
            fit = _defines(self.subject, text)
        return fit


def expected(question: str) -> Expected:
    """Return what an answer to `question` should hold; anything when that cannot be told."""
    known = terms_of(question)
    if _ASKS_DATE.search(question):
        return Expected(_DATE, lacking=_NO_FIGURE, known=known)
    if _ASKS_NUMBER.search(question):
        return Expected(_NUMBER, _counted(question), lacking=_NO_FIGURE, known=known)
    if _ASKS_PERSON.search(question):
        return Expected(_NAME, lacking=_NO_NAME, known=known)
    match = _DEFINED.search(question)
    subject = next((found for found in match.groups() if found), "") if match else ""
    return Expected(subject=subject.strip(" \"'“”?") if len(subject) <= _LONGEST_SUBJECT else "")


def _counted(question: str) -> re.Pattern[str] | None:
    if match := _KOREAN_COUNTED.search(question):
        what = match["what"] or "일"
        return re.compile(rf"(?<!\d)\d{{1,3}}\s*(?:{_KOREAN_COUNTERS.get(what, what)})")
    if match := _COUNTED.search(question):
        stem = re.escape(match["what"].rstrip("s"))
        return re.compile(rf"(?:{_NUMBER.pattern})\W+(?:[\w-]+\W+){{0,3}}{stem}", re.IGNORECASE)
    return None


def _defines(subject: str, text: str) -> float:
    folded, subject = text.casefold(), subject.casefold()
    best, at = 0.0, folded.find(subject)
    while at >= 0:
        if match := _DEFINES.match(text, at + len(subject)):
            best = max(best, _SURELY if match["surely"] else _PERHAPS)
        at = folded.find(subject, at + len(subject))
    return best
