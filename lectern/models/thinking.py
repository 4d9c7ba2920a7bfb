"""Telling what a model thinks aloud from what it answers, while the text streams."""

import re

from lectern.models.ports import ChatDelta

_NAMES = "think|thinking|thought|thoughts|reasoning"
_OPEN = re.compile(rf"<(?:{_NAMES})>", re.IGNORECASE)
_CLOSE = re.compile(rf"</(?:{_NAMES})>", re.IGNORECASE)
_TAG = re.compile(rf"</?(?:{_NAMES})>", re.IGNORECASE)
_HALF_TAG = re.compile(r"</?[a-z]{0,9}$", re.IGNORECASE)


class ThinkingSplitter:
    """Separates leading `<think>…</think>` blocks from the answer; tags may be cut anywhere.

    Models think before they answer, so the tag means nothing once the answer has begun: an answer
    that quotes `<think>` keeps it. A block that is never closed is thinking to the end.

    Some templates open the block in the prompt, so that only its end comes. With `begun` what
    comes counts as thinking until then; when no end comes, it was the answer.

    Args:
        begun: Whether this model's replies begin within a block.
    """

    def __init__(self, *, begun: bool = False) -> None:
        self.closed_unopened = False
        """Whether the end of a block came that nothing had opened: this model begins within one."""
        self._thinking = self._unsure = begun
        self._answering = self._quoting = False
        self._held = ""
        self._waiting: list[str] = []

    def feed(self, text: str) -> list[ChatDelta]:
        """Return what is certain after `text`; the start of a possible tag is held back."""
        pending, self._held = self._held + text, ""
        deltas: list[ChatDelta] = []
        while pending:
            if tag := self._tag(pending):
                before, pending = pending[: tag.start()], pending[tag.end() :]
                deltas += self._delta(before)
                self._answering |= not self._thinking and bool(before.strip())
                self._switch(closes=tag[0].startswith("</"))
                continue
            half = _HALF_TAG.search(pending)
            certain = pending[: half.start()] if half else pending
            self._held = pending[len(certain) :]
            self._answering |= not self._thinking and bool(certain.strip())
            self._quoting |= self._answering and bool(_OPEN.search(certain))
            deltas += self._delta(certain)
            break
        return deltas

    def _tag(self, pending: str) -> re.Match[str] | None:
        """Return the next tag that counts; one that opens only before anything was said."""
        first = _TAG.search(pending)
        opens = first is not None and not first[0].startswith("</")
        said = first is not None and bool(pending[: first.start()].strip())
        if self._thinking:
            silent = self._unsure and not "".join(self._waiting).strip()
            return first if silent and opens and not said else _CLOSE.search(pending)
        if opens:
            return first if not (said or self._answering) else None
        return None if self._quoting else first

    def _switch(self, *, closes: bool) -> None:
        if closes and not self._thinking:
            self.closed_unopened = True
            return
        self._thinking = not closes
        self._unsure = False
        self._waiting.clear()

    def told_apart(self) -> None:
        """Take note that the endpoint sends thinking by itself: the text is the answer."""
        if self._unsure and not self._waiting:
            self._thinking = self._unsure = False

    def finish(self) -> list[ChatDelta]:
        """Return what was held back; what was taken for thinking and never ended, as the answer."""
        held, self._held = self._held, ""
        if self._unsure:
            said = "".join(self._waiting) + held
            self._waiting.clear()
            return [ChatDelta(text=said)] if said else []
        return self._delta(held)

    def _delta(self, text: str) -> list[ChatDelta]:
        if not text:
            return []
        if self._unsure:
            self._waiting.append(text)
        return [ChatDelta(reasoning=text) if self._thinking else ChatDelta(text=text)]
