"""What an embedding endpoint's errors mean for Lectern, in our own words.

A provider's message may repeat the text or the key, so it is never passed on.
"""

import math
from http import HTTPStatus
from typing import TYPE_CHECKING

from lectern.errors import LecternError, PermanentError, RateLimited, TransientError
from lectern.models.chat_errors import retry_after_s

if TYPE_CHECKING:
    import openai

_BUSY = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.CONFLICT, HTTPStatus.TOO_EARLY})


def translated(error: "openai.APIError", *, url: str, model: str) -> LecternError:
    """Return the error of our taxonomy that an error of the SDK amounts to."""
    import openai

    if isinstance(error, openai.APIStatusError):
        return _of_status(error, url=url, model=model)
    if isinstance(error, openai.APITimeoutError):
        return too_slow(url)
    return unreachable(url)


def unreachable(url: str) -> TransientError:
    """Return the error for a connection that cannot be made or broke."""
    return TransientError(
        f"the embedding endpoint {url!r} cannot be reached or broke off; check"
        " LECTERN_EMBEDDING_URL and that it runs",
        code="embedding_unreachable",
    )


def too_slow(url: str) -> TransientError:
    """Return the error for a reply that did not come in time."""
    return TransientError(
        f"the embedding endpoint {url!r} did not answer in time; it may be loading its model",
        code="embedding_timeout",
    )


def _of_status(error: "openai.APIStatusError", *, url: str, model: str) -> LecternError:
    status = error.status_code
    if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        return PermanentError(
            f"the embedding endpoint {url!r} refuses the key ({status}); check"
            f" LECTERN_EMBEDDING_KEY and that it may use model {model!r}",
            code="embedding_unauthorized",
        )
    if status == HTTPStatus.NOT_FOUND:
        return PermanentError(
            f"the embedding endpoint {url!r} knows no model {model!r}, or no such address; check"
            " LECTERN_EMBEDDING_MODEL and that LECTERN_EMBEDDING_URL ends where /embeddings"
            " follows",
            code="embedding_not_found",
        )
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        wait_s = retry_after_s(error)
        return RateLimited(
            "the embedding endpoint asks for patience",
            code="embedding_rate_limited",
            retry_after_s=5 if wait_s is None else math.ceil(wait_s),
        )
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in _BUSY:
        return TransientError(
            f"the embedding endpoint {url!r} answered {status}", code="embedding_unavailable"
        )
    return PermanentError(
        f"the embedding endpoint {url!r} refuses the request ({status}); check"
        f" LECTERN_EMBEDDING_MODEL ({model!r}) and that LECTERN_EMBEDDING_MAX_TOKENS is not more"
        " than the model takes",
        code="embedding_refused",
    )
