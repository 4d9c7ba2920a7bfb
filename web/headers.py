"""Response headers that bound what a page can do, whatever it is made to contain."""

import base64
import hashlib
import re
from functools import cache
from pathlib import Path

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_SERVER = '<script>window.__streamlit = {BACKEND_BASE_URL: location.origin + "/"}</script>'
_INLINE_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)


def content_security_policy(index_html: str, *, upload_origin: str = "") -> str:
    """Return the policy under which Streamlit's page works and nothing else runs.

    Scripts come from this server, from `blob:` (how components get their code) and from the inline
    scripts of `index_html`, each by its hash. Styles must be inline: Streamlit makes them in the
    browser. Nothing is fetched from, sent to, or shown inside another site, but for uploads that
    are sent to `upload_origin`, if there is one.
    """
    hashes = " ".join(f"'sha256-{_hash(script)}'" for script in _INLINE_SCRIPT.findall(index_html))
    return "; ".join(
        (
            "default-src 'self'",
            f"script-src 'self' blob: {hashes}".rstrip(),
            "worker-src 'self' blob:",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            f"connect-src 'self' {upload_origin}".rstrip(),
            "frame-ancestors 'none'",
            "form-action 'self'",
            "base-uri 'self'",
            "object-src 'none'",
        )
    )


def _hash(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


@cache
def streamlit_index() -> str:
    """Return Streamlit's page, which also says where its server is.

    Without that it looks below the page's own address first: `/library/_stcore/health` is a 404 in
    the console, and a way to the server before the page can begin.
    """
    import streamlit

    path = Path(streamlit.__file__).parent / "static" / "index.html"
    head, end, rest = path.read_text(encoding="utf-8").partition("</head>")
    return head.replace("<script", _SERVER + "<script", 1) + end + rest


def text_font(index_html: str) -> str:
    """Return the address of the font that Streamlit's page loads first, or "" if there is none."""
    found = re.search(r'href="\.(/static/media/[\w.-]+\.woff2)"', index_html)
    return found.group(1) if found else ""


class SecurityHeaders:
    """Adds the headers to every response that does not set them itself.

    Args:
        app: What is behind it.
        policy: See `content_security_policy`.
    """

    def __init__(self, app: ASGIApp, *, policy: str) -> None:
        self._app = app
        self._headers = {
            "Content-Security-Policy": policy,
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
            "Referrer-Policy": "same-origin",  # with no-referrer, forms would send "Origin: null"
            "Cross-Origin-Opener-Policy": "same-origin",
            "Permissions-Policy": "camera=(), geolocation=(), payment=()",
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See the ASGI specification."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, send_with_headers)
