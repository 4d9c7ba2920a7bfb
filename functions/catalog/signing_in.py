"""Signing in and out, sessions, and the first administrator."""

from datetime import datetime

from flask import request

from functions.catalog.account_replies import me_reply, session_reply
from functions.catalog.attempts import by_address, by_name, client_address
from functions.catalog.browsers import label_of
from functions.catalog.service import api, caller
from functions.catalog.wiring import dependencies
from lectern.access import record
from lectern.api import (
    SessionList,
    SetupRequest,
    SetupState,
    SignedIn,
    SignInRequest,
)
from lectern.catalog.records_accounts import EVERY_SCOPE, Account
from lectern.errors import Forbidden, Unauthorized
from lectern.passwords import hash_password, is_outdated, require_good, verify
from lectern.serving.http import read_body


@api.route("POST", "/v1/login", body=SignInRequest, reply=SignedIn)
def sign_in() -> SignedIn:
    """Begin a session with a name and a password.

    Answers 401 for every wrong pair after the same time, and 429 with Retry-After when there were
    too many for the name or from the address.
    """
    asked = read_body(SignInRequest)
    needs = dependencies()
    catalog = needs.catalog
    of_name = by_name(asked.name)
    of_address = by_address("sign-in", client_address(needs.vouchers))
    catalog.sign_in_limits.admit(of_name, of_address)
    known = catalog.accounts.credential(asked.name)
    matches = verify(asked.password, known.password_hash if known else "")
    if known is None or not matches:
        catalog.audit.record(
            "", "", "sign_in.failed", subject=known.user_id if known else "", detail=_whence()
        )
        raise Unauthorized("the name or the password is wrong", code="wrong_password")
    catalog.sign_in_limits.succeeded(of_name)
    catalog.sign_in_limits.forgive(of_address)
    if is_outdated(known.password_hash):
        new = hash_password(asked.password)
        catalog.accounts.improve_hash(known.user_id, known.password_hash, new)
    return begin_session(known.user_id, "password")


@api.route("POST", "/v1/logout", status=204)
def sign_out() -> None:
    """End the session of this token; a key stays as it is."""
    access = caller("read", with_temporary_password=True)
    if access.principal and access.principal.session_id:
        access.catalog.sessions.end(access.user.user_id, access.principal.session_id)
        access.record("session.ended", access.principal.session_id)


@api.route("GET", "/v1/sessions", reply=SessionList)
def list_sessions() -> SessionList:
    """List the caller's sessions, the last used first."""
    access = caller()
    current = access.principal.session_id if access.principal else ""
    return SessionList(
        sessions=[
            session_reply(session, current=session.session_id == current)
            for session in access.catalog.sessions.list(access.user.user_id)
        ]
    )


@api.route("POST", "/v1/sessions", reply=SignedIn)
def exchange_token() -> SignedIn:
    """Begin a session with a token: how the owner of one machine comes into the web UI.

    It ends with the token: when that is revoked or expires.
    """
    access = caller()
    access.require_every_scope()
    principal = access.principal
    return begin_session(
        access.user.user_id,
        "token",
        key_id=principal.key_id if principal else "",
        ends_at=principal.expires_at if principal else None,
    )


@api.route("DELETE", "/v1/sessions/<session_id>", status=204)
def end_session(session_id: str) -> None:
    """End a session of the caller's; an unknown one is no error."""
    access = caller()
    access.catalog.sessions.end(access.user.user_id, session_id)
    access.record("session.ended", session_id)


@api.route("GET", "/v1/setup", reply=SetupState)
def get_setup() -> SetupState:
    """Say whether this Lectern still waits for its first administrator."""
    return SetupState(needed=dependencies().catalog.accounts.unclaimed())


@api.route("POST", "/v1/setup", body=SetupRequest, reply=SignedIn, status=201)
def set_up() -> SignedIn:
    """Make the first administrator and sign them in; possible once, and while nobody can."""
    asked = read_body(SetupRequest)
    accounts = dependencies().catalog.accounts
    require_good(asked.password, name=asked.name)
    made = None
    if accounts.unclaimed():
        made = accounts.claim(asked.name, hash_password(asked.password))
    if made is None:
        raise Forbidden("this Lectern has its administrator; sign in", code="setup_done")
    record(dependencies().catalog, made.user, "setup.done", made.user.user_id, **_whence())
    return begin_session(made.user.user_id, "setup")


def begin_session(
    user_id: str, how: str, *, key_id: str = "", ends_at: datetime | None = None
) -> SignedIn:
    """Sign a user in and note how that came about.

    Raises:
        Forbidden: The account is disabled.
    """
    catalog = dependencies().catalog
    session, secret = catalog.sessions.begin(
        user_id,
        label_of(request.headers.get("User-Agent", "")),
        key_id=key_id,
        ends_at=ends_at,
    )
    account = _account(user_id)
    record(catalog, account.user, "session.begun", session.session_id, how=how, **_whence())
    return SignedIn(
        token=secret,
        expires_at=session.expires_at,
        user=me_reply(catalog, account, EVERY_SCOPE),
    )


def _account(user_id: str) -> Account:
    account = dependencies().catalog.accounts.get(user_id)
    if account is None:
        raise Unauthorized("this user was removed")
    return account


def _whence() -> dict[str, str]:
    return {"address": client_address(dependencies().vouchers)}
