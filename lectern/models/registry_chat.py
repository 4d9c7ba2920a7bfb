"""The chat models of a use as one: the next is tried when one fails before its first token."""

import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING

from lectern import telemetry
from lectern.errors import LecternError
from lectern.models.ports import (
    ChatDelta,
    ChatMessage,
    ChatModel,
    ChatReply,
    ChatUsage,
    JsonSchema,
    Tool,
)
from lectern.models.registry_budgets import Spending
from lectern.models.registry_fallback import passes_on
from lectern.tokens import estimate_tokens

if TYPE_CHECKING:
    from lectern.catalog.port_models import ModelEntry

_LEAST_S = 1.0  # with less time left, another attempt is pointless


@dataclass(frozen=True, slots=True)
class Candidate:
    """An entry, and what makes its client or returns the one that is made already."""

    entry: "ModelEntry"
    client: Callable[[], ChatModel]


class ChosenChat:
    """See `ChatModel`. `name` is the model that answered last; `spent`, what all replies took.

    `context_tokens` and `sees_images` are what every model of the chain can do; `timeout_s` is the
    longest that one of them may take.

    Args:
        chain: The first choice first; at least one.
        require: Raises when a budget is used up by what was spent; called before every reply.
    """

    def __init__(self, chain: Sequence[Candidate], require: Callable[[Spending], None]) -> None:
        self.name = chain[0].entry.model
        self.context_tokens = min(each.entry.context_tokens for each in chain)
        self.timeout_s = max(each.entry.timeout_s for each in chain)
        self.sees_images = all(each.entry.sees_images for each in chain)
        self.spent = Spending()
        self._chain = chain
        self._require = require

    def reply(
        self,
        messages: Sequence[ChatMessage],
        *,
        timeout_s: float,
        tools: Sequence[Tool] = (),
        schema: JsonSchema | None = None,
        max_tokens: int | None = None,
    ) -> ChatReply:
        """See `ChatModel.reply`; raises RateLimited when a budget is used up as well."""
        self._require(self.spent)
        until = monotonic() + timeout_s

        def begin(candidate: Candidate) -> ChatReply:
            model = candidate.client()
            self.name = candidate.entry.model
            return model.reply(
                messages,
                timeout_s=max(_LEAST_S, until - monotonic()),
                tools=tools,
                schema=schema,
                max_tokens=max_tokens,
            )

        usage = ChatUsage()
        prompt = sum(estimate_tokens(message.content) for message in messages)
        attempts = _Attempts(
            self._chain, begin, until, usage=usage, spent=self.spent, prompt_tokens=prompt
        )
        return ChatReply(attempts, usage)


class _Attempts:
    """See `ChatDeltas`. The first attempt is under way when this is made.

    Args:
        chain: Whom to ask.
        begin: Asks one of them.
        until: By `time.monotonic`; no attempt begins after it.
        usage: Filled in at the end.
        spent: Added to at the end.
        prompt_tokens: An estimate, for providers that do not count.
    """

    def __init__(
        self,
        chain: Sequence[Candidate],
        begin: Callable[[Candidate], ChatReply],
        until: float,
        *,
        usage: ChatUsage,
        spent: Spending,
        prompt_tokens: int,
    ) -> None:
        self._waiting = deque(chain)
        self._begin = begin
        self._until = until
        self._usage = usage
        self._spent = spent
        self._prompt_tokens = prompt_tokens
        self._lock = threading.Lock()
        self._closed = False
        self._text: list[str] = []
        self._settled = False
        self._candidate, self._reply = self._next_reply()

    def __iter__(self) -> Iterator[ChatDelta]:
        return self

    def __next__(self) -> ChatDelta:
        while True:
            try:
                delta = next(self._reply.deltas)
            except StopIteration:
                self._settle(came=not self._closed)
                raise
            except LecternError as error:
                if self._text or not self._may_pass_on(error):
                    self._settle()
                    raise
                self._candidate, self._reply = self._next_reply()
                continue
            self._text += [delta.text, delta.reasoning, *(c.arguments for c in delta.tool_calls)]
            return delta

    def close(self) -> None:
        """See `ChatDeltas.close`."""
        with self._lock:
            self._closed = True
            reply = self._reply
        reply.deltas.close()
        self._settle()

    def _next_reply(self) -> tuple[Candidate, ChatReply]:
        while True:
            candidate = self._waiting.popleft()
            try:
                reply = self._begin(candidate)
            except LecternError as error:
                if not self._may_pass_on(error, candidate):
                    raise
                continue
            with self._lock:
                if self._closed:
                    reply.deltas.close()
            return candidate, reply

    def _may_pass_on(self, error: LecternError, candidate: Candidate | None = None) -> bool:
        late = monotonic() > self._until - _LEAST_S
        if self._closed or late or not self._waiting or not passes_on(error):
            return False
        failed = candidate or self._candidate
        telemetry.logger.warning(
            "model failed, the next one is asked",
            extra={"model_id": failed.entry.model_id, "code": error.code},
        )
        return True

    def _settle(self, *, came: bool = False) -> None:
        """Count what the reply took, once, if it `came` or had begun."""
        with self._lock:
            if self._settled or not (came or self._text):
                return
            self._settled = True
        told = self._reply.usage
        self._usage.prompt_tokens = told.prompt_tokens
        self._usage.completion_tokens = told.completion_tokens
        self._usage.finish_reason = told.finish_reason
        self._usage.model = self._candidate.entry.model
        self._spent.add(
            self._candidate.entry,
            told.prompt_tokens or self._prompt_tokens,
            told.completion_tokens or estimate_tokens("".join(self._text)),
        )
