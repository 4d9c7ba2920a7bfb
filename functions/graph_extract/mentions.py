"""Where chunks name the subjects of their part: every name in one pass over the text."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import ahocorasick

from functions.graph_extract.subjects import Subject

MOST_MENTIONS = 200  # of one name in one chunk
_HANGUL = re.compile("[\u1100-\u11ff\uac00-\ud7a3]")
_KATAKANA = re.compile("[\u30a1-\u30fa\u30fc]")
_UNSPACED = re.compile("[\u3041-\u3096\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u0e00-\u0eff]")
_HANGUL_RUN = re.compile("[\uac00-\ud7a3]+")
_PARTICLE_WORDS = """
은 는 이 가 을 를 의 에 에서 에게 에는 에도 에서는 에서의 으로 로 으로는 로는 으로서 로서 으로써
로써 와 과 와의 과의 도 만 까지 부터 께 께서 이나 나 이라 라 이란 란 이며 며 이고 고 이다 다 인
이든 든지 마다 처럼 보다 이라고 라고 이라는 라는 들 들은 들이 들을 들의 들에게 조차 마저 밖에 하고
이므로 입니다 이었다 였다
"""
_PARTICLES = frozenset(_PARTICLE_WORDS.split())


@dataclass(frozen=True, slots=True)
class Match:
    """`text[start:end]` is a spelling of the subject at `subject`; offsets in code points."""

    start: int
    end: int
    subject: int


class NameFinder:
    """Finds the names of subjects in texts. Build once per part.

    Names match whatever their case and the white space inside them; acronyms match exactly. A
    name stands on word boundaries, though a particle may follow after Hangul, and scripts that
    write no spaces have none. Of matches that overlap, the one that begins first and then the
    longest wins.

    Args:
        subjects: Matches name them by their position here.
    """

    def __init__(self, subjects: Sequence[Subject]) -> None:
        self._subjects = subjects
        self._automaton = ahocorasick.Automaton()
        for number, subject in enumerate(subjects):
            pattern, _ = _folded(subject.name)
            if pattern:
                known = self._automaton.get(pattern, (0, ()))[1]
                self._automaton.add_word(pattern, (len(pattern), (*known, number)))
        if len(self._automaton):
            self._automaton.make_automaton()

    def find(self, text: str) -> list[Match]:
        """Return the matches in `text` in order, without overlap."""
        if not len(self._automaton):
            return []
        matches = sorted(self._candidates(text), key=lambda m: (m.start, -m.end, m.subject))
        chosen: list[Match] = []
        for match in matches:
            if not chosen or match.start >= chosen[-1].end:
                chosen.append(match)
        return chosen

    def _candidates(self, text: str) -> Iterator[Match]:
        folded, origins = _folded(text)
        for last, (length, numbers) in self._automaton.iter(folded):
            first = last + 1 - length
            start, end = origins[first], origins[last] + 1
            cuts_a_character = (first and origins[first - 1] == start) or (
                last + 1 < len(folded) and origins[last + 1] == end - 1
            )
            if cuts_a_character or not _stands_alone(text, start, end):
                continue
            for number in numbers:
                subject = self._subjects[number]
                exact = subject.kind == "acronym"
                if not exact or " ".join(text[start:end].split()) == subject.name:
                    yield Match(start, end, number)
                    break


def starts_by_subject(matches: Iterable[Match]) -> dict[int, tuple[int, ...]]:
    """Return where each subject begins, at most `MOST_MENTIONS` places each."""
    starts: dict[int, list[int]] = {}
    for match in matches:
        starts.setdefault(match.subject, []).append(match.start)
    return {subject: tuple(places[:MOST_MENTIONS]) for subject, places in starts.items()}


def _folded(text: str) -> tuple[str, list[int]]:
    """Return `text` folded, and for each code point of that the offset in `text` it comes from.

    Folding may lengthen a text ('ß' becomes 'ss', 'İ' two code points); a run of white space
    becomes one space.
    """
    pieces: list[str] = []
    origins: list[int] = []
    for offset, character in enumerate(text):
        if character.isspace():
            piece = "" if not pieces or pieces[-1] == " " else " "
        else:
            piece = unicodedata.normalize("NFKC", character).casefold()
        if piece:
            pieces.append(piece)
            origins += [offset] * len(piece)
    return "".join(pieces), origins


def _stands_alone(text: str, start: int, end: int) -> bool:
    before, after = text[start - 1 : start], text[end : end + 1]
    if _script(text[start]) == _script(before) != "":
        return False
    last = _script(text[end - 1])
    if last == "hangul" == _script(after):
        run = _HANGUL_RUN.match(text, end)
        return run is not None and run[0] in _PARTICLES
    return last == "" or last != _script(after)


def _script(character: str) -> str:
    """Return the kind of word `character` belongs to; "" where words have no boundaries."""
    if not character or not (character.isalnum() or character == "_"):
        return "ー" if character == "ー" else ""
    if _HANGUL.match(character):
        return "hangul"
    if _KATAKANA.match(character):
        return "ー"
    return "" if _UNSPACED.match(character) else "word"
