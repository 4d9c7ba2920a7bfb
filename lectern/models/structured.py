"""Replies of a fixed shape, also from models that cannot promise one."""

import json
from collections.abc import Callable, Sequence
from time import monotonic
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from lectern.errors import TransientError
from lectern.models.ports import ChatMessage, ChatModel, ChatReply, ChatUsage
from lectern.models.strict_schema import without_nulls

M = TypeVar("M", bound=BaseModel)
OnCancel = Callable[[Callable[[], None]], None]

_MOST_SHOWN = 300  # characters of what was wrong; the model needs a hint, not a report
_DECODER = json.JSONDecoder()


def reply_as(
    chat: ChatModel,
    messages: Sequence[ChatMessage],
    shape: type[M],
    *,
    timeout_s: float,
    usage: ChatUsage | None = None,
    on_cancel: OnCancel | None = None,
) -> M:
    """Return what the model replies, as `shape`.

    The endpoint is asked for the schema, and so is the model in words. A reply that does not fit is
    shown to the model once with what is wrong; text around the JSON (fences, thinking) is ignored.

    Args:
        chat: Called once or twice.
        messages: The prompt; it says what the fields mean.
        shape: A model whose JSON schema is an object.
        timeout_s: Longest wait for all calls together.
        usage: Tokens of all calls are added here.
        on_cancel: Registers what ends a call when nobody waits for it any more.

    Raises:
        TransientError: The second reply does not fit either (code `chat_misshapen`).
        LecternError: See `ChatModel.reply`.
    """
    schema = shape.model_json_schema()
    until = monotonic() + timeout_s
    wanted = f"Reply with one JSON object that fits this JSON schema:\n{json.dumps(schema)}"
    asked = [*messages, ChatMessage("user", wanted)]
    for last in (False, True):
        reply = chat.reply(asked, timeout_s=max(0.1, until - monotonic()), schema=schema)
        said = _whole(reply, usage, on_cancel)
        try:
            return shape.model_validate(without_nulls(_first_object(said)))
        except (ValidationError, ValueError) as error:
            if last:
                raise TransientError(
                    f"the chat model {chat.name!r} did not reply in the shape asked for; ask again "
                    "or choose a larger model",
                    code="chat_misshapen",
                ) from error
            wrong = f"That does not fit: {_short(error)}\n{wanted}"
            asked += [ChatMessage("assistant", said), ChatMessage("user", wrong)]
    raise AssertionError  # the loop returns or raises


def _whole(reply: ChatReply, usage: ChatUsage | None, on_cancel: OnCancel | None) -> str:
    if on_cancel is not None:
        on_cancel(reply.deltas.close)
    text = "".join(delta.text for delta in reply.deltas)
    if usage is not None:
        usage.prompt_tokens += reply.usage.prompt_tokens
        usage.completion_tokens += reply.usage.completion_tokens
    return text


def _first_object(text: str) -> object:
    """Return the first JSON object in `text`.

    Raises:
        ValueError: There is none.
    """
    start = text.find("{")
    while start >= 0:
        try:
            return _DECODER.raw_decode(text, start)[0]
        except (ValueError, RecursionError):
            start = text.find("{", start + 1)
    raise ValueError("no JSON object in the reply")


def _short(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False, include_input=False)[0]
        return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"[:_MOST_SHOWN]
    return str(error)[:_MOST_SHOWN]
