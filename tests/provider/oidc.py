"""A small OpenID provider on loopback, over real HTTP, that can be told to misbehave."""

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

CLIENT_ID = "lectern"
CLIENT_SECRET = "hush"


@dataclass
class Misbehaviour:
    """How the next ID tokens differ from what they should be."""

    claims: dict[str, Any] = field(default_factory=dict)
    without: tuple[str, ...] = ()
    algorithm: str = "RS256"
    unknown_key: bool = False
    tampered: bool = False
    token_status: int = 200
    silent: bool = False
    """The token endpoint hangs up without a word."""
    sent_back: dict[str, str] = field(default_factory=dict)
    """What the browser brings back instead of what it should."""


@dataclass(frozen=True)
class _Grant:
    redirect_uri: str
    nonce: str
    challenge: str
    claims: dict[str, Any]


class OidcProvider:
    """Grants codes to whoever `authorize` is called for; a code works once.

    `person` is what the ID token says about the next one, `profile` what only userinfo says.
    """

    def __init__(self) -> None:
        self.person: dict[str, Any] = {
            "sub": "248289761001",
            "preferred_username": "jane",
            "name": "Jane Doe",
            "email": "jane@example.com",
            "email_verified": True,
            "groups": [],
        }
        self.profile: dict[str, Any] = {}
        self.misbehaviour = Misbehaviour()
        self.keys = [RSAKey.generate_key(2048, {"kid": "first"})]
        self.requests: list[str] = []
        self._grants: dict[str, _Grant] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def rotate(self) -> None:
        """Sign with a new key from now on, and show only that."""
        self.keys = [RSAKey.generate_key(2048, {"kid": secrets.token_hex(4)})]

    def authorize(self, url: str) -> dict[str, str]:
        """Sign the person in as a browser at `url` would; return the query sent back."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        assert url.startswith(self.issuer + "/authorize?")
        assert asked["response_type"] == "code"
        assert asked["client_id"] == CLIENT_ID
        assert asked["code_challenge_method"] == "S256"
        assert "openid" in asked["scope"].split()
        code = secrets.token_urlsafe(16)
        self._grants[code] = _Grant(
            asked["redirect_uri"], asked["nonce"], asked["code_challenge"], dict(self.person)
        )
        sent_back = {"code": code, "state": asked["state"], "iss": self.issuer}
        return sent_back | self.misbehaviour.sent_back

    @contextmanager
    def running(self) -> Iterator["OidcProvider"]:
        thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()
            thread.join()

    def answer(self, path: str, form: dict[str, str], authorization: str) -> tuple[int, Any]:
        """Return status and JSON of one request."""
        if path == "/.well-known/openid-configuration":
            return 200, {
                "issuer": self.issuer,
                "authorization_endpoint": self.issuer + "/authorize",
                "token_endpoint": self.issuer + "/token",
                "userinfo_endpoint": self.issuer + "/userinfo",
                "jwks_uri": self.issuer + "/keys",
                "authorization_response_iss_parameter_supported": True,
            }
        if path == "/keys":
            return 200, {"keys": [key.as_dict(private=False) for key in self.keys]}
        if path == "/userinfo":
            return 200, {"sub": self.person["sub"], **self.profile}
        if path == "/token":
            return self._token(form, authorization)
        return 404, {}

    def _token(self, form: dict[str, str], authorization: str) -> tuple[int, Any]:
        if self.misbehaviour.token_status != 200:
            return self.misbehaviour.token_status, {}
        expected = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        if authorization != f"Basic {expected}":
            return 401, {"error": "invalid_client"}
        grant = self._grants.pop(form["code"], None)
        challenge = base64.urlsafe_b64encode(
            hashlib.sha256(form["code_verifier"].encode()).digest()
        )
        if (
            grant is None
            or form["redirect_uri"] != grant.redirect_uri
            or challenge.rstrip(b"=").decode() != grant.challenge
        ):
            return 400, {"error": "invalid_grant"}
        return 200, {
            "access_token": "opaque",
            "token_type": "Bearer",
            "id_token": self._id_token(grant),
        }

    def _id_token(self, grant: _Grant) -> str:
        bad = self.misbehaviour
        claims = {
            "iss": self.issuer,
            "aud": CLIENT_ID,
            "iat": int(time.time()),
            "exp": int(time.time()) + 300,
            "nonce": grant.nonce,
            **grant.claims,
            **bad.claims,
        }
        claims = {name: value for name, value in claims.items() if name not in bad.without}
        if bad.algorithm == "none":
            parts = ({"alg": "none"}, claims)
            return ".".join(_base64(json.dumps(part).encode()) for part in parts) + "."
        if bad.algorithm == "HS256":
            key = OctKey.import_key(CLIENT_SECRET.ljust(32, "!"))
            return jwt.encode({"alg": "HS256"}, claims, key)
        key = RSAKey.generate_key(2048, {"kid": "stranger"}) if bad.unknown_key else self.keys[0]
        token = jwt.encode({"alg": "RS256", "kid": key.kid}, claims, key)
        if bad.tampered:
            header, _, signature = token.split(".")
            body = _base64(json.dumps(claims | {"sub": "somebody else"}).encode())
            token = f"{header}.{body}.{signature}"
        return token

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if self.path.startswith("/authorize?"):
                    self._send_back()
                else:
                    self._answer({})

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                if provider.misbehaviour.silent:
                    self.close_connection = True
                else:
                    self._answer({name: values[0] for name, values in parse_qs(body).items()})

            def _send_back(self) -> None:
                """Sign the person in at once, and send their browser back."""
                (back,) = parse_qs(urlsplit(self.path).query)["redirect_uri"]
                brought = urlencode(provider.authorize(provider.issuer + self.path))
                self.send_response(302)
                self.send_header("Location", f"{back}?{brought}")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def _answer(self, form: dict[str, str]) -> None:
                provider.requests.append(self.path)
                authorization = self.headers.get("Authorization", "")
                status, reply = provider.answer(self.path, form, authorization)
                data = json.dumps(reply).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_: object) -> None:
                """Say nothing: tests read `requests`."""

        return Handler


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
