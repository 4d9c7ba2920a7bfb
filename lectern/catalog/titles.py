"""A conversation's title from its first question: no model, any language."""

import unicodedata

_COLUMNS = 60  # what a side bar shows on two lines
_SHORTEST_SHARE = 0.6  # of the columns, when a title is cut between words
_JOINED_TO_THE_LAST = ("Mn", "Me", "Mc", "Cf", "Sk")  # accents, joiners, skin tones


def title_of(question: str) -> str:
    """Return a title of at most 60 columns, where a Chinese or Korean character takes two.

    A longer question is cut between words if that leaves most of it, never between a letter and
    what belongs to it, and ends with "…".
    """
    words = " ".join(_visible(question).split())
    if _width(words) <= _COLUMNS:
        return words
    end = _end_within(words, _COLUMNS - 1)
    space = words.rfind(" ", 0, end + 1)
    if space > 0 and _width(words[:space]) >= _SHORTEST_SHARE * _COLUMNS:
        end = space
    return words[:end].rstrip(" ,;:-–—、，·(") + "…"  # noqa: RUF001 - meant


def is_title(question: str) -> bool:
    """Return whether the question is short enough to be its own title."""
    return not title_of(question).endswith("…")


def _visible(text: str) -> str:
    return "".join(" " if unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"} else c for c in text)


def _columns(character: str) -> int:
    if unicodedata.category(character) in _JOINED_TO_THE_LAST:
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1


def _width(text: str) -> int:
    return sum(map(_columns, text))


def _end_within(text: str, columns: int) -> int:
    """Return how many characters of `text` fit, whole letters only."""
    for end, character in enumerate(text):
        columns -= _columns(character)
        if columns < 0:
            return end
    return len(text)
