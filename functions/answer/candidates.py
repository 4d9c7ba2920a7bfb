"""The pieces of the passages that could be quoted, and how much of a question each covers."""

import re
from collections.abc import Sequence
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
    r"[?？][\"'”’»)\]」』*_\s]*$"  # noqa: RUF001 - full-width is meant
    r"|^[\W\d]*(?:should|would|could|can|do|does|did|is|are|if so|what|how|why|which|who|when|where)"
    r"\b(?!.*[.!:;][\"'”’)\]]*$)",
    re.IGNORECASE,
)
_LABEL = re.compile(r"[:：][\s*_]*$")  # noqa: RUF001 - full-width is meant
_LEADERS = re.compile(r"\.{5,}|(?:\. ){5,}|…{3,}|…\s*\d*$")
_MARKS = re.compile(r"[\s|*#_>-]+")


@dataclass(frozen=True, slots=True)
class Held:
    """What a piece has of a question's telling terms, weighted shares, all 0..1.

    `covered` stand in it or, counting less, around it; `own` in itself; `focus` is the share of what
    is asked for (not the circumstances) that it or what announces it holds; `absent` stand nowhere
    in the passages of its document. `dense` is the share of its terms that are the question's; `titled` says that
    its heading is just what is asked for.
    """

    covered: float
    own: float
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
    asked = terms_of(question)
    wanted = telling_terms(question)
    pieces = [piece for n, passage in enumerate(passages) for piece in _pieces(n, passage)]
    vocabulary = Vocabulary(piece.text for piece in pieces)
    aside = circumstances(question)
    weights = {
        term: vocabulary.weight(term) * (_CIRCUMSTANCE if term in aside else 1.0) for term in wanted
    }
    total = sum(weights.values()) or 1.0
    around = [_terms(passage) for passage in passages]
    elsewhere: dict[str, frozenset[str]] = {}
    for passage, present in zip(passages, around, strict=True):
        known = elsewhere.get(passage.document_id, frozenset())
        elsewhere[passage.document_id] = known | present
    found: list[Candidate] = []
    for piece in pieces:
        own = terms_of(piece.text)
        if not own - asked or _says_nothing(piece.text):
            continue
        scopes = (
            (1.0, own),
            (_ABOVE, piece.above),
            (_AROUND, around[piece.passage]),
            (_ELSEWHERE, elsewhere[passages[piece.passage].document_id]),
        )
        shares = {
            term: next((share for share, present in scopes if term in present), 0.0)
            for term in wanted
        }
        covered = sum(weights[term] * share for term, share in shares.items()) / total
        itself = sum(weights[term] for term in wanted if term in own) / total
        absent = sum(weights[term] for term in wanted if not shares[term]) / total
        asked_for = {term: weight for term, weight in weights.items() if term not in aside}
        held = own | piece.above
        focus = sum(w for term, w in asked_for.items() if term in held) / (
            sum(asked_for.values()) or 1.0
        )
        titled = piece.title <= asked and asked_for.keys() <= piece.title
        said = Held(
            covered, itself, focus, absent, len(own & set(wanted)) / len(own), titled=titled
        )
        found.append(Candidate(piece.passage, piece.start, piece.end, piece.text, said))
    found.sort(key=lambda c: (-c.has.covered, c.passage, c.start))
    return found[:limit]


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
