"""Addresses that are no page: Streamlit would show its first page and an English dialog."""

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from web.navigation import PATHS
from web.routes.forms import page

_OTHERS = frozenset({"/login", "/logout", "/setup", "/healthz"})
_PREFIXES = (
    "/_stcore/",
    "/api/",
    "/app/",
    "/assets/",
    "/auth/",
    "/component/",
    "/invite/",
    "/media/",
    "/shared/",
    "/static/",
)


class UnknownPages:
    """Answers 404 in the reader's language when a browser opens an address that is no page.

    Args:
        app: What serves the pages there are.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See the ASGI specification."""
        if scope["type"] != "http" or not _is_unknown(Request(scope)):
            await self._app(scope, receive, send)
            return
        response = page(Request(scope), "missing.html", status=404)
        await response(scope, receive, send)


def _is_unknown(request: Request) -> bool:
    path = request.url.path
    return (
        request.method == "GET"
        and "text/html" in request.headers.get("accept", "")
        and path not in PATHS | _OTHERS
        and not path.startswith(_PREFIXES)
    )
