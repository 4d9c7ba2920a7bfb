"""Cutting text into the units that can be quoted: sentences, list items, table rows."""

# ruff: noqa: RUF001 - full-width punctuation is meant

import re
from collections.abc import Iterator
from dataclasses import dataclass

MAX_CHARACTERS = 600  # a longer unit is no sentence; it is cut at white space

_LONGEST_WORD = 40
_BLOCK = re.compile(r"\n[ \t]*\n")
_ITEM = re.compile(r"[ \t]*(?:[-*•‣▪◦·○●◯□■▶→]|\(?(?:\d{1,3}|[a-zA-Z])[.)]|[①-⑳]|제\d+조)(?=\s|$)")
_ROW = re.compile(r"[ \t]*\|.*\|[ \t]*$")
_RULE = re.compile(r"[ \t]*\|(?:[ \t]*:?-{3,}:?[ \t]*\|)+[ \t]*$")
_CLOSERS = "\"'”’»)\\]」』）】》〉"
_STOP = re.compile(rf"(?P<wide>[。！？｡]+[{_CLOSERS}]*)|[.!?…]+[{_CLOSERS}]*(?=\s|$)")
_WORD_BEFORE = re.compile(r"[^\W\d_]+(?:\.[^\W\d_]+)*$|\d+$")
_NEVER_LAST_WORDS = "mr mrs ms dr prof st no nos vol fig figs eq sec art e.g i.e cf vs"
_ABBREVIATED_WORDS = (
    "sr jr rev hon gen col lt sgt capt para ch pp p ed eds inc ltd co corp dept est approx ca al "
    "etc jan feb mar apr jun jul aug sep sept oct nov dec mon tue wed thu fri sat sun u.s u.k u.n "
    "a.m p.m d.c ph.d z.b bzw usw nr bd hrsg m mme mlle ex env av"
)
_NEVER_LAST = frozenset(_NEVER_LAST_WORDS.split())
_ABBREVIATIONS = frozenset(_ABBREVIATED_WORDS.split())


@dataclass(frozen=True, slots=True)
class Sentence:
    """A unit of a text: `text[start:end]`, offsets in code points, end exclusive.

    `header` is the header row of the table that a row stands in, "" elsewhere.
    """

    start: int
    end: int
    header: str = ""


def sentences(text: str) -> list[Sentence]:
    """Return the units of `text` in order; they do not overlap and begin and end with no space.

    Line breaks inside a paragraph are white space unless a list item or a table row begins there.
    """
    return [
        piece
        for start, end in _between(_BLOCK, text, 0, len(text))
        for unit in _units(text, start, end)
        for piece in _bounded(text, unit)
    ]


def _between(
    separator: re.Pattern[str], text: str, start: int, end: int
) -> Iterator[tuple[int, int]]:
    at = start
    for match in separator.finditer(text, start, end):
        yield at, match.start()
        at = match.end()
    yield at, end


def _units(text: str, start: int, end: int) -> Iterator[Sentence]:
    """Yield the units of one block: rows as they are, the rest joined over its line breaks."""
    header, rows = "", 0
    open_at: int | None = None
    for first, last in _between(re.compile("\n"), text, start, end):
        line = text[first:last]
        if _ROW.match(line):
            if open_at is not None:
                yield from _prose(text, open_at, first)
                open_at = None
            rows += 1
            if _RULE.match(line):
                continue
            follows = text[last + 1 : end].partition("\n")[0]
            if rows == 1 and _RULE.match(follows):
                header = line.strip()
                continue
            yield from _trimmed(text, first, last, header)
        elif open_at is None:
            open_at = first
        elif _ITEM.match(line):
            yield from _prose(text, open_at, first)
            open_at = first
    if open_at is not None:
        yield from _prose(text, open_at, end)


def _prose(text: str, start: int, end: int) -> Iterator[Sentence]:
    at = start
    for stop in _STOP.finditer(text, start, end):
        if stop["wide"] or _ends_sentence(text, at, stop.start(), stop.end(), end):
            yield from _trimmed(text, at, stop.end(), "")
            at = stop.end()
    yield from _trimmed(text, at, end, "")


def _ends_sentence(text: str, start: int, stop: int, after: int, end: int) -> bool:
    """Return whether the punctuation at `text[stop:after]` ends the sentence begun at `start`."""
    rest = text[after:end]
    follows = rest.lstrip()[:1]
    if not follows or follows.islower():
        return not follows
    word = _WORD_BEFORE.search(text, max(start, stop - _LONGEST_WORD), stop)
    if text[stop:after] != "." or word is None:
        return True
    if word[0].isdigit():  # "1." at the beginning of an item, not "in 1987."
        return bool(text[start : word.start()].strip())
    folded = word[0].casefold()
    if folded in _NEVER_LAST or (len(folded) == 1 and word[0].isupper()):  # an initial
        return False
    new_line = "\n" in rest[: len(rest) - len(rest.lstrip())]
    return folded not in _ABBREVIATIONS or (new_line and not follows.isdigit())


def _trimmed(text: str, start: int, end: int, header: str) -> Iterator[Sentence]:
    piece = text[start:end]
    start += len(piece) - len(piece.lstrip())
    end -= len(piece) - len(piece.rstrip())
    if start < end:
        yield Sentence(start, end, header)


def _bounded(text: str, unit: Sentence) -> Iterator[Sentence]:
    start = unit.start
    while unit.end - start > MAX_CHARACTERS:
        limit = start + MAX_CHARACTERS
        cut = max(text.rfind(mark, start + MAX_CHARACTERS // 2, limit) for mark in " \n;,、，")
        cut = limit if cut < 0 else cut + 1
        yield from _trimmed(text, start, cut, unit.header)
        start = cut
    yield from _trimmed(text, start, unit.end, unit.header)
