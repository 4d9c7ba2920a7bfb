"""An OpenID provider: where it is, its keys, and what it says about whoever comes back from it.

Authorization code flow with PKCE, state and nonce (OpenID Connect Core 1.0, sections 3.1 and 5.3;
RFC 7636; RFC 9207). Discovery and keys are cached for an hour; a token signed with a key that is
not known yet fetches the keys anew, since providers change them.
"""

import json
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from functions.catalog.id_tokens import UnknownKey, validated_claims
from lectern.catalog.records_accounts import OidcFlow
from lectern.errors import TransientError, Unauthorized

if TYPE_CHECKING:
    import httpx

_CACHED_S = 3600.0
_TIMEOUT_S = 10.0
_REPLY_MAX_BYTES = 1 << 20
_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_OK = 200
_CLIENT_ERRORS = range(400, 500)


@dataclass(frozen=True, slots=True)
class Registration:
    """Lectern as the provider knows it."""

    issuer: str
    client_id: str
    client_secret: str
    scopes: str
    groups_claim: str


@dataclass(frozen=True, slots=True)
class _Cached:
    value: Mapping[str, Any]
    fetched: float

    def younger_than(self, seconds: float) -> bool:
        return time.monotonic() - self.fetched < seconds


class Provider:
    """See the module. Safe to share between threads.

    Args:
        registration: See `Registration`.
        keys_kept_s: Seconds for which even a token with an unknown key brings no new request for
            keys, so that nobody can make us ask all the time.
    """

    def __init__(self, registration: Registration, *, keys_kept_s: float = 10.0) -> None:
        self.registration = registration
        self.keys_kept_s = keys_kept_s
        self._lock = threading.Lock()
        self._metadata: _Cached | None = None
        self._keys: _Cached | None = None

    def authorization_url(self, flow: OidcFlow, state: str) -> str:
        """Return where to send the browser.

        Raises:
            TransientError: The provider cannot be reached or is not what the settings say.
        """
        from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
        from authlib.oauth2.rfc7636 import create_s256_code_challenge

        url: str = prepare_grant_uri(
            self._discovered()["authorization_endpoint"],
            self.registration.client_id,
            "code",
            redirect_uri=flow.redirect_uri,
            scope=self.registration.scopes,
            state=state,
            nonce=flow.nonce,
            code_challenge=create_s256_code_challenge(flow.code_verifier),
            code_challenge_method="S256",
        )
        return url

    def claims(self, code: str, flow: OidcFlow, *, issuer: str = "") -> Mapping[str, Any]:
        """Return what the provider says about whoever brought `code` back.

        Args:
            code: The authorization code; the provider takes it once.
            flow: What was remembered when the browser left.
            issuer: `iss` of the answer (RFC 9207), or "".

        Raises:
            Unauthorized: The provider refuses the code, or what it says proves nothing.
            TransientError: The provider cannot be reached.
        """
        metadata = self._discovered()
        promised = metadata.get("authorization_response_iss_parameter_supported") is True
        if (issuer or promised) and issuer != self.registration.issuer:
            raise Unauthorized("the answer is another provider's; begin again", code="oidc_refused")
        tokens = self._tokens(code, flow)
        id_token, access_token = tokens.get("id_token"), tokens.get("access_token")
        if not isinstance(id_token, str):
            raise Unauthorized("the provider sent no ID token", code="oidc_refused")
        claims = self._validated(id_token, flow.nonce, access_token)
        return self._completed(claims, access_token)

    def _validated(self, id_token: str, nonce: str, access_token: Any) -> Mapping[str, Any]:
        expected = {
            "issuer": self.registration.issuer,
            "client_id": self.registration.client_id,
            "nonce": nonce,
            "access_token": access_token if isinstance(access_token, str) else "",
        }
        try:
            return validated_claims(id_token, self._key_set(), **expected)
        except UnknownKey:
            return validated_claims(
                id_token, self._key_set(younger_than_s=self.keys_kept_s), **expected
            )

    def _tokens(self, code: str, flow: OidcFlow) -> Mapping[str, Any]:
        from authlib.oauth2.auth import ClientAuth
        from authlib.oauth2.rfc6749.parameters import prepare_token_request

        url = self._discovered()["token_endpoint"]
        secret = self.registration.client_secret
        method = "none" if not secret else self._secret_method()
        body = prepare_token_request(
            "authorization_code",
            redirect_uri=flow.redirect_uri,
            code=code,
            code_verifier=flow.code_verifier,
        )
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Accept": "application/json",
        }
        if method == "none":
            from authlib.common.urls import add_params_to_qs

            body = add_params_to_qs(body, [("client_id", self.registration.client_id)])
        else:
            auth = ClientAuth(self.registration.client_id, secret, method)
            url, headers, body = auth.prepare("POST", url, headers, body)
        status, reply = self._ask("POST", url, headers=dict(headers), content=body)
        if status in _CLIENT_ERRORS:
            raise Unauthorized(
                "the provider refuses this sign-in; begin again", code="oidc_refused"
            )
        if status != _OK:
            raise _unavailable(f"its token endpoint answered {status}")
        return reply

    def _secret_method(self) -> str:
        supported = self._discovered().get("token_endpoint_auth_methods_supported")
        if isinstance(supported, list) and "client_secret_basic" not in supported:
            return "client_secret_post"
        return "client_secret_basic"

    def _completed(self, claims: Mapping[str, Any], access_token: Any) -> Mapping[str, Any]:
        """Return the claims with what only the userinfo endpoint says; the ID token's win."""
        url = self._discovered().get("userinfo_endpoint")
        known = {"email", self.registration.groups_claim} <= claims.keys()
        if known or not isinstance(url, str) or not isinstance(access_token, str):
            return claims
        headers = {"Authorization": f"Bearer {access_token}", "Accept": "application/json"}
        status, more = self._ask("GET", _secure(url), headers=headers)
        if status != _OK:
            raise _unavailable(f"its userinfo endpoint answered {status}")
        if more.get("sub") != claims["sub"]:
            raise Unauthorized("the provider speaks of two people", code="oidc_refused")
        return {**more, **claims}

    def _discovered(self) -> Mapping[str, Any]:
        with self._lock:
            if self._metadata is None or not self._metadata.younger_than(_CACHED_S):
                issuer = _secure(self.registration.issuer)
                url = issuer.rstrip("/") + "/.well-known/openid-configuration"
                status, metadata = self._ask("GET", url)
                if status != _OK or metadata.get("issuer") != issuer:
                    raise _unavailable(
                        f"{url!r} does not describe the issuer of LECTERN_OIDC_ISSUER"
                    )
                for endpoint in _ENDPOINTS:
                    _secure(str(metadata.get(endpoint, "")))
                self._metadata = _Cached(metadata, time.monotonic())
            return self._metadata.value

    def _key_set(self, *, younger_than_s: float = _CACHED_S) -> Mapping[str, Any]:
        url = self._discovered()["jwks_uri"]
        with self._lock:
            if self._keys is None or not self._keys.younger_than(younger_than_s):
                status, keys = self._ask("GET", url)
                if status != _OK or not isinstance(keys.get("keys"), list):
                    raise _unavailable("its keys cannot be read")
                self._keys = _Cached(keys, time.monotonic())
            return self._keys.value

    def _ask(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        content: str | None = None,
    ) -> tuple[int, Mapping[str, Any]]:
        """Return status and JSON object of one request; redirects are not followed."""
        import httpx

        own = urlsplit(url).hostname in _LOOPBACK
        timeout = httpx.Timeout(_TIMEOUT_S)
        try:
            with (
                httpx.Client(timeout=timeout, trust_env=not own) as client,
                client.stream(method, url, headers=headers, content=content) as response,
            ):
                body = _bounded(response)
        except httpx.HTTPError as error:
            raise _unavailable(type(error).__name__) from error
        try:
            reply = json.loads(body)
        except ValueError:
            reply = None
        return response.status_code, reply if isinstance(reply, dict) else {}


def _bounded(response: "httpx.Response") -> bytes:
    body = b""
    for piece in response.iter_bytes():
        body += piece
        if len(body) > _REPLY_MAX_BYTES:
            raise _unavailable("its answer is too large")
    return body


def _secure(url: str) -> str:
    """Return an address whose answers nobody in between can change: https, or this machine."""
    parts = urlsplit(url)
    if parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        return url
    raise _unavailable(f"its address {url!r} is not https")


def _unavailable(why: str) -> TransientError:
    return TransientError(
        f"the OpenID provider cannot be used now: {why}; try again, or sign in with a password",
        code="oidc_unavailable",
    )
