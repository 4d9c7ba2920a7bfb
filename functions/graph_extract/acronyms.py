"""Acronyms and what they stand for, in both orders.

The idea of Schwartz and Hearst ("A simple algorithm for identifying abbreviation definitions in
biomedical text", 2003): read both from their ends, and find each letter of the short form, the
first at the beginning of a word.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_SHORT = r"[A-Z][A-Za-z0-9&/-]{0,8}[A-Z0-9]s?"
_LONG_THEN_SHORT = re.compile(rf"\(\s*[\"“]?(?P<short>{_SHORT})[\"”]?\s*[),;]")
_SHORT_THEN_LONG = re.compile(rf"(?<![\w&-])(?P<short>{_SHORT})\s*\((?P<long>[^()\n]{{4,120}})\)")
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")  # noqa: RUF001 - apostrophes
_SENTENCE_END = re.compile(r"[.!?;:]\s|\n\s*\n")
_REACH = 160  # code points in front of a parenthesis in which a long form is looked for
_FEWEST_CAPITALS = 2


@dataclass(frozen=True, slots=True)
class Acronym:
    """`short` stands for `long`, as the text spells them."""

    short: str
    long: str


def acronyms(text: str) -> Iterator[Acronym]:
    """Yield the acronyms that `text` itself explains, in order of the explanation."""
    for match in _LONG_THEN_SHORT.finditer(text):
        short = match["short"]
        before = text[max(0, match.start() - _REACH) : match.start()]
        ends = [end.end() for end in _SENTENCE_END.finditer(before)]
        if _capitals(short) and (long := _long_form(short, before[ends[-1] if ends else 0 :])):
            yield Acronym(short, long)
    for match in _SHORT_THEN_LONG.finditer(text):
        short, candidate = match["short"], match["long"].strip()
        if _capitals(short) and _long_form(short, candidate) == candidate:
            yield Acronym(short, candidate)


def _capitalised(candidate: str, at: int, words: list[re.Match[str]]) -> int:
    """Return where the long form begins: `Office of …`, though `of …` would spell it too."""
    before = next((w.start() for w in reversed(words) if w.start() < at), at)
    same = candidate[before].isupper() and candidate[before].casefold() == candidate[at]
    return before if same else at


def _capitals(short: str) -> bool:
    return sum(character.isupper() for character in short) >= _FEWEST_CAPITALS


def _long_form(short: str, candidate: str) -> str:
    """Return the shortest end of `candidate` that spells `short`, or ""."""
    letters = [c.casefold() for c in short.removesuffix("s") if c.isalnum()]
    words = list(_WORD.finditer(candidate))
    most = min(len(letters) + 5, 2 * len(letters))
    words = words[-most:]
    if not words:
        return ""
    lowest = words[0].start()
    starts = {word.start() for word in words}
    at = words[-1].end()
    for number, letter in reversed(list(enumerate(letters))):
        at -= 1
        while at >= lowest and not (
            candidate[at].casefold() == letter and (number or at in starts)
        ):
            at -= 1
        if at < lowest:
            return ""
    at = _capitalised(candidate, at, words)
    long = candidate[at : words[-1].end()]
    return " ".join(long.split()) if len(long) > len(short) and short not in long.split() else ""
