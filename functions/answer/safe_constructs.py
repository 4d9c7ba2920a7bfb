"""The constructs of Markdown that a generated answer may hold, each taken from where it begins."""

# ruff: noqa: RUF001 - full-width brackets are meant

import re
from collections.abc import Mapping
from typing import Protocol

from functions.answer.safe_pieces import Piece, numbers_of

MAX_HELD = 600
"""Code points that a half-open construct may hold back before it counts as plain text."""

Step = tuple[int, list[Piece]]
"""How many characters were taken, and the pieces they make."""

_MARKER = re.compile(
    r"[\[【［]\s*\^?\s*(\d{1,3}(?:\s*[,;、，\-–~]\s*\^?\d{1,3})*)(?:\s*[†:][^\]】］\[\n]{0,40})?\s*[\]】］]"
)
_CLOSER = {"[": "]", "【": "】", "［": "］"}
_NESTED = re.compile(r"[\[【［`<\\&$@]|https?://|www\.", re.IGNORECASE)
_TAG = re.compile(r"<[A-Za-z/!?][^<>]*>")
_AUTOLINK = re.compile(r"<(https?://[^<>\s]*|[^<>\s@]+@[^<>\s@]+)>")
_TARGET = re.compile(r"\([^()\n]*(?:\([^()\n]*\)[^()\n]*)*\)")
_ADDRESS = re.compile(r"(?:https?://|www\.)[^\s<>`|\\\[\]$]*", re.IGNORECASE)
_ESCAPABLE = frozenset("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")


class Construct(Protocol):
    """Takes a construct from where `held` begins; None to wait for more."""

    def __call__(self, held: str, *, final: bool) -> Step | None:
        """See the class; with `final`, nothing more comes."""
        ...


def literal(character: str) -> Piece:
    """Return a character that opens nothing; a backtick must not open code for anybody else."""
    return Piece("text", f"\\{character}" if character in "`\\" else character)


def _escape(held: str, *, final: bool) -> Step | None:
    if len(held) == 1:
        return (1, [literal("\\")]) if final else None
    if held[1] in _ESCAPABLE or held[1] == "\n":
        return 2, [Piece("text", held[:2])]
    return 1, [literal("\\")]


def address(held: str, *, final: bool) -> Step | None:
    """Write an address as code: it can be copied, and nobody makes a link of it."""
    match = _ADDRESS.match(held)
    found = match[0] if match else held[:1]
    if len(found) == len(held) and not final and len(found) <= MAX_HELD:
        return None
    address = found.rstrip(".,;:!?'\"*_~")
    while address.endswith(")") and address.count("(") < address.count(")"):
        address = address[:-1].rstrip(".,;:!?'\"*_~")
    return max(len(address), 1), [Piece("code", f"`{address or found[:1]}`")]


def _tag(held: str, *, final: bool) -> Step | None:
    if len(held) > 1 and not re.match(r"[A-Za-z/!?]", held[1]):
        return 1, [Piece("text", "<")]
    if match := _AUTOLINK.match(held):
        return match.end(), [Piece("code", f"`{match[1]}`")]
    if match := _TAG.match(held):
        return match.end(), []
    return None if not final else (1, [Piece("text", "<")])


def _image(held: str, *, final: bool) -> Step | None:
    if len(held) == 1 and not final:
        return None
    if held[1:2] != "[":
        return 1, [Piece("text", "!")]
    step = _bracket(held[1:], final=final)
    return None if step is None else (step[0] + 1, step[1])


def _bracket(held: str, *, final: bool) -> Step | None:
    line = held.partition("\n")[0]
    end = line.find(_CLOSER[held[0]])
    inner = line[1:end] if end > 0 else line[1:]
    nested = _NESTED.search(inner)
    if nested or (end < 0 and (final or len(line) < len(held))):
        return 1, [Piece("text", held[0])]
    if end < 0:
        return None
    end += 1
    if end == len(held) and not final:
        return None  # the next character decides whether this is a link
    marker = _MARKER.fullmatch(held[:end])
    found = [Piece("marker", numbers=numbers_of(marker[1]))] if marker else []
    if held[end : end + 1] in {"(", "["} and held[0] == "[":
        return _link(held, end, found or [Piece("text", inner)], final=final)
    return end, found or [Piece("text", held[:end])]


def _link(held: str, end: int, shown: list[Piece], *, final: bool) -> Step | None:
    """Drop the target of a link or an image; `shown` is what stands for it."""
    if held[end] == "[":
        return end, shown if shown[0].kind == "marker" else [Piece("text", held[:end])]
    if target := _TARGET.match(held, end):
        return target.end(), shown
    if final or "\n" in held[end:] or len(held) - end > MAX_HELD:
        return end, shown
    return None


CONSTRUCTS: Mapping[str, Construct] = {
    "\\": _escape,
    "<": _tag,
    "!": _image,
    "[": _bracket,
    "【": _bracket,
    "［": _bracket,
}
"""By their first character."""
