"""The errors of Lectern, which are its retry policy.

    LecternError
    ├── PermanentError            422  delivering it again would fail again
    │   ├── InvalidEvent          400
    │   ├── InvalidRequest        400  (HTTP callers)
    │   ├── Unauthorized          401  (HTTP callers)
    │   ├── Forbidden             403
    │   ├── NotFound              404  (HTTP callers; an event function never answers 404)
    │   ├── SourceGone            410
    │   ├── TooLarge              413
    │   └── UnreadableDocument    422
    └── TransientError            503  + Retry-After
        ├── Busy                  409
        └── RateLimited           429

A broker delivers again on no answer, 5xx, 404, 408, 409 and 429; every other 4xx is final
(knative/eventing, `pkg/kncloudevents/retries.go`). Anything that is not a `LecternError` is a
bug and answers 500.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

REDELIVERED_STATUSES = frozenset({404, 408, 409, 429})
"""Client errors that a Knative broker delivers again, beside every 5xx."""

_PROBLEM_DETAIL_MAX = 700  # keeps the JSON under the 1,024 characters of `knativeerrordata`


class LecternError(Exception):
    """Something went wrong in a way the caller can be told about.

    Args:
        detail: One sentence a person can act on; it names the value and the way out.
        code: Stable machine-readable name of the situation; the class has a default.

    `reason` is what the cause said, for the log and the command line; callers never get it.
    """

    status: ClassVar[int] = 500
    default_code: ClassVar[str] = "internal"
    reason: str = ""

    def __init__(self, detail: str, *, code: str | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.code = code or self.default_code


class PermanentError(LecternError):
    """The same input will fail again; a person has to change something."""

    status = 422
    default_code = "permanent"


class InvalidEvent(PermanentError):
    """The event is not one this function understands."""

    status = 400
    default_code = "invalid_event"


class InvalidRequest(PermanentError):
    """The HTTP request is malformed."""

    status = 400
    default_code = "invalid_request"


class Unauthorized(PermanentError):
    """No valid token came with the request."""

    status = 401
    default_code = "unauthorized"


class Forbidden(PermanentError):
    """The caller is known but may not do this."""

    status = 403
    default_code = "forbidden"


class NotFound(PermanentError):
    """There is nothing at this address for this caller."""

    status = 404
    default_code = "not_found"


class SourceGone(PermanentError):
    """The object that the work is about no longer exists."""

    status = 410
    default_code = "source_gone"


class TooLarge(PermanentError):
    """The document exceeds a limit."""

    status = 413
    default_code = "too_large"


class UnreadableDocument(PermanentError):
    """The document cannot be read: damaged, encrypted, unsupported or needing OCR."""

    default_code = "unreadable"


class TransientError(LecternError):
    """The same input may succeed later.

    Args:
        detail: See `LecternError`.
        code: See `LecternError`.
        retry_after_s: Seconds after which another try makes sense.
    """

    status = 503
    default_code = "unavailable"

    def __init__(self, detail: str, *, code: str | None = None, retry_after_s: int = 5) -> None:
        super().__init__(detail, code=code)
        self.retry_after_s = retry_after_s


class Busy(TransientError):
    """Somebody else is doing exactly this right now."""

    status = 409
    default_code = "busy"


class RateLimited(TransientError):
    """A provider or a limit of ours asks for patience."""

    status = 429
    default_code = "rate_limited"


def problem(error: LecternError) -> Mapping[str, Any]:
    """Return the RFC 9457 problem document of `error`, under 1 kB as JSON."""
    detail = error.detail
    if len(detail) > _PROBLEM_DETAIL_MAX:
        detail = detail[: _PROBLEM_DETAIL_MAX - 1] + "…"
    return {
        "type": f"urn:lectern:problem:{error.code}",
        "title": error.code.replace("_", " "),
        "status": error.status,
        "code": error.code,
        "detail": detail,
    }
