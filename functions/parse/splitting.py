"""Cuts spans of a text to a size: at paragraphs, sentences, words, and inside words at last."""

# ruff: noqa: RUF001 - full-width punctuation is meant

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise

Span = tuple[int, int]
Fits = Callable[[int, int], bool]
"""Whether the text from `start` to `end` fits."""

_BOUNDARIES = (
    re.compile(r"\n\s*"),
    # The end of a sentence: Latin (with closing quotes, before a space) and CJK (no space needed).
    re.compile(r"(?<=[.!?…])[\"'”’)\]]*\s+|(?<=[。！？｡])[」』）”’]*\s*"),
    re.compile(r"(?<=[,;:、，；：])\s+|(?<=[、，；：])"),
    re.compile(r"\s+"),
)


def pack(text: str, units: Iterable[Span], fits: Fits) -> list[Span]:
    """Return spans made of as many following units as fit; a unit too large is cut before.

    The spans are in order, do not overlap, and leave out nothing but white space between units.
    """
    spans: list[Span] = []
    for unit in units:
        for start, end in _cut(text, unit, fits, 0):
            if spans and fits(spans[-1][0], end):
                spans[-1] = (spans[-1][0], end)
            else:
                spans.append((start, end))
    return spans


def _cut(text: str, span: Span, fits: Fits, level: int) -> Iterator[Span]:
    start, end = _trimmed(text, span)
    if start == end:
        return
    if fits(start, end):
        yield start, end
    elif level == len(_BOUNDARIES):
        yield from _cut_inside_word(text, start, end, fits)
    else:
        cuts = [start, *(m.end() for m in _BOUNDARIES[level].finditer(text, start, end)), end]
        pieces = [piece for edge in pairwise(cuts) for piece in _cut(text, edge, fits, level + 1)]
        yield from _merge(pieces, fits)


def _merge(pieces: list[Span], fits: Fits) -> list[Span]:
    merged: list[Span] = []
    for start, end in pieces:
        if merged and fits(merged[-1][0], end):
            merged[-1] = (merged[-1][0], end)
        else:
            merged.append((start, end))
    return merged


def _cut_inside_word(text: str, start: int, end: int, fits: Fits) -> Iterator[Span]:
    """Cut as late as it fits, trying lengths around the last one: each try counts its text."""
    low = 1
    while start < end:
        rest, high = end - start, max(low, 2)
        while high < rest and fits(start, start + high):
            high *= 2
        low, high = 1, min(high, rest)
        while low < high:
            middle = (low + high + 1) // 2
            low, high = (middle, high) if fits(start, start + middle) else (low, middle - 1)
        cut = start + low
        while start + 1 < cut < end and unicodedata.combining(text[cut]):
            cut -= 1  # a letter keeps its accents
        yield start, cut
        start = cut


def _trimmed(text: str, span: Span) -> Span:
    start, end = span
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end
