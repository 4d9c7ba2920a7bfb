"""Search engines of the web: what each is asked, and what it answers."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from functions.answer.outer.cleaning import readable, visible, web_address
from lectern.catalog.port_tool_servers import ToolServer
from lectern.errors import PermanentError

_LONGEST_TITLE = 160
_LONGEST_TEXT = 600


@dataclass(frozen=True, slots=True)
class WebResult:
    """A page that a search found; `url` can stand in a page as it is."""

    title: str
    url: str
    text: str


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """What is sent to a search engine."""

    method: str
    url: str
    headers: Mapping[str, str]
    query: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Engine:
    """A kind of search engine.

    Args:
        url: Its own base URL, "" for one that everybody runs by themselves.
        asked: Returns what is sent, from base URL, key, query and the wanted number of results.
        found: Yields title, address and text of each result of an answer.
    """

    url: str
    asked: Callable[[str, str, str, int], SearchRequest]
    found: Callable[[Mapping[str, Any]], Iterator[tuple[Any, Any, Any]]]


def search_request(server: ToolServer, key: str, query: str, count: int) -> SearchRequest:
    """Return what a search engine is sent for a query.

    Raises:
        PermanentError: This version does not know such an engine (code `tool_server_settings`).
    """
    engine = _engine(server)
    return engine.asked((server.url or engine.url).rstrip("/"), key, query, count)


def search_results(server: ToolServer, reply: object, count: int) -> list[WebResult]:
    """Return at most `count` results of what a search engine answered.

    Results without an address that can be shown are left out.

    Raises:
        PermanentError: It is no answer of such an engine (code `tool_reply`).
    """
    engine = _engine(server)
    results: list[WebResult] = []
    try:
        for title, url, text in engine.found(reply):  # type: ignore[arg-type]  # tried, it is foreign
            address = web_address(str(url or ""))
            shown = visible(readable(str(title or ""), _LONGEST_TITLE)) or address
            if address:
                results.append(WebResult(shown, address, readable(str(text or ""), _LONGEST_TEXT)))
    except (AttributeError, KeyError, TypeError) as error:
        raise PermanentError(
            f"the search engine {server.name!r} answered in a form that {server.provider!r} does "
            "not; check its kind and address",
            code="tool_reply",
        ) from error
    return results[:count]


def _engine(server: ToolServer) -> Engine:
    if server.provider not in _ENGINES:
        raise PermanentError(
            f"the search engine {server.name!r} is of the unknown kind {server.provider!r}; "
            f"choose one of {', '.join(_ENGINES)}",
            code="tool_server_settings",
        )
    return _ENGINES[server.provider]


def _ask_searxng(url: str, key: str, query: str, _: int) -> SearchRequest:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    return SearchRequest("GET", f"{url}/search", headers, {"q": query, "format": "json"})


def _ask_brave(url: str, key: str, query: str, count: int) -> SearchRequest:
    wanted = {"q": query, "count": str(count), "result_filter": "web", "text_decorations": "false"}
    return SearchRequest("GET", f"{url}/web/search", {"X-Subscription-Token": key}, wanted)


def _ask_tavily(url: str, key: str, query: str, count: int) -> SearchRequest:
    headers = {"Authorization": f"Bearer {key}"}
    body = {"query": query, "max_results": count, "search_depth": "basic"}
    return SearchRequest("POST", f"{url}/search", headers, body=body)


def _found_by_brave(reply: Mapping[str, Any]) -> Iterator[tuple[Any, Any, Any]]:
    for each in (reply.get("web") or {}).get("results", []):
        more = each.get("extra_snippets") or []
        text = "\n".join([str(each.get("description") or ""), *map(str, more)])
        yield each.get("title"), each.get("url"), text


def _found_with_content(reply: Mapping[str, Any]) -> Iterator[tuple[Any, Any, Any]]:
    for each in reply["results"]:
        yield each.get("title"), each.get("url"), each.get("content")


_ENGINES: Mapping[str, Engine] = {
    "searxng": Engine("", _ask_searxng, _found_with_content),
    "brave": Engine("https://api.search.brave.com/res/v1", _ask_brave, _found_by_brave),
    "tavily": Engine("https://api.tavily.com", _ask_tavily, _found_with_content),
}
