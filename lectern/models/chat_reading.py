"""Reading one streamed reply of a chat model: what it says, what it took, whether it ended."""

import asyncio
from collections.abc import Callable

from lectern.models.chat_calls import CallGatherer
from lectern.models.chat_errors import Place, context_too_long, means_context_too_long
from lectern.models.chat_wire import WireDelta, stream_broken
from lectern.models.ports import ChatDelta, ChatUsage
from lectern.models.thinking import ThinkingSplitter

_LAST_WORDS_S = 2.0
"""How long the usage and `[DONE]` are awaited after the reason why a reply ended."""
_BEFORE_DEADLINE_S = 0.05
_MAX_REPLY_CHARACTERS = 400_000  # far beyond any answer; a runaway endpoint ends here

Emit = Callable[[ChatDelta], None]
"""Takes the next piece of a reply."""


class Reading:
    """One attempt at reading a reply: keeps count, and knows whether it came to its end."""

    def __init__(
        self,
        emit: Emit,
        usage: ChatUsage,
        model: str,
        place: Place,
        *,
        begins_thinking: bool = False,
    ) -> None:
        self.began = False
        self.deadline: float | None = None
        self._emit = emit
        self._usage = usage
        self._model = model
        self._place = place
        self._splitter = ThinkingSplitter(begun=begins_thinking)
        self._calls = CallGatherer()
        self._characters = 0
        self.ended = False

    @property
    def closed_unopened(self) -> bool:
        """Whether the end of a block of thinking came that the reply itself had not opened."""
        return self._splitter.closed_unopened

    @property
    def last_words_by(self) -> float:
        """Until when usage and `[DONE]` are awaited, by the loop's time: before the deadline."""
        by = asyncio.get_running_loop().time() + _LAST_WORDS_S
        return by if self.deadline is None else min(by, self.deadline - _BEFORE_DEADLINE_S)

    def take(self, delta: WireDelta) -> None:
        """Take one event in.

        Raises:
            TransientError: The endpoint says that it failed, or the reply has no end.
            PermanentError: The prompt is too long (code `context_too_long`).
        """
        if delta.error:
            if not self.began and means_context_too_long(delta.error):
                raise context_too_long(self._model, self._place)
            raise stream_broken("ended with an error of the endpoint")
        self._usage.prompt_tokens = delta.prompt_tokens or self._usage.prompt_tokens
        self._usage.completion_tokens = delta.completion_tokens or self._usage.completion_tokens
        self._usage.finish_reason = delta.finish_reason or self._usage.finish_reason
        self.ended = self.ended or delta.done or bool(delta.finish_reason)
        if delta.reasoning:
            self._splitter.told_apart()
            self._hand_on([ChatDelta(reasoning=delta.reasoning)])
        if delta.text:
            self._hand_on(self._splitter.feed(delta.text))
        for piece in delta.tool_calls:
            self.began = True
            self._calls.take(piece)

    def finish(self) -> None:
        """Hand on what was held back; called once, when nothing more comes.

        Raises:
            TransientError: The reply was cut off.
        """
        if not self.ended:
            raise stream_broken("was cut off")
        self._hand_on(self._splitter.finish())
        if calls := self._calls.calls():
            self._hand_on([ChatDelta(tool_calls=calls)])

    def _hand_on(self, deltas: list[ChatDelta]) -> None:
        for delta in deltas:
            self.began = True
            self._characters += len(delta.text) + len(delta.reasoning)
            if self._characters > _MAX_REPLY_CHARACTERS:
                raise stream_broken("does not end")
            self._emit(delta)
