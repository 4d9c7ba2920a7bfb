"""Telling what a model thinks aloud from what it answers, while the text streams."""

from lectern.models.ports import ChatDelta

_OPEN, _CLOSE = "<think>", "</think>"


class ThinkingSplitter:
    """Separates leading `<think>…</think>` blocks from the answer; tags may be cut anywhere.

    Models think before they answer, so the tag means nothing once the answer has begun: an answer
    that quotes `<think>` keeps it. A block that is never closed is thinking to the end.
    """

    def __init__(self) -> None:
        self._thinking = False
        self._answering = False
        self._held = ""

    def feed(self, text: str) -> list[ChatDelta]:
        """Return what is certain after `text`; the start of a possible tag is held back."""
        pending = self._held + text
        self._held = ""
        deltas: list[ChatDelta] = []
        while pending:
            if self._answering:
                deltas.append(ChatDelta(text=pending))
                break
            tag = _CLOSE if self._thinking else _OPEN
            before, found, rest = pending.partition(tag)
            if found and (self._thinking or not before.strip()):
                deltas += self._delta(before)
                self._thinking = not self._thinking
                pending = rest
                continue
            self._held = pending[len(pending) - _overlap(pending, tag) :]
            certain = pending[: len(pending) - len(self._held)]
            if not self._thinking and certain.strip():
                self._answering, certain, self._held = True, pending, ""
            deltas += self._delta(certain)
            break
        return deltas

    def finish(self) -> list[ChatDelta]:
        """Return what was held back."""
        held, self._held = self._held, ""
        return self._delta(held)

    def _delta(self, text: str) -> list[ChatDelta]:
        if not text:
            return []
        return [ChatDelta(reasoning=text) if self._thinking else ChatDelta(text=text)]


def _overlap(text: str, tag: str) -> int:
    """Return how many last characters of `text` could begin `tag`."""
    longest = min(len(text), len(tag) - 1)
    return next((n for n in range(longest, 0, -1) if text.endswith(tag[:n])), 0)
