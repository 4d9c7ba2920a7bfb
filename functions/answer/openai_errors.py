"""Errors as clients of the OpenAI-compatible API expect them."""

from typing import Any

from flask import Response, jsonify

from lectern import telemetry
from lectern.errors import (
    Forbidden,
    LecternError,
    PermanentError,
    RateLimited,
    TransientError,
    Unauthorized,
    problem,
)

_CODES = {"unauthorized": "invalid_api_key", "rate_limited": "rate_limit_exceeded"}
_KINDS: tuple[tuple[type[LecternError], str], ...] = (
    (Unauthorized, "authentication_error"),
    (Forbidden, "permission_error"),
    (PermanentError, "invalid_request_error"),
    (RateLimited, "rate_limit_error"),
)


def error_body(error: LecternError) -> dict[str, Any]:
    """Return the body that tells of `error`."""
    kind = next((name for known, name in _KINDS if isinstance(error, known)), "server_error")
    return _body(problem(error)["detail"], kind, error.code)


def event_body(data: dict[str, Any]) -> dict[str, Any]:
    """Return the body for the data of an `error` event: a problem document."""
    status = int(data["status"])
    if status == RateLimited.status:
        kind = "rate_limit_error"
    else:
        kind = "server_error" if status >= LecternError.status else "invalid_request_error"
    return _body(data["detail"], kind, data["code"])


def error_response(error: LecternError) -> Response:
    """Return the response that tells of `error`."""
    telemetry.note(code=error.code)
    response = jsonify(error_body(error))
    response.status_code = error.status
    if isinstance(error, Unauthorized):
        response.headers["WWW-Authenticate"] = 'Bearer realm="lectern"'
    if isinstance(error, TransientError):
        response.headers["Retry-After"] = str(error.retry_after_s)
    return response


def _body(message: str, kind: str, code: str) -> dict[str, Any]:
    told = {"message": message, "type": kind, "param": None, "code": _CODES.get(code, code)}
    return {"error": told}
