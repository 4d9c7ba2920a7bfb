"""What a model writes behind its answer: questions for next, a name for the conversation."""

import re
from dataclasses import dataclass

from functions.answer.prompt import FOLLOW_UPS, TITLE

_MARKUP = " \t>*_`#"
_AGREED = re.compile(rf"[{_MARKUP}]*(?:{FOLLOW_UPS}|{TITLE})\b[*_`:]*")
_TITLED = re.compile(rf"[{_MARKUP}]*{TITLE}\b[*_`:]*(?P<title>.*)")
_MOST_KEPT = 2000  # code points of the trailer; a few questions take less


@dataclass(slots=True)
class Trailer:
    """Parts a streamed reply at the line that begins with an agreed word; the answer is before.

    Holds back a line's beginning while it may still become that line, and the line breaks before.
    """

    text: str = ""
    _begun: bool = False
    _breaks: str = ""
    _held: str = ""
    _line_start: bool = True

    @property
    def questions(self) -> list[str]:
        """The lines behind the answer without those of the agreed words."""
        return [line for line in self.text.splitlines() if not _AGREED.match(line)]

    @property
    def title(self) -> str:
        """What the model calls the conversation, as it wrote it; "" when it does not."""
        found = (_TITLED.match(line) for line in self.text.splitlines())
        return next((match["title"].strip() for match in found if match), "")

    def feed(self, text: str) -> str:
        """Return what of the answer is certain after `text`."""
        if self._begun:
            self.text = (self.text + text)[:_MOST_KEPT]
            return ""
        self._held += text
        shown = ""
        while self._held:
            if self._line_start and (found := _AGREED.match(self._held)):
                self.text, self._held = self._held[found.start() :][:_MOST_KEPT], ""
                self._begun = True
                break
            line, newline, rest = self._held.partition("\n")
            if self._line_start and not newline and _may_become_agreed(line.lstrip(_MARKUP)):
                break
            if line:
                shown += self._breaks + line
                self._breaks = ""
            self._breaks += newline
            self._line_start, self._held = bool(newline), rest
        return shown

    def finish(self) -> str:
        """Return the rest of the answer."""
        rest = "" if self._begun else self._breaks + self._held
        self._breaks = self._held = ""
        return rest


def _may_become_agreed(line: str) -> bool:
    return FOLLOW_UPS.startswith(line) or TITLE.startswith(line)
