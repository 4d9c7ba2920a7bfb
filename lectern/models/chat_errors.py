"""What a chat endpoint's errors mean for Lectern.

Details are our own words: a provider may repeat the prompt or the key in its message.
"""

import math
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import TYPE_CHECKING

from lectern.errors import LecternError, PermanentError, RateLimited, TransientError

if TYPE_CHECKING:
    import openai

_CONTEXT = re.compile(
    r"context[ _](?:length|window|size)|maximum context|too many tokens|prompt is too long"
    r"|exceeds? the (?:available|maximum|model)",
    re.IGNORECASE,
)
_BUSY = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.CONFLICT, HTTPStatus.TOO_EARLY})


def means_context_too_long(message: str) -> bool:
    """Return whether a provider's message says that the prompt exceeds the model's context."""
    return bool(_CONTEXT.search(message))


def context_too_long(model: str) -> PermanentError:
    """Return the error for a prompt beyond the model's context."""
    return PermanentError(
        f"the passages do not fit into the context of model {model!r}; ask for fewer passages "
        "(top_k) or set LECTERN_CHAT_MODEL to one with a larger context",
        code="context_too_long",
    )


def translated(error: "openai.APIError", *, url: str, model: str) -> LecternError:
    """Return the error of our taxonomy that an error of the SDK amounts to."""
    import openai

    if isinstance(error, openai.APIStatusError):
        return _of_status(error, url=url, model=model)
    return TransientError(
        f"the chat endpoint {url!r} cannot be reached; check LECTERN_CHAT_URL and that it runs",
        code="chat_unreachable",
    )


def _of_status(error: "openai.APIStatusError", *, url: str, model: str) -> LecternError:
    status = error.status_code
    said = f"{error.code or ''} {error.message}"
    if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        return PermanentError(
            f"the chat endpoint {url!r} refuses the key ({status}); check LECTERN_CHAT_KEY and "
            f"that it may use model {model!r}",
            code="chat_unauthorized",
        )
    if status == HTTPStatus.NOT_FOUND:
        return PermanentError(
            f"the chat endpoint {url!r} knows no model {model!r}, or no such address; check "
            "LECTERN_CHAT_MODEL and that LECTERN_CHAT_URL ends where /chat/completions follows",
            code="chat_not_found",
        )
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        wait_s = retry_after_s(error)
        return RateLimited(
            "the chat endpoint asks for patience; try again later",
            code="chat_rate_limited",
            retry_after_s=5 if wait_s is None else math.ceil(wait_s),
        )
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in _BUSY:
        return TransientError(
            f"the chat endpoint {url!r} answered {status}; try again later", code="chat_unavailable"
        )
    if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE or means_context_too_long(said):
        return context_too_long(model)
    return PermanentError(
        f"the chat endpoint {url!r} refuses the request ({status}); check LECTERN_CHAT_MODEL "
        f"({model!r}) and LECTERN_CHAT_URL",
        code="chat_refused",
    )


def retry_after_s(error: "openai.APIError") -> float | None:
    """Return the seconds of a `Retry-After` header (a number or a date), or None without one."""
    response = getattr(error, "response", None)
    value = response.headers.get("retry-after", "") if response is not None else ""
    try:
        seconds = float(value)
    except ValueError:
        try:
            at = parsedate_to_datetime(value)
        except ValueError:
            return None
        seconds = (at.replace(tzinfo=at.tzinfo or UTC) - datetime.now(UTC)).total_seconds()
    return max(0.0, seconds) if math.isfinite(seconds) else None
