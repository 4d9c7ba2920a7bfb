"""What an embedding endpoint's errors mean for Lectern, in our own words.

A provider's message may repeat the text or the key, so it is never passed on.
"""

import math
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from lectern.errors import LecternError, PermanentError, RateLimited, TransientError
from lectern.models.chat_errors import retry_after_s

if TYPE_CHECKING:
    import openai

_BUSY = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.CONFLICT, HTTPStatus.TOO_EARLY})


@dataclass(frozen=True, slots=True)
class EmbeddingPlace:
    """Where an embedding model is set up, as error messages name it."""

    endpoint: str = "the embedding endpoint"
    url: str = "LECTERN_EMBEDDING_URL"
    key: str = "LECTERN_EMBEDDING_KEY"
    model: str = "LECTERN_EMBEDDING_MODEL"
    max_tokens: str = "LECTERN_EMBEDDING_MAX_TOKENS"
    dimensions: str = "LECTERN_EMBEDDING_MODEL"


ENVIRONMENT = EmbeddingPlace()


def entry_place(name: str) -> EmbeddingPlace:
    """Return the place of an entry of the registry, which administrators edit."""
    fields = ("address", "key", "model", "longest input", "dimensions")
    return EmbeddingPlace(
        f"the embedding endpoint of model entry {name!r},",
        *(f"the {what} of entry {name!r}" for what in fields),
    )


def translated(
    error: "openai.APIError", *, url: str, model: str, place: EmbeddingPlace = ENVIRONMENT
) -> LecternError:
    """Return the error of our taxonomy that an error of the SDK amounts to."""
    import openai

    if isinstance(error, openai.APIStatusError):
        return _of_status(error, url=url, model=model, place=place)
    if isinstance(error, openai.APITimeoutError):
        return too_slow(url, place)
    return unreachable(url, place)


def unreachable(url: str, place: EmbeddingPlace = ENVIRONMENT) -> TransientError:
    """Return the error for a connection that cannot be made or broke."""
    return TransientError(
        f"{place.endpoint} {url!r} cannot be reached or broke off; check {place.url} and that it"
        " runs",
        code="embedding_unreachable",
    )


def too_slow(url: str, place: EmbeddingPlace = ENVIRONMENT) -> TransientError:
    """Return the error for a reply that did not come in time."""
    return TransientError(
        f"{place.endpoint} {url!r} did not answer in time; it may be loading its model",
        code="embedding_timeout",
    )


def _of_status(
    error: "openai.APIStatusError", *, url: str, model: str, place: EmbeddingPlace
) -> LecternError:
    status = error.status_code
    if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        return PermanentError(
            f"{place.endpoint} {url!r} refuses the key ({status}); check {place.key} and that it"
            f" may use model {model!r}",
            code="embedding_unauthorized",
        )
    if status == HTTPStatus.NOT_FOUND:
        return PermanentError(
            f"{place.endpoint} {url!r} knows no model {model!r}, or no such address; check"
            f" {place.model} and that {place.url} ends where /embeddings follows",
            code="embedding_not_found",
        )
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        wait_s = retry_after_s(error)
        return RateLimited(
            f"{place.endpoint} asks for patience",
            code="embedding_rate_limited",
            retry_after_s=5 if wait_s is None else math.ceil(wait_s),
        )
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in _BUSY:
        return TransientError(
            f"{place.endpoint} {url!r} answered {status}", code="embedding_unavailable"
        )
    return PermanentError(
        f"{place.endpoint} {url!r} refuses the request ({status}); check {place.model} ({model!r})"
        f" and that {place.max_tokens} is not more than the model takes",
        code="embedding_refused",
    )
