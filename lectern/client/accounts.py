"""Signing in and out, the caller's account, sessions and API keys."""

from collections.abc import Sequence
from urllib.parse import quote

from lectern.api import (
    ApiKey,
    ApiKeyList,
    ApiKeyRequest,
    InvitationAcceptance,
    Me,
    MeChange,
    OidcFinish,
    OidcRedirect,
    OidcStart,
    OidcState,
    PasswordChange,
    Scope,
    SessionList,
    SessionReply,
    SetupRequest,
    SetupState,
    SignedIn,
    SignInRequest,
)
from lectern.client.connection import Connection


class Account:
    """The caller's own account, and the ways to become a caller.

    What signs in returns a token for a new client. A server that signs people in for their
    browsers hands on whose browser it is: `address` decides about limits, `browser` (the
    User-Agent) labels the session.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def login(self, name: str, password: str, *, address: str = "", browser: str = "") -> SignedIn:
        """Sign in with a password.

        Raises:
            Unauthorized: The name or the password is wrong.
            RateLimited: There were too many wrong ones; `retry_after_s` says how long to wait.
        """
        return self._connection.fetch(
            "catalog",
            "POST",
            "/v1/login",
            SignedIn,
            body=SignInRequest(name=name, password=password),
            headers=_whose(address, browser),
        )

    def logout(self) -> None:
        """End the session of this client's token."""
        self._connection.send("catalog", "POST", "/v1/logout")

    def begin_session(self, *, address: str = "", browser: str = "") -> SignedIn:
        """Exchange this client's token, a session's or an unrestricted key's, for a session.

        Raises:
            Forbidden: The token is a key with limited scopes.
        """
        return self._connection.fetch(
            "catalog", "POST", "/v1/sessions", SignedIn, headers=_whose(address, browser)
        )

    def sessions(self) -> Sequence[SessionReply]:
        """Return the caller's sessions, the last used first."""
        return self._connection.fetch("catalog", "GET", "/v1/sessions", SessionList).sessions

    def end_session(self, session_id: str) -> None:
        """End a session of the caller's; an unknown one is no error."""
        self._connection.send("catalog", "DELETE", "/v1/sessions/" + quote(session_id, safe=""))

    def me(self) -> Me:
        """Return who the token belongs to."""
        return self._connection.fetch("catalog", "GET", "/v1/me", Me)

    def change(self, change: MeChange) -> Me:
        """Change what the caller says about themselves."""
        return self._connection.fetch("catalog", "PATCH", "/v1/me", Me, body=change)

    def change_password(self, current: str, new: str) -> Me:
        """Change the caller's password and end their other sessions.

        Raises:
            Forbidden: `current` is wrong.
            InvalidRequest: The new one is too short or too common.
        """
        body = PasswordChange(current=current, new=new)
        return self._connection.fetch("catalog", "POST", "/v1/me/password", Me, body=body)

    def setup_needed(self) -> bool:
        """Return whether this Lectern still waits for its first administrator."""
        return self._connection.fetch("catalog", "GET", "/v1/setup", SetupState).needed

    def setup(self, name: str, password: str, *, address: str = "", browser: str = "") -> SignedIn:
        """Become the first administrator.

        Raises:
            Forbidden: There is one already.
        """
        body = SetupRequest(name=name, password=password)
        headers = _whose(address, browser)
        return self._connection.fetch(
            "catalog", "POST", "/v1/setup", SignedIn, body=body, headers=headers
        )

    def accept_invitation(
        self, acceptance: InvitationAcceptance, *, address: str = "", browser: str = ""
    ) -> SignedIn:
        """Make the account that somebody was invited to, and sign it in.

        Raises:
            NotFound: The invitation is unknown, used, withdrawn or expired.
            InvalidRequest: The name is taken, or the password too weak.
        """
        return self._connection.fetch(
            "catalog",
            "POST",
            "/v1/invitations/accept",
            SignedIn,
            body=acceptance,
            headers=_whose(address, browser),
        )

    def oidc(self) -> OidcState:
        """Return whether one can sign in through an OpenID provider."""
        return self._connection.fetch("catalog", "GET", "/v1/oidc", OidcState)

    def start_oidc(self, redirect_uri: str, *, address: str = "") -> OidcRedirect:
        """Return where to send the browser, and the secret to keep in it until it is back."""
        return self._connection.fetch(
            "catalog",
            "POST",
            "/v1/oidc/start",
            OidcRedirect,
            body=OidcStart(redirect_uri=redirect_uri),
            headers=_whose(address, ""),
        )

    def finish_oidc(self, finish: OidcFinish, *, address: str = "", browser: str = "") -> SignedIn:
        """Sign in with what the provider sent back.

        Raises:
            Unauthorized: It does not prove who this is; begin again.
            Forbidden: The provider knows who this is, but they may not come in.
        """
        return self._connection.fetch(
            "catalog",
            "POST",
            "/v1/oidc/finish",
            SignedIn,
            body=finish,
            headers=_whose(address, browser),
        )


class ApiKeys:
    """API keys of the caller."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def list(self) -> Sequence[ApiKey]:
        """Return the caller's keys, newest first, without their secrets."""
        return self._connection.fetch("catalog", "GET", "/v1/api-keys", ApiKeyList).api_keys

    def create(
        self,
        label: str,
        *,
        scopes: Sequence[Scope] = ("read", "write"),
        expires_in_days: int | None = None,
    ) -> ApiKey:
        """Return a new key; its `secret` is never shown again."""
        body = ApiKeyRequest(label=label, scopes=[*scopes], expires_in_days=expires_in_days)
        return self._connection.fetch("catalog", "POST", "/v1/api-keys", ApiKey, body=body)

    def revoke(self, key_id: str) -> None:
        """Make a key useless at once; an unknown one is no error."""
        self._connection.send("catalog", "DELETE", "/v1/api-keys/" + quote(key_id, safe=""))


def _whose(address: str, browser: str) -> dict[str, str]:
    headers = {"X-Forwarded-For": address, "User-Agent": browser}
    return {name: value for name, value in headers.items() if value}
