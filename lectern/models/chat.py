"""Chat models behind any OpenAI-compatible endpoint."""

import asyncio
import random
import re
import weakref
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from lectern.errors import LecternError, PermanentError, TransientError
from lectern.models.addresses import shown_address
from lectern.models.background import Produced, background_loop
from lectern.models.chat_errors import (
    ENVIRONMENT,
    Place,
    means_context_too_long,
    translated,
)
from lectern.models.chat_reading import Emit, Reading
from lectern.models.chat_request import ChatRequest, Dialect
from lectern.models.chat_wire import wire_deltas
from lectern.models.ports import (
    ChatMessage,
    ChatReply,
    ChatUsage,
    JsonSchema,
    Tool,
)

if TYPE_CHECKING:
    import openai

CONTEXT_TOKENS = 8192  # what the smallest models in use have room for

_CONNECT_S = 5.0
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_ATTEMPTS = 3
_BACK_OFF_S = 0.5
_LONGEST_WAIT_S = 30.0
_THINKERS = re.compile(
    r"(?:^|[^a-z])(?:r1|qwq|thinking|reason(?:er|ing))(?:[^a-z]|$)", re.IGNORECASE
)
"""Models whose templates may open the block of thinking in the prompt: only its end comes."""
_NO_TOOLS = re.compile(r"tool|--jinja", re.IGNORECASE)
"""How endpoints say that a model takes no tools; llama.cpp's does so with a 500."""


class OpenAIChat:
    """See `ChatModel`. Speaks `POST <url>/chat/completions` with server-sent events.

    Tries again, at most twice and only before the first token, when the endpoint is unreachable,
    overloaded or asks for patience; `Retry-After` is honoured when it fits into the deadline.
    Making one imports the SDK, 0.9 s: part of getting ready, not of the first answer.

    Args:
        url: Base URL, up to where `/chat/completions` follows (`https://…/v1`).
        key: API key; "" for servers that want none.
        model: Name of the model at the endpoint.
        timeout_s: Longest wait for a whole reply; a caller may ask for less, not for more.
        first_token_s: Longest wait for the first token, `timeout_s` unless given. Local servers
            load a model of several GB before it.
        context_tokens: See `ChatModel`; servers do not say, so the default is a small one.
        sees_images: See `ChatModel`.
        place: Where all of this is set up, for error messages.
    """

    def __init__(
        self,
        url: str,
        key: str,
        model: str,
        timeout_s: float,
        *,
        first_token_s: float | None = None,
        context_tokens: int = CONTEXT_TOKENS,
        sees_images: bool = False,
        place: Place = ENVIRONMENT,
    ) -> None:
        self.name = model
        self.context_tokens = context_tokens
        self.sees_images = sees_images
        self._url = url.rstrip("/")
        self._timeout_s = timeout_s
        self._first_token_s = timeout_s if first_token_s is None else first_token_s
        self._place = place
        self._dialect = Dialect()
        self._begins_thinking = bool(_THINKERS.search(model))
        self._client = _client(self._url, key)
        weakref.finalize(self, _close, self._client).atexit = False

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
        usage = ChatUsage()
        request = ChatRequest(messages, tools, schema, max_tokens)
        limit_s = min(timeout_s, self._timeout_s)

        async def produce(emit: Emit) -> None:
            await self._within(limit_s, request, usage, emit)

        return ChatReply(Produced(produce), usage)

    async def _within(
        self, limit_s: float, request: ChatRequest, usage: ChatUsage, emit: Emit
    ) -> None:
        try:
            async with asyncio.timeout(limit_s) as deadline:
                await self._with_retries(deadline, request, usage, emit)
        except TimeoutError as error:
            raise TransientError(
                f"the chat model did not finish within {limit_s:g} s; raise "
                f"{self._place.timeout} or choose a faster model",
                code="chat_timeout",
            ) from error

    async def _with_retries(
        self, deadline: asyncio.Timeout, request: ChatRequest, usage: ChatUsage, emit: Emit
    ) -> None:
        attempt = 1
        while True:
            reading = Reading(
                emit, usage, self.name, self._place, begins_thinking=self._begins_thinking
            )
            reading.deadline = deadline.when()
            try:
                await self._stream(request, reading)
                self._begins_thinking |= reading.closed_unopened
            except TransientError as error:
                asked_s = error.retry_after_s if error.code == "chat_rate_limited" else None
                wait_s = _back_off_s(attempt, asked_s)
                left_s = (deadline.when() or 0.0) - asyncio.get_running_loop().time()
                hopeless = reading.began or error.code == "chat_timeout" or attempt == _ATTEMPTS
                if hopeless or wait_s > min(left_s, _LONGEST_WAIT_S):
                    raise
                attempt += 1
                await asyncio.sleep(wait_s)
            else:
                return

    async def _stream(self, request: ChatRequest, reading: Reading) -> None:
        """Read one reply, again without an option that the endpoint turns out not to know.

        What goes wrong behind the end of a reply, which some endpoints never close, is no matter.
        """
        import openai

        body = self._dialect.body(request, model=self.name)
        try:
            async with asyncio.timeout(self._first_token_s) as patience:
                await self._read(body, reading, patience)
        except openai.APIError as error:
            too_long = means_context_too_long(error.message)  # it may name max_tokens as well
            if too_long or not self._dialect.learn(error.message, body):
                raise self._meaning(error, body) from error
            await self._stream(request, reading)
            return
        except TimeoutError as error:
            if not reading.ended:
                raise TransientError(
                    f"the chat model gave no first token within {self._first_token_s:g} s; it may "
                    "be loading: ask again",
                    code="chat_timeout",
                ) from error
        except TransientError:
            if not reading.ended:
                raise
        reading.finish()

    def _meaning(self, error: "openai.APIError", body: dict[str, Any]) -> LecternError:
        url = shown_address(self._url)
        known = translated(error, url=url, model=self.name, place=self._place)
        refused = known.code in {"chat_refused", "chat_unavailable"}
        if "tools" in body and refused and _NO_TOOLS.search(error.message):
            return PermanentError(f"the model {self.name!r} takes no tools", code="chat_no_tools")
        return known

    async def _read(
        self, body: dict[str, Any], reading: Reading, patience: asyncio.Timeout
    ) -> None:
        async with self._client.chat.completions.with_streaming_response.create(**body) as response:
            self._require_event_stream(response.headers.get("content-type", ""))
            async for delta in wire_deltas(response.iter_bytes()):
                reading.take(delta)
                if reading.ended:
                    patience.reschedule(reading.last_words_by)
                elif reading.began:
                    patience.reschedule(None)
                if delta.done:
                    break

    def _require_event_stream(self, content_type: str) -> None:
        if content_type.startswith(("text/html", "application/json")):
            url = shown_address(self._url)
            raise PermanentError(
                f"{self._place.endpoint} {url!r} answered {content_type!r} and not a stream; "
                f"check that {self._place.url} ends where /chat/completions follows",
                code="chat_not_streaming",
            )


def _client(url: str, key: str) -> "openai.AsyncOpenAI":
    import openai

    return openai.AsyncOpenAI(
        base_url=url,
        api_key=key or "none",
        max_retries=0,
        http_client=openai.DefaultAsyncHttpx2Client(
            base_url=url,
            timeout=openai.Timeout(None, connect=_CONNECT_S),
            follow_redirects=False,  # prompt and key are for this address alone
            # a proxy cannot reach this machine's loopback
            trust_env=urlsplit(url).hostname not in _LOOPBACK,
        ),
    )


def _close(client: "openai.AsyncOpenAI") -> None:
    """Close the idle connections of a model that nobody holds any more, on their own loop."""
    asyncio.run_coroutine_threadsafe(client.close(), background_loop())


def _back_off_s(attempt: int, asked_s: float | None) -> float:
    if asked_s is not None:
        return asked_s
    jitter = random.uniform(0.5, 1.0)  # noqa: S311 - nothing depends on guessing it
    return _BACK_OFF_S * float(2 ** (attempt - 1)) * jitter
