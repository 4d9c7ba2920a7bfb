"""Signing in with a password or through a provider, and the sessions that follow."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from lectern.api.bodies import Reply, Request
from lectern.api.people import Me, Password, UserName

Secret = Annotated[str, Field(min_length=1, max_length=200)]


class SignInRequest(Request):
    """A name and a password; the name's case does not matter."""

    name: Annotated[str, Field(min_length=1, max_length=254)]
    password: Password


class SignedIn(Reply):
    """A new session; `token` (`lcs_…`) is the bearer token and is never shown again."""

    token: str
    expires_at: datetime
    user: Me


class SessionReply(Reply):
    """A session of the caller's; it ends 14 days after it was last used."""

    session_id: str
    label: str
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime
    current: bool


class SessionList(Reply):
    """The caller's sessions, the last used first."""

    sessions: list[SessionReply]


class SetupState(Reply):
    """Whether this Lectern still waits for its first administrator."""

    needed: bool


class SetupRequest(Request):
    """The first administrator."""

    name: UserName
    password: Password


class OidcState(Reply):
    """Whether people can sign in through an OpenID provider, and what its button says."""

    enabled: bool
    label: str


class OidcStart(Request):
    """Where the provider shall send the browser back to."""

    redirect_uri: Annotated[str, Field(min_length=1, max_length=2000)]


class OidcRedirect(Reply):
    """Where to send the browser.

    Keep `browser_secret` where only this browser has it (an HttpOnly cookie) and hand it to
    `finish`: it keeps others from signing this browser in as themselves.
    """

    authorization_url: str
    state: str
    browser_secret: str
    expires_at: datetime


class OidcFinish(Request):
    """What the provider sent back in the query, and the secret that `start` gave."""

    code: Annotated[str, Field(min_length=1, max_length=4000)]
    state: Secret
    browser_secret: Secret
    iss: Annotated[str, Field(max_length=2000)] = ""
