"""Who is signed in on the page that is being drawn, and their `Lectern`.

    from web.session import lectern, user

    collections = lectern().collections.list()

The token comes from the sealed cookie of the websocket's handshake and never reaches the browser
in the clear. Streamlit keeps a session alive while its tab reconnects, so a change of cookie
empties it first.
"""

import time
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache

import streamlit as st

from lectern.api import Me, UserSettings
from lectern.client import Lectern
from lectern.errors import Unauthorized
from web.configuration import settings
from web.connections import lectern_for
from web.language import LANGUAGE_STATE, preferred
from web.sealing import LANGUAGE_COOKIE, SESSION_COOKIE, Seal, Visitor, seal_of

VISITOR_STATE = "lectern.visitor"
_SESSION_STATE = "lectern.session"
_FRESH_S = 60.0  # how long an answer to "who am I" is believed


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in person on one page.

    Args:
        client: Lectern as they see it; safe to hand to threads.
        user: Who they are, at most a minute old.
        settings: What they have chosen, at most a minute old.
        changed: Which of their settings are not the defaults.
        form: What requests to our own routes repeat in the header `X-CSRF-Token`.
        checked: When `user` was asked for, on the monotonic clock, in seconds.
    """

    client: Lectern
    user: Me
    settings: UserSettings
    changed: Collection[str]
    form: str
    checked: float


def current() -> Session:
    """Return the session of the page that is being drawn.

    Raises:
        Unauthorized: Nobody is signed in, or no longer.
    """
    visitor = _visitor()
    known: Session | None = st.session_state.get(_SESSION_STATE)
    if known is None or time.monotonic() - known.checked > _FRESH_S:
        client = known.client if known else lectern_for(visitor.token)
        known = _asked(client, visitor)
        st.session_state[_SESSION_STATE] = known
    return known


def _asked(client: Lectern, visitor: Visitor) -> Session:
    user = client.me()
    if user.must_change_password:  # nothing else may be asked before it is
        return Session(client, user, UserSettings(), (), visitor.form, time.monotonic())
    own = client.settings.get()
    return Session(client, user, own.settings, own.changed, visitor.form, time.monotonic())


def lectern() -> Lectern:
    """Return Lectern as the signed-in person sees it. Raises as `current` does."""
    return current().client


def user() -> Me:
    """Return who is signed in. Raises as `current` does."""
    return current().user


def form_token() -> str:
    """Return what a component sends as `X-CSRF-Token` to our own routes. Raises as `current`."""
    return current().form


def forget_user() -> None:
    """Ask anew who the user is at the next look: something about them was changed."""
    st.session_state.pop(_SESSION_STATE, None)


def choose_language() -> str:
    """Set the language of this run, and return it: the person's, the browser's, or English."""
    known: Session | None = st.session_state.get(_SESSION_STATE)
    language = preferred(
        known.settings.language or known.user.language if known else "",
        _cookie(LANGUAGE_COOKIE),
        st.context.locale or "",
    )
    st.session_state[LANGUAGE_STATE] = language
    return language


def _visitor() -> Visitor:
    """Return the visitor of the cookie; the session of another one is emptied first."""
    kept: Visitor | None = st.session_state.get(VISITOR_STATE)
    sealed = _cookie(SESSION_COOKIE)
    visitor = _seal().open(sealed) if sealed else kept
    if visitor is None or not visitor.token:
        raise Unauthorized("nobody is signed in; sign in first")
    if kept is None or kept.token != visitor.token:
        st.session_state.clear()
    st.session_state[VISITOR_STATE] = visitor
    return visitor


def _cookie(name: str) -> str:
    """Return a cookie of the websocket's handshake, or "" (always so under AppTest)."""
    value = st.context.cookies.get(name)
    return value if isinstance(value, str) else ""


@cache
def _seal() -> Seal:
    return seal_of(settings())
