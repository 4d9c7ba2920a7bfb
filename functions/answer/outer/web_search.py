"""Searching the web: what SearXNG, Brave and Tavily are asked, and what is read of their replies.

A reply is hostile: titles, snippets and addresses are text that anybody may have written.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from lectern.catalog.port_tools import ToolServer
from lectern.errors import PermanentError, RateLimited, TransientError

MOST_RESULTS = 6
_MOST_BYTES = 2 << 20
_LONGEST_TITLE, _LONGEST_SNIPPET, _LONGEST_URL = 200, 600, 500
_RATE_LIMITED, _FIRST_OF_SERVER = 429, 500


@dataclass(frozen=True, slots=True)
class WebResult:
    """A page that a search found; nobody here has looked at it."""

    title: str
    url: str
    snippet: str

    @property
    def host(self) -> str:
        """The host of the page."""
        return urlsplit(self.url).hostname or ""


def search_web(
    server: ToolServer, key: str, query: str, *, timeout_s: float
) -> Sequence[WebResult]:
    """Return the first results of a search; only pages with http(s) addresses.

    Raises:
        TransientError: The search is unreachable, slow, or answers with an error of its own.
        RateLimited: It asks for patience.
        PermanentError: It refuses the request or the key, or answers something else.
    """
    import httpx

    request = _request(server, key, query)
    try:
        with (
            httpx.Client(follow_redirects=False, timeout=timeout_s) as client,
            client.stream(**request) as response,
        ):
            _require_answered(response.status_code)
            data = b""
            for piece in response.iter_bytes():
                data += piece
                if len(data) > _MOST_BYTES:
                    raise _odd("answers more than 2 MiB")
    except httpx.HTTPError as error:
        raise TransientError(
            f"the web search {server.name!r} cannot be reached or is too slow", code="web_search"
        ) from error
    return list(_results(server.dialect, data))[:MOST_RESULTS]


def _request(server: ToolServer, key: str, query: str) -> dict[str, Any]:
    bearer = {"Authorization": f"Bearer {key}"} if key else {}
    match server.dialect:
        case "searxng":  # GET /search?format=json
            return _get(server.url, "/search", {"q": query, "format": "json"}, bearer)
        case "brave":  # GET /res/v1/web/search
            wanted = {"q": query, "count": str(MOST_RESULTS)}
            token = {"X-Subscription-Token": key} if key else {}
            return _get(server.url, "/res/v1/web/search", wanted, token)
        case _:  # Tavily: POST /search
            return {
                "method": "POST",
                "url": server.url.rstrip("/") + "/search",
                "json": {"query": query, "max_results": MOST_RESULTS},
                "headers": bearer,
            }


def _get(
    base: str, path: str, wanted: Mapping[str, str], headers: Mapping[str, str]
) -> dict[str, Any]:
    return {
        "method": "GET",
        "url": base.rstrip("/") + path,
        "params": wanted,
        "headers": {"Accept": "application/json", **headers},
    }


def _require_answered(status: int) -> None:
    if status == _RATE_LIMITED:
        raise RateLimited("the web search asks for patience", code="web_search")
    if status >= _FIRST_OF_SERVER:
        raise TransientError(f"the web search answers {status}", code="web_search")
    if status != 200:  # noqa: PLR2004 - OK
        raise PermanentError(
            f"the web search answers {status}; check its address, its kind and its key",
            code="web_search",
        )


def _results(dialect: str, data: bytes) -> Sequence[WebResult]:
    from pydantic_core import from_json

    try:
        reply = from_json(data)
    except ValueError as error:
        raise _odd("does not answer in JSON") from error
    found = reply.get("web") if dialect == "brave" and isinstance(reply, dict) else reply
    listed = found.get("results", []) if isinstance(found, dict) else None
    if not isinstance(listed, list):
        raise _odd("answers without results")
    snippet = "description" if dialect == "brave" else "content"
    return [result for each in listed if (result := _result(each, snippet)) is not None]


def _result(found: Any, snippet: str) -> WebResult | None:
    if not isinstance(found, dict):
        return None
    url = str(found.get("url") or "")
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    odd = len(url) > _LONGEST_URL or not url.isprintable() or " " in url or parts.username
    if parts.scheme not in {"http", "https"} or not parts.hostname or odd:
        return None
    title = _on_one_line(found.get("title"), _LONGEST_TITLE) or parts.hostname
    return WebResult(title, url, _on_one_line(found.get(snippet), _LONGEST_SNIPPET))


def _on_one_line(text: object, longest: int) -> str:
    return " ".join(str(text or "").split())[:longest]


def _odd(what: str) -> PermanentError:
    return PermanentError(f"the web search {what}; check its address and kind", code="web_search")
