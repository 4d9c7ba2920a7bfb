"""Where the words of a question stand in a text, for the eye.

Whole words, and runs of Korean, Japanese and Chinese by pairs of characters, as the full-text
search takes them.
"""

import re
import unicodedata
from collections.abc import Sequence

from web.components.passages import Run

_PAIRED = "\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3"
_TOKEN = re.compile(rf"[{_PAIRED}]+|(?:(?![{_PAIRED}])[^\W_])+")
_SILENT = frozenset(
    [
        "a",
        "about",
        "an",
        "and",
        "any",
        "are",
        "as",
        "at",
        "be",
        "by",
        "can",
        "could",
        "did",
        "do",
        "does",
        "for",
        "from",
        "had",
        "has",
        "have",
        "how",
        "i",
        "if",
        "in",
        "is",
        "it",
        "its",
        "may",
        "me",
        "my",
        "no",
        "not",
        "of",
        "on",
        "or",
        "our",
        "should",
        "so",
        "such",
        "than",
        "that",
        "the",
        "their",
        "there",
        "these",
        "this",
        "to",
        "was",
        "we",
        "were",
        "what",
        "when",
        "where",
        "which",
        "who",
        "whom",
        "why",
        "will",
        "with",
        "would",
        "you",
        "your",
    ]
)
_LEAST = 2


def terms(query: str) -> Sequence[str]:
    """Return what is highlighted for a question, longest first; words that say nothing are not."""
    found: dict[str, None] = {}
    for token in _TOKEN.findall(unicodedata.normalize("NFC", query).casefold()):
        if re.match(f"[{_PAIRED}]", token):
            found.update(dict.fromkeys(_pairs(token)))
        elif token not in _SILENT and (len(token) >= _LEAST or token.isdigit()):
            found[token] = None
    return sorted(found, key=lambda term: (-len(term), term))


def runs(text: str, wanted: Sequence[str]) -> Sequence[Run]:
    """Return `text` cut into runs, each with whether it is one of the wanted terms.

    The runs joined are `text`, character for character.
    """
    if not wanted or not text:
        return [(text, False)]
    hits = bytearray(len(text))
    for match in _pattern(tuple(wanted)).finditer(text):
        start, end = match.span(1)  # looked ahead, so that pairs may overlap
        hits[start:end] = b"\1" * (end - start)
    cut: list[Run] = []
    start = 0
    for place in range(1, len(text) + 1):
        if place == len(text) or hits[place] != hits[start]:
            cut.append((text[start:place], bool(hits[start])))
            start = place
    return cut


def _pattern(wanted: Sequence[str]) -> re.Pattern[str]:
    words = [re.escape(term) for term in wanted if not re.match(f"[{_PAIRED}]", term)]
    pairs = [re.escape(term) for term in wanted if re.match(f"[{_PAIRED}]", term)]
    either = []
    if words:
        either.append(rf"(?<![^\W_])(?:{'|'.join(words)})(?![^\W_{_PAIRED}])")
    either += pairs
    return re.compile(f"(?=({'|'.join(either)}))", re.IGNORECASE)


def _pairs(run: str) -> Sequence[str]:
    return [run[place : place + 2] for place in range(len(run) - 1)] or [run]
