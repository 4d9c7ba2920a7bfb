"""Pieces of harmless Markdown, and what keeps them from becoming links where they meet."""

# ruff: noqa: RUF001 - full-width punctuation is meant

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

_OPENS_TAG = re.compile(r"<(?=[A-Za-z/!?])")
_TARGET = re.compile(r"(?<=\])(?=[(\[:])")
_ADDRESS = re.compile(r"https?://|www\.|[\w.+-]@[\w-]|\w+:[\w.+-]+@", re.IGNORECASE)
_SCHEME = re.compile(r"(https?:)(?=//)", re.IGNORECASE)
_WWW = re.compile(r"(www)(?=\.)", re.IGNORECASE)
_AT = re.compile(r"(?<=[\w.+-])@(?=[\w-])")
_ENTITY = re.compile(r"&(?=[#A-Za-z])")
_ESCAPED = re.compile(r"\\(?=[:/.@\]\[(<])")
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of an answer: text or code to show as it is, or a marker's passage numbers."""

    kind: Literal["text", "code", "marker"]
    text: str = ""
    numbers: tuple[int, ...] = ()

    @property
    def reads(self) -> str:
        """What people read: text without its escapes."""
        return _ESCAPE.sub(r"\1", self.text) if self.kind == "text" else self.text


def parted(piece: Piece, before: str, *, after_marker: bool) -> Piece:
    """Return a piece of text that is no link or tag, and makes none with what stands before it.

    Args:
        piece: Text without an address of its own.
        before: What was sent before, as it reads.
        after_marker: Whether a marker stands between, which ends in a bracket or is dropped later.
    """
    text = _OPENS_TAG.sub("< ", _TARGET.sub(" ", piece.text))
    reads = piece.reads
    joined = before + reads[:16]
    joins = any(m.start() < len(before) < m.end() for m in _ADDRESS.finditer(joined))
    opens_target = (before.endswith("]") or after_marker) and reads[:1] in {"(", "[", ":"}
    opens_tag = before.endswith("<") and re.match(r"[A-Za-z/!?]", reads)
    return Piece("text", " " + text) if joins or opens_target or opens_tag else Piece("text", text)


def defused(code: str) -> str:
    """Return code that is no link, image, address or tag even to who takes it for text."""
    text = _OPENS_TAG.sub("< ", _TARGET.sub(" ", _ESCAPED.sub("", code)))
    text = _ENTITY.sub("& ", _AT.sub(" @", text))
    return _WWW.sub(r"\1 ", _SCHEME.sub(r"\1 ", text))


def numbers_of(marker: str) -> tuple[int, ...]:
    """Return the passage numbers of a marker's inside (`1, 3`, `2-4`, full-width digits too)."""
    found: list[int] = []
    for item in re.split(r"[,;、，]", unicodedata.normalize("NFKC", marker).replace("^", "")):
        ends = [int(number) for number in re.findall(r"\d+", item)]
        if len(ends) == 2 and ends[0] <= ends[1] <= ends[0] + 20:  # noqa: PLR2004 - a range
            found += range(ends[0], ends[1] + 1)
        else:
            found += ends
    return tuple(dict.fromkeys(found))
