"""Setting and reading our cookies; all are HttpOnly and SameSite=Lax."""

import time

from starlette.requests import Request
from starlette.responses import Response

from web.configuration import settings
from web.sealing import LANGUAGE_COOKIE, SESSION_COOKIE, VISIT_COOKIE, Seal, Visitor

_YEAR_S = 365 * 86_400


def keep(
    response: Response, request: Request, name: str, value: str, *, life_s: int | None
) -> None:
    """Set a cookie; without `life_s` it ends with the browser's session."""
    response.set_cookie(
        name,
        value,
        max_age=life_s,
        httponly=True,
        samesite="lax",
        secure=is_secure(request),
        path="/",
    )


def is_secure(request: Request) -> bool:
    """Whether people reach this server over TLS."""
    return request.url.scheme == "https" or settings().public_origin.startswith("https:")


def keep_visitor(response: Response, request: Request, seal: Seal, visitor: Visitor) -> None:
    """Remember a visitor: the signed-in one for as long as the session, another for the visit."""
    if visitor.token:
        life_s = max(1, int(visitor.expires - time.time()))
        keep(response, request, SESSION_COOKIE, seal.close(visitor), life_s=life_s)
        forget(response, request, VISIT_COOKIE)
    else:
        keep(response, request, VISIT_COOKIE, seal.close(visitor), life_s=None)


def keep_language(response: Response, request: Request, language: str) -> None:
    """Remember the language that was chosen."""
    keep(response, request, LANGUAGE_COOKIE, language, life_s=_YEAR_S)


def forget(response: Response, request: Request, name: str) -> None:
    """Remove a cookie."""
    response.delete_cookie(name, path="/", httponly=True, samesite="lax", secure=is_secure(request))
