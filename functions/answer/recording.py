"""What has to be noted while an answer is made, so that its receipt can say how it came about."""

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from functions.answer.following import Understood
from functions.answer.prompting import prompt_of
from lectern.api import ModelCall, SearchedIndex, SentMessage
from lectern.models import ChatMessage, ChatModel, ChatReply, ChatUsage
from lectern.models.ports import JsonSchema, Tool


@dataclass(slots=True)
class Recording:
    """Models called and indexes searched for one answer. Safe to use from several threads."""

    asked: Understood | None = None
    _calls: list[tuple[ModelCall, ChatUsage]] = field(default_factory=list)
    _searched: dict[str, SearchedIndex] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def calls(self) -> list[ModelCall]:
        """The requests to models in the order they were sent, with the tokens they took."""
        return [
            call.model_copy(
                update={
                    "prompt_tokens": usage.prompt_tokens,
                    "completion_tokens": usage.completion_tokens,
                    "model": usage.model or call.model,
                }
            )
            for call, usage in self._calls
        ]

    @property
    def searched(self) -> list[SearchedIndex]:
        """The indexes that were searched, each at the newest version seen."""
        return list(self._searched.values())

    def heard(self, chat: ChatModel | None) -> ChatModel | None:
        """Return the model, with every request to it noted."""
        return None if chat is None else _Heard(chat, self)

    def note_search(self, searched: Iterable[SearchedIndex]) -> None:
        """Take in what a search says it searched."""
        with self._lock:
            self._searched.update({each.collection_id: each for each in searched})

    def note_call(self, call: ModelCall, usage: ChatUsage) -> None:
        """Take in a request; `usage` may be filled in later."""
        with self._lock:
            self._calls.append((call, usage))


class _Heard:
    """A chat model whose requests are noted."""

    def __init__(self, chat: ChatModel, recording: Recording) -> None:
        self.name = chat.name
        self.context_tokens = chat.context_tokens
        self.sees_images = chat.sees_images
        self._chat = chat
        self._recording = recording

    def reply(
        self,
        messages: Sequence[ChatMessage],
        *,
        timeout_s: float,
        tools: Sequence[Tool] = (),
        schema: JsonSchema | None = None,
        max_tokens: int | None = None,
    ) -> ChatReply:
        """See `ChatModel.reply`."""
        reply = self._chat.reply(
            messages, timeout_s=timeout_s, tools=tools, schema=schema, max_tokens=max_tokens
        )
        call = ModelCall(
            prompt=prompt_of(messages[0].content),
            model=self.name,
            messages=[_sent(message) for message in messages],
            tools=[tool.name for tool in tools],
            prompt_tokens=0,
            completion_tokens=0,
        )
        self._recording.note_call(call, reply.usage)
        return reply


def _sent(message: ChatMessage) -> SentMessage:
    return SentMessage(
        role=message.role,
        content=message.content,
        images=len(message.images),
        calls=[f"{call.name}({call.arguments})" for call in message.tool_calls],
    )
