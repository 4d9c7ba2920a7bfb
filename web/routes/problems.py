"""Routes that answer with JSON: errors of Lectern become problem JSON with their own status."""

from collections.abc import Awaitable, Callable
from functools import wraps

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from lectern.client import Lectern
from lectern.errors import LecternError, TransientError, Unauthorized, problem
from web.connections import lectern_for
from web.gate import visitor_of

Endpoint = Callable[[Request], Awaitable[Response]]


def speaks_json(endpoint: Endpoint) -> Endpoint:
    """Answer errors of `endpoint` as problem JSON."""

    @wraps(endpoint)
    async def answered(request: Request) -> Response:
        try:
            return await endpoint(request)
        except LecternError as error:
            return problem_response(error)

    return answered


def problem_response(error: LecternError) -> JSONResponse:
    """Return an error as RFC 9457 problem JSON."""
    headers = {"Cache-Control": "no-store"}
    if isinstance(error, TransientError):
        headers["Retry-After"] = str(error.retry_after_s)
    return JSONResponse(
        dict(problem(error)), error.status, headers, media_type="application/problem+json"
    )


def lectern_of(request: Request) -> Lectern:
    """Return Lectern as the sender of a request sees it.

    Raises:
        Unauthorized: Nobody is signed in.
    """
    visitor = visitor_of(request)
    if visitor is None or not visitor.token:
        raise Unauthorized("sign in first")
    return lectern_for(visitor.token)
