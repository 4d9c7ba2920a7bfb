"""Signing in through an OpenID provider; the web UI does the redirects."""

import secrets
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from functions.catalog.attempts import by_address, client_address
from functions.catalog.provider import Provider
from functions.catalog.service import api
from functions.catalog.signing_in import begin_session
from functions.catalog.wiring import dependencies
from lectern.api import OidcFinish, OidcRedirect, OidcStart, OidcState, SignedIn
from lectern.catalog.records_accounts import OidcFlow
from lectern.errors import InvalidRequest, NotFound, Unauthorized
from lectern.serving.http import read_body

_FLOW_LASTS = timedelta(minutes=10)


@api.route("GET", "/v1/oidc", reply=OidcState)
def get_oidc() -> OidcState:
    """Say whether people can sign in through a provider."""
    needs = dependencies()
    return OidcState(enabled=needs.provider is not None, label=needs.provider_rules.label)


@api.route("POST", "/v1/oidc/start", body=OidcStart, reply=OidcRedirect)
def start_oidc() -> OidcRedirect:
    """Begin a sign-in: where to send the browser, and the secret it has to bring back."""
    provider = _provider()
    asked = read_body(OidcStart)
    _require_web_address(asked.redirect_uri)
    needs = dependencies()
    address = by_address("oidc", client_address(needs.vouchers))
    needs.catalog.sign_in_limits.admit(address)
    state, browser_secret = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    flow = OidcFlow(
        nonce=secrets.token_urlsafe(32),
        code_verifier=secrets.token_urlsafe(48),
        redirect_uri=asked.redirect_uri,
    )
    url = provider.authorization_url(flow, state)
    expires_at = datetime.now(UTC) + _FLOW_LASTS
    needs.catalog.identities.begin_flow(state, browser_secret, flow, expires_at=expires_at)
    return OidcRedirect(
        authorization_url=url, state=state, browser_secret=browser_secret, expires_at=expires_at
    )


@api.route("POST", "/v1/oidc/finish", body=OidcFinish, reply=SignedIn)
def finish_oidc() -> SignedIn:
    """End a sign-in with what the provider sent back; each state works once."""
    provider = _provider()
    asked = read_body(OidcFinish)
    needs = dependencies()
    flow = needs.catalog.identities.take_flow(asked.state, asked.browser_secret)
    if flow is None:
        raise Unauthorized(
            "this sign-in was begun elsewhere, too long ago, or is used; begin again",
            code="oidc_state",
        )
    claims = provider.claims(asked.code, flow, issuer=asked.iss)
    rules = needs.provider_rules
    account = needs.catalog.identities.sign_in(
        rules.identity(provider.registration.issuer, claims),
        link_verified_email=rules.link_verified_email,
    )
    limit = by_address("oidc", client_address(needs.vouchers))
    needs.catalog.sign_in_limits.forgive(limit)
    return begin_session(account.user.user_id, "oidc")


def _provider() -> Provider:
    provider = dependencies().provider
    if provider is None:
        raise NotFound("no OpenID provider is configured; sign in with a password")
    return provider


def _require_web_address(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.netloc or parts.fragment:
        raise InvalidRequest(f"the redirect_uri {url!r} is not the address of a page")
