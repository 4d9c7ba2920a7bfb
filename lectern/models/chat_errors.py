"""What a chat endpoint's errors mean for Lectern.

Details are our own words: a provider may repeat the prompt or the key in its message.
"""

import math
import re
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Place:
    """Where a model is set up, as error messages name it."""

    endpoint: str = "the chat endpoint"
    url: str = "LECTERN_CHAT_URL"
    key: str = "LECTERN_CHAT_KEY"
    model: str = "LECTERN_CHAT_MODEL"
    timeout: str = "LECTERN_CHAT_TIMEOUT_S"


ENVIRONMENT = Place()


def entry_place(name: str) -> Place:
    """Return the place of an entry of the registry, which administrators edit."""
    return Place(
        f"the chat endpoint of model entry {name!r},",
        *(f"the {what} of entry {name!r}" for what in ("address", "key", "model", "time limit")),
    )


def means_context_too_long(message: str) -> bool:
    """Return whether a provider's message says that the prompt exceeds the model's context."""
    return bool(_CONTEXT.search(message))


def context_too_long(model: str, place: Place = ENVIRONMENT) -> PermanentError:
    """Return the error for a prompt beyond the model's context."""
    return PermanentError(
        f"the passages do not fit into the context of model {model!r}; ask for fewer passages "
        f"(top_k) or set {place.model} to one with a larger context",
        code="context_too_long",
    )


def translated(
    error: "openai.APIError", *, url: str, model: str, place: Place = ENVIRONMENT
) -> LecternError:
    """Return the error of our taxonomy that an error of the SDK amounts to."""
    import openai

    if isinstance(error, openai.APIStatusError):
        if error.status_code < HTTPStatus.BAD_REQUEST:
            return PermanentError(
                f"{place.endpoint} {url!r} answered {error.status_code}: it leads elsewhere, and "
                f"prompts do not follow; set {place.url} to the address it leads to",
                code="chat_redirected",
            )
        return _of_status(error, url=url, model=model, place=place)
    return TransientError(
        f"{place.endpoint} {url!r} cannot be reached; check {place.url} and that it runs",
        code="chat_unreachable",
    )


def _of_status(
    error: "openai.APIStatusError", *, url: str, model: str, place: Place
) -> LecternError:
    status = error.status_code
    said = f"{error.code or ''} {error.message}"
    if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        return PermanentError(
            f"{place.endpoint} {url!r} refuses the key ({status}); check {place.key} and "
            f"that it may use model {model!r}",
            code="chat_unauthorized",
        )
    if status == HTTPStatus.NOT_FOUND:
        return PermanentError(
            f"{place.endpoint} {url!r} knows no model {model!r}, or no such address; check "
            f"{place.model} and that {place.url} ends where /chat/completions follows",
            code="chat_not_found",
        )
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        wait_s = retry_after_s(error)
        return RateLimited(
            f"{place.endpoint} asks for patience; try again later",
            code="chat_rate_limited",
            retry_after_s=5 if wait_s is None else math.ceil(wait_s),
        )
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in _BUSY:
        return TransientError(
            f"{place.endpoint} {url!r} answered {status}; try again later", code="chat_unavailable"
        )
    if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE or means_context_too_long(said):
        return context_too_long(model, place)
    return PermanentError(
        f"{place.endpoint} {url!r} refuses the request ({status}); check {place.model} "
        f"({model!r}) and {place.url}",
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
