"""Signing in and out, the first administrator, and invitations."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from lectern.api import InvitationAcceptance, SignedIn
from lectern.errors import LecternError, NotFound, RateLimited, TransientError, Unauthorized
from web.configuration import settings
from web.connections import lectern_for
from web.gate import visitor_of
from web.language import text
from web.parts.deleting import DELETIONS
from web.parts.said import said_in
from web.routes.cookies import forget, keep_visitor
from web.routes.forms import checked_form, language_of, page, seal
from web.routes.one_time import redeem
from web.sealing import DAY_S, SESSION_COOKIE, Visitor

_MINUTE_S = 60
_PROVIDER_SAYS = {
    "oidc_domain": "account.provider_domain",
    "oidc_unavailable": "account.provider_unavailable",
}


async def show_login(request: Request) -> Response:
    """Show the sign-in page, or redeem the one-time link of this machine's owner."""
    if "code" in request.query_params and "purpose" not in request.headers.get("sec-purpose", ""):
        signed_in = await run_in_threadpool(_redeem, request)
        if signed_in is not None:
            return welcome(request, signed_in, "/")
        if _is_signed_in(request):
            return RedirectResponse("/", 303)
        return await login_page(request, "account.code_used", status=401)
    return await login_page(request)


async def login(request: Request) -> Response:
    """Sign in with a name and a password."""
    fields: dict[str, Any] = {}
    try:
        fields |= await checked_form(request)
        signed_in = await run_in_threadpool(
            lectern_for("").account.login,
            fields.get("name", ""),
            fields.get("password", ""),
            **whose(request),
        )
    except LecternError as error:
        return await login_page(request, error=error, name=fields.get("name", ""))
    return welcome(request, signed_in, fields.get("next", "/"))


async def setup(request: Request) -> Response:
    """Make the first administrator; there is such a page only while there is none."""
    account = lectern_for("").account
    if not await run_in_threadpool(account.setup_needed):
        return RedirectResponse("/login", 303)
    if request.method == "GET":
        return page(request, "setup.html")
    return await _new_account(
        request,
        "setup.html",
        lambda fields: account.setup(fields["name"], fields["password"], **whose(request)),
    )


async def accept_invitation(request: Request) -> Response:
    """Make the account that somebody was invited to."""
    if request.method == "GET":
        return page(request, "invitation.html")

    def accept(fields: dict[str, str]) -> SignedIn:
        acceptance = InvitationAcceptance(
            secret=request.path_params["secret"],
            name=fields["name"],
            password=fields["password"],
            display_name=fields.get("display_name", ""),
        )
        return lectern_for("").account.accept_invitation(acceptance, **whose(request))

    return await _new_account(request, "invitation.html", accept)


async def show_logout(request: Request) -> Response:
    """Ask whether to sign out: a link cannot do it, a form can."""
    return page(request, "logout.html")


async def logout(request: Request) -> Response:
    """End the session and forget the cookie."""
    try:
        await checked_form(request)
    except LecternError:
        return page(request, "logout.html", status=403)
    visitor = visitor_of(request)
    if visitor is not None:
        # It may have ended already, or nobody can end it now: the cookie goes in any case.
        with suppress(Unauthorized, TransientError):
            await run_in_threadpool(_end_session, visitor.token)
    response = RedirectResponse("/login", 303)
    forget(response, request, SESSION_COOKIE)
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


def welcome(request: Request, signed_in: SignedIn, wanted: str) -> Response:
    """Remember who has signed in, and go where they wanted to."""
    life_s = settings().web_session_days * DAY_S  # an unused session ends before, in the catalog
    response = RedirectResponse(safe_path(wanted), 303)
    visitor = Visitor.fresh(token=signed_in.token, life_s=life_s)
    keep_visitor(response, request, seal(), visitor)
    return response


def safe_path(wanted: str) -> str:
    """Return `wanted` if it is a path on this server, else the first page."""
    fine = wanted.startswith("/") and not wanted.startswith(("//", "/\\"))
    return wanted if fine and wanted.isprintable() else "/"


async def login_page(
    request: Request,
    notice: str = "",
    *,
    error: LecternError | None = None,
    status: int = 200,
    name: str = "",
) -> Response:
    """Return the sign-in page, with what went wrong; the setup page while nobody has an account."""
    language = language_of(request)
    message = text(language, notice) if notice else ""
    provider = None
    try:
        account = lectern_for("").account
        if await run_in_threadpool(account.setup_needed):
            return RedirectResponse("/setup", 303)
        provider = await run_in_threadpool(account.oidc)
    except LecternError as trouble:
        error = error or trouble
    if error is not None:
        status, message = error.status, friendly(language, error)
    return page(
        request,
        "login.html",
        status=status,
        message=message,
        name=name,
        next=safe_path(request.query_params.get("next", "/")),
        provider=provider if provider and provider.enabled else None,
        one_machine=settings().web_owner_token_file is not None,
    )


async def _new_account(
    request: Request, template: str, make: Callable[[dict[str, str]], SignedIn]
) -> Response:
    fields: dict[str, str] = {}
    language = language_of(request)
    try:
        fields |= await checked_form(request)
        if fields.get("password", "") != fields.get("again", ""):
            return page(
                request,
                template,
                status=400,
                message=text(language, "account.passwords_differ"),
                fields=fields,
            )
        signed_in = await run_in_threadpool(make, fields)
    except LecternError as error:
        message = friendly(language, error)
        if isinstance(error, NotFound):
            message = text(language, "account.invitation_gone")
        return page(request, template, status=error.status, message=message, fields=fields)
    return welcome(request, signed_in, "/")


def friendly(language: str, error: LecternError) -> str:
    """Return what went wrong while signing in, in the reader's language."""
    if isinstance(error, RateLimited):
        minutes = max(1, -(-error.retry_after_s // _MINUTE_S))
        return text(language, "account.locked_out", count=minutes)
    if error.code in _PROVIDER_SAYS:
        return text(language, _PROVIDER_SAYS[error.code])
    if isinstance(error, Unauthorized):
        begun = error.code.startswith("oidc_")
        return text(language, "account.provider_failed" if begun else "account.wrong")
    if isinstance(error, TransientError):
        return text(language, "account.unavailable")
    if error.code == "form_refused":
        return text(language, "account.out_of_date")
    return said_in(language, error.code) or error.detail


def _redeem(request: Request) -> SignedIn | None:
    """Return a session of this machine's owner for a valid one-time code, once."""
    token = redeem(settings().web_owner_token_file, request.query_params["code"])
    if token is None:
        return None
    return lectern_for(token).account.begin_session(**whose(request))


def _end_session(token: str) -> None:
    """End a session; what was left to be deleted goes first, while it still may."""
    with lectern_for(token) as lectern:
        if len(DELETIONS):
            DELETIONS.finish(lectern.me().user_id)
        lectern.account.logout()


def _is_signed_in(request: Request) -> bool:
    visitor = visitor_of(request)
    return visitor is not None and bool(visitor.token)


def whose(request: Request) -> dict[str, str]:
    """Return whose browser it is, for limits and the list of sessions."""
    return {
        "address": request.client.host if request.client else "",
        "browser": request.headers.get("user-agent", "")[:200],
    }


ROUTES = [
    Route("/login", show_login, methods=["GET"]),
    Route("/login", login, methods=["POST"]),
    Route("/setup", setup, methods=["GET", "POST"]),
    Route("/invite/{secret}", accept_invitation, methods=["GET", "POST"]),
    Route("/logout", show_logout, methods=["GET"]),
    Route("/logout", logout, methods=["POST"]),
]
