"""Citation markers of a generated answer: what they cite, and which sentence they stand behind."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from functions.answer.safety import Piece, SafeMarkdown
from functions.answer.sentences import sentences
from functions.answer.vocabulary import telling_terms

MARKER = re.compile(r"\s*\[\d+\]")
_WORD = re.compile(r"\w")
_STATES_NOTHING = re.compile(r"^\s*#|[:：?？][\s*_\"'”’]*$")  # noqa: RUF001 - full-width is meant
_FEWEST_TERMS = 2


@dataclass(frozen=True, slots=True)
class Mark:
    """A marker in an answer: `answer[start:end] == f"[{number}]"`."""

    number: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence of an answer, `answer[start:end]`, and the passages it cites.

    `spans` say what each number stands behind: "A is led by B [1], who lives in C [2]." has two
    parts. What follows the last marker belongs to it.
    """

    start: int
    end: int
    numbers: tuple[int, ...]
    spans: tuple[tuple[int, int], ...]


@dataclass(slots=True)
class CitedText:
    """Collects a streamed answer with its markers in one form, `[n]`.

    Numbers that no passage has are dropped: they cite nothing.

    Args:
        passages: How many passages the model was given, numbered from 1.
    """

    passages: int
    text: str = ""
    marks: list[Mark] = field(default_factory=list)
    _markdown: SafeMarkdown = field(default_factory=SafeMarkdown)

    def feed(self, text: str) -> str:
        """Add what the model wrote; return what is certain of the answer now."""
        return self._add(self._markdown.feed(text))

    def finish(self) -> str:
        """Return the rest of the answer."""
        return self._add(self._markdown.finish())

    def _add(self, pieces: Iterable[Piece]) -> str:
        before = len(self.text)
        for piece in pieces:
            self.text += piece.text
            for number in piece.numbers:
                if 1 <= number <= self.passages:
                    start = len(self.text)
                    self.text += f"[{number}]"
                    self.marks.append(Mark(number, start, len(self.text)))
        return self.text[before:]


def uncited(answer: str, cited: Iterable[Claim]) -> list[tuple[int, int]]:
    """Return the sentences of `answer` that state something and are none of the `cited` ones.

    Headings, labels ("The steps are:") and questions state nothing.
    """
    known = {(claim.start, claim.end) for claim in cited}
    return [
        (start, end)
        for start, end in _without_leading_markers(answer)
        if (start, end) not in known and _states(answer[start:end])
    ]


def claims(answer: str, marks: Iterable[Mark]) -> list[Claim]:
    """Return the cited sentences of `answer` in order, each with its numbers as they stand.

    A marker belongs to the sentence it stands in, or behind: `It is so. [1] Next` cites the first.
    """
    spans = _without_leading_markers(answer)
    cited: dict[tuple[int, int], list[Mark]] = {}
    for mark in marks:
        behind = [span for span in spans if span[0] < mark.start]
        span = behind[-1] if behind else (0, mark.start)
        if answer[span[0] : span[1]].strip():
            cited.setdefault(span, []).append(mark)
    return [_claim(answer, span, found) for span, found in sorted(cited.items())]


def without_markers(text: str) -> str:
    """Return `text` without its citation markers."""
    return MARKER.sub("", text)


def _claim(answer: str, span: tuple[int, int], found: Sequence[Mark]) -> Claim:
    """Return the claim of a sentence; markers side by side stand behind the same words."""
    start, end = span
    spans: dict[int, tuple[int, int]] = {}
    begun, behind = start, (start, end)
    for mark in found:
        if without_markers(answer[begun : mark.start]).strip():
            behind = (begun, mark.start)
        first = spans.get(mark.number, behind)[0]
        spans[mark.number] = (min(first, behind[0]), behind[1])
        begun = mark.end
    if _WORD.search(without_markers(answer[begun:end])):
        last = found[-1].number
        spans[last] = (spans[last][0], end)
    return Claim(start, end, tuple(spans), tuple(spans.values()))


def _states(sentence: str) -> bool:
    if _STATES_NOTHING.search(sentence):
        return False
    return len(telling_terms(without_markers(sentence))) >= _FEWEST_TERMS


def _without_leading_markers(answer: str) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    for sentence in sentences(answer):
        start = sentence.start
        while match := MARKER.match(answer, start, sentence.end):
            start = match.end()
        start += len(answer[start : sentence.end]) - len(answer[start : sentence.end].lstrip())
        if start < sentence.end:
            spans.append((start, sentence.end))
    return spans
