"""Headers under which a hostile file can be handed to a browser."""

import unicodedata
from urllib.parse import quote

from flask import Response

from lectern.documents import safe_name

_SHOWN = frozenset(
    {"application/pdf", "image/png", "image/jpeg", "image/gif", "image/webp", "text/plain"}
)
_MARKUP = frozenset({"image/svg+xml", "application/xml", "application/xhtml+xml"})


def make_safe(response: Response, *, content_type: str, file_name: str, save: bool = False) -> None:
    """Give a response headers with which a browser shows or saves the file and never executes it.

    Types that only display keep their name, text of any kind (HTML, SVG and scripts too) becomes
    plain text, and everything else is saved.

    Args:
        response: The response to change.
        content_type: What the uploader said it is.
        file_name: Name to save it under.
        save: Save it whatever it is.
    """
    declared = content_type.partition(";")[0].strip().lower()
    if declared.startswith("text/") or declared in _MARKUP:
        declared = "text/plain"
    shown = declared in _SHOWN
    response.content_type = declared if shown else "application/octet-stream"
    if declared == "text/plain":
        response.content_type = "text/plain; charset=utf-8"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Content-Disposition"] = disposition(
        "inline" if shown and not save else "attachment", file_name
    )


def disposition(kind: str, file_name: str) -> str:
    """Return the value of Content-Disposition (RFC 6266), safe for any name."""
    name = safe_name(file_name)
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    plain = "".join("_" if c in '"\\%;' else c for c in plain).strip() or "file"
    value = f'{kind}; filename="{plain}"'
    if plain != name:
        value += f"; filename*=UTF-8''{quote(name, safe='')}"
    return value
