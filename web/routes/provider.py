"""Signing in through an OpenID provider: the redirects; the catalog does everything else."""

import time

from pydantic import BaseModel, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from lectern.api import OidcFinish
from lectern.errors import LecternError, Unauthorized
from web.configuration import settings
from web.connections import lectern_for
from web.routes.account import login_page, safe_path, welcome, whose
from web.routes.cookies import forget, keep
from web.routes.forms import seal

OIDC_COOKIE = "lectern_oidc"
_CALLBACK = "/auth/oidc/callback"


class _Errand(BaseModel):
    """What the browser keeps while its person is at the provider's."""

    browser_secret: str
    next: str


async def start(request: Request) -> Response:
    """Send the browser to the provider."""
    try:
        redirect = await run_in_threadpool(
            lectern_for("").account.start_oidc, _callback_url(request), address=_address(request)
        )
    except LecternError as error:
        return await login_page(request, error=error)
    errand = _Errand(
        browser_secret=redirect.browser_secret,
        next=safe_path(request.query_params.get("next", "/")),
    )
    response = RedirectResponse(redirect.authorization_url, 303)
    value = seal().fernet.encrypt(errand.model_dump_json().encode()).decode()
    life_s = max(1, int(redirect.expires_at.timestamp() - time.time()))
    keep(response, request, OIDC_COOKIE, value, life_s=life_s)
    return response


async def callback(request: Request) -> Response:
    """Sign in whom the provider has sent back."""
    query = request.query_params
    try:
        errand = _errand(request)
        finish = OidcFinish(
            code=query.get("code", ""),
            state=query.get("state", ""),
            browser_secret=errand.browser_secret,
            iss=query.get("iss", ""),
        )
        signed_in = await run_in_threadpool(
            lectern_for("").account.finish_oidc, finish, **whose(request)
        )
        response = welcome(request, signed_in, errand.next)
    except (LecternError, ValidationError) as error:
        known = error if isinstance(error, LecternError) else _begin_again()
        response = await login_page(request, error=known)
    forget(response, request, OIDC_COOKIE)
    return response


def _errand(request: Request) -> _Errand:
    from cryptography.fernet import InvalidToken

    try:
        value = seal().fernet.decrypt(request.cookies.get(OIDC_COOKIE, "").encode())
        return _Errand.model_validate_json(value)
    except (InvalidToken, ValidationError) as error:
        raise _begin_again() from error


def _begin_again() -> Unauthorized:
    return Unauthorized("signing in was interrupted; begin again", code="oidc_interrupted")


def _callback_url(request: Request) -> str:
    return (settings().public_origin or str(request.base_url).rstrip("/")) + _CALLBACK


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


ROUTES = [Route("/auth/oidc/start", start), Route(_CALLBACK, callback)]
