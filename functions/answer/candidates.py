"""The pieces of the passages that could be quoted, and how much of a question each covers."""

# ruff: noqa: RUF001 - full-width punctuation is meant

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from functions.answer.sentences import MAX_CHARACTERS, Sentence, sentences
from functions.answer.vocabulary import Vocabulary, circumstances, telling_terms, terms_of

if TYPE_CHECKING:
    from lectern.api import Passage

_SHORTEST = 8  # code points; what is shorter quotes nothing
# How much a term of the question counts where it stands: in the piece itself, just above it, in
# the same passage, in another passage of the document.
_ABOVE, _AROUND, _ELSEWHERE = 0.7, 0.5, 0.35
_CIRCUMSTANCE = 0.6  # weight of "in Tallahassee" beside "the probable cause"
_QUESTION = re.compile(
    r"[?？][\"'”’»)\]」』*_\s]*$"
    r"|^[\W\d]*(?:should|would|could|can|do|does|did|is|are|if so"
    r"|what|how|why|which|who|when|where)"
    r"\b(?!.*[.!:;][\"'”’)\]]*$)",
    re.IGNORECASE,
)
_LABEL = re.compile(r"[:：][\s*_]*$")
_LEADERS = re.compile(r"\.{5,}|(?:\. ){5,}|…{3,}|…\s*\d*$")
_MARKS = re.compile(r"[\s|*#_>-]+")


@dataclass(frozen=True, slots=True)
class Held:
    """What a piece has of a question's telling terms: shares of their weight, 0..1.

    `covered` stand in it or, counting less, around it; `absent` stand nowhere in the passages of
    its document. `focus` is the share of what is asked for, without the circumstances, that stands
    in it or above it; `titled` says that its heading is just that. `dense` is the share of its own
    terms that are the question's.
    """

    covered: float
    focus: float
    absent: float
    dense: float
    titled: bool


@dataclass(frozen=True, slots=True)
class Candidate:
    """A piece of a passage: `passages[passage].text[start:end]`; `text` is it on one line."""

    passage: int
    start: int
    end: int
    text: str
    has: Held


@dataclass(frozen=True, slots=True)
class _Piece:
    passage: int
    start: int
    end: int
    text: str
    above: frozenset[str]
    title: frozenset[str]


def candidates(question: str, passages: "Sequence[Passage]", limit: int) -> list[Candidate]:
    """Return the pieces that may answer, those that cover most of `question` first.

    A question answers nothing, and neither does what only repeats words of the question, a
    heading, or a line of a table of contents. A label ("The cause is:") is one with what follows.
    """
    pieces = [
        piece
        for n, passage in enumerate(passages)
        if passage.kind != "description"  # a model's words are nobody's quote
        for piece in _pieces(n, passage)
    ]
    asked = _Asked(question, passages, pieces)
    found = [
        Candidate(piece.passage, piece.start, piece.end, piece.text, asked.held_by(piece))
        for piece in pieces
        if asked.is_news(piece)
    ]
    found.sort(key=lambda c: (-c.has.covered, c.passage, c.start))
    return found[:limit]


class _Asked:
    """The telling terms of a question, and where in the passages each of them stands."""

    def __init__(
        self, question: str, passages: "Sequence[Passage]", pieces: Sequence[_Piece]
    ) -> None:
        vocabulary = Vocabulary(piece.text for piece in pieces)
        aside = circumstances(question)
        wanted = telling_terms(question)
        self._question = terms_of(question)
        self._weights = {
            term: vocabulary.weight(term) * (_CIRCUMSTANCE if term in aside else 1.0)
            for term in wanted
        }
        self._focus = frozenset(wanted) - aside or frozenset(wanted)
        self._documents = [passage.document_id for passage in passages]
        self._around = [_terms(passage) for passage in passages]
        self._elsewhere: dict[str, frozenset[str]] = {}
        for document_id, present in zip(self._documents, self._around, strict=True):
            known = self._elsewhere.get(document_id, frozenset())
            self._elsewhere[document_id] = known | present

    def is_news(self, piece: _Piece) -> bool:
        """Return whether `piece` states something that the question does not say itself."""
        return bool(terms_of(piece.text) - self._question) and not _says_nothing(piece.text)

    def held_by(self, piece: _Piece) -> Held:
        """Return what `piece` has of the question."""
        own = terms_of(piece.text)
        scopes = (
            (1.0, own),
            (_ABOVE, piece.above),
            (_AROUND, self._around[piece.passage]),
            (_ELSEWHERE, self._elsewhere[self._documents[piece.passage]]),
        )
        counts = {
            term: next((count for count, present in scopes if term in present), 0.0)
            for term in self._weights
        }
        focus = {term: self._weights[term] for term in self._weights if term in self._focus}
        near = own | piece.above
        return Held(
            covered=_share(self._weights, counts),
            focus=_share(focus, {term: float(term in near) for term in focus}),
            absent=_share(self._weights, {term: float(not n) for term, n in counts.items()}),
            dense=len(own & self._weights.keys()) / len(own),
            titled=piece.title <= self._question and self._focus <= piece.title,
        )


def _share(weights: Mapping[str, float], counts: Mapping[str, float]) -> float:
    """Return how much of the sum of `weights` remains when each counts as `counts` says, 0..1."""
    total = sum(weights.values())
    return sum(weights[term] * counts[term] for term in weights) / total if total else 0.0


def _pieces(number: int, passage: "Passage") -> list[_Piece]:
    headings = frozenset[str]().union(*map(terms_of, passage.heading_path))
    title = terms_of(passage.heading_path[-1]) if passage.heading_path else frozenset()
    titles = {_plain(heading) for heading in passage.heading_path}
    units = [
        unit
        for unit in sentences(passage.text)
        if _plain(passage.text[unit.start : unit.end]) not in titles
    ]
    pieces: list[_Piece] = []
    joined = _joined(passage.text, units)
    for before, unit in pairwise([Sentence(0, 0), *joined]):
        text = _readable(passage.text[unit.start : unit.end])
        if len(text) < _SHORTEST and not unit.header:
            continue
        above = headings | terms_of(unit.header) | terms_of(passage.text[before.start : before.end])
        pieces.append(_Piece(number, unit.start, unit.end, text, above, title))
    return pieces


def _joined(text: str, units: Sequence[Sentence]) -> list[Sentence]:
    """Return the units, each label together with the unit that it announces."""
    joined: list[Sentence] = []
    for unit in units:
        last = joined[-1] if joined else None
        if (
            last is not None
            and _LABEL.search(text, last.start, last.end)
            and unit.end - last.start <= MAX_CHARACTERS
        ):
            joined[-1] = Sentence(last.start, unit.end, last.header or unit.header)
        else:
            joined.append(unit)
    return joined


def _terms(passage: "Passage") -> frozenset[str]:
    return terms_of("\n".join((passage.document_name, *passage.heading_path, passage.text)))


def _says_nothing(text: str) -> bool:
    return bool(_QUESTION.search(text) or _LABEL.search(text) or _LEADERS.search(text))


def _readable(text: str) -> str:
    return " ".join(text.split())


def _plain(text: str) -> str:
    return _MARKS.sub(" ", text).strip().casefold()
