"""The gate in front of everything: who may pass, over HTTP and over the websocket.

Pure ASGI, because Starlette's `BaseHTTPMiddleware` does not see websockets. What passes carries
its `Visitor` in the scope; headers that pretend to say who somebody is are removed.
"""

from collections.abc import Collection
from urllib.parse import quote, urlsplit

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from web.sealing import SESSION_COOKIE, Seal, Visitor

SCOPE_KEY = "lectern.visitor"
UNAUTHENTICATED = 4401
"""Close code of a websocket without a valid cookie."""

_OPEN_PATHS = frozenset(
    {
        "/login",
        "/setup",
        "/healthz",
        "/favicon.png",
        "/manifest.json",
        "/_stcore/health",
        "/auth/oidc/start",
        "/auth/oidc/callback",
    }
)
_OPEN_PREFIXES = ("/static/", "/assets/", "/invite/", "/shared/")
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class Gate:
    """Lets in who is signed in, and only requests that this site itself has made.

    Args:
        app: What is behind it.
        seal: Opens the cookie.
        origins: Origins beside the request's own host that may send forms and open websockets.
        host_names: The only Host names that are answered; empty means any.
    """

    def __init__(
        self, app: ASGIApp, *, seal: Seal, origins: Collection[str], host_names: Collection[str]
    ) -> None:
        self._app = app
        self._seal = seal
        self._origins = origins
        self._host_names = host_names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See the ASGI specification."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        headers = [pair for pair in scope["headers"] if not pair[0].lower().startswith(b"x-auth-")]
        scope = dict(scope, headers=headers)
        visitor = self._seal.open(HTTPConnection(scope).cookies.get(SESSION_COOKIE, ""))
        signed_in = visitor is not None and bool(visitor.token)
        refusal = self._refusal(scope, signed_in=signed_in)
        if refusal is None:
            scope[SCOPE_KEY] = visitor
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            await refusal(scope, receive, send)
        else:
            await receive()
            code = UNAUTHENTICATED if refusal.status_code in {303, 401} else 4403
            await send({"type": "websocket.close", "code": code})

    def _refusal(self, scope: Scope, *, signed_in: bool) -> Response | None:
        headers = Headers(scope=scope)
        if self._host_names and _host_name(headers.get("host", "")) not in self._host_names:
            return _problem(403, "host_refused", "this server does not answer to that name")
        acts = scope["type"] == "websocket" or scope["method"] not in _SAFE_METHODS
        if acts and not self._own_origin(headers):
            return _problem(403, "origin_refused", "the request comes from another site")
        path = scope["path"]
        if signed_in or path in _OPEN_PATHS or path.startswith(_OPEN_PREFIXES):
            return None
        if scope["type"] == "http" and "text/html" in headers.get("accept", ""):
            query = scope["query_string"].decode("latin-1")
            wanted = quote(path + (f"?{query}" if query else ""), safe="")
            return RedirectResponse(f"/login?next={wanted}" if wanted != "%2F" else "/login", 303)
        return _problem(401, "unauthorized", "sign in first")

    def _own_origin(self, headers: Headers) -> bool:
        origin = headers.get("origin", "")
        return origin in self._origins or urlsplit(origin).netloc == headers.get("host", "\0")


def visitor_of(connection: HTTPConnection) -> Visitor | None:
    """Return who sent a request that has passed the gate; None before signing in."""
    visitor: Visitor | None = connection.scope.get(SCOPE_KEY)
    return visitor


def _host_name(host: str) -> str:
    name, colon, port = host.rpartition(":")
    return (name if colon and port.isdecimal() else host).lower()


def _problem(status: int, code: str, detail: str) -> Response:
    return JSONResponse(
        {"status": status, "code": code, "detail": detail},
        status,
        media_type="application/problem+json",
    )
