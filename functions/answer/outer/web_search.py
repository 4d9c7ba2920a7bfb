"""One search of the web: sent to the configured engine and nowhere else, bounded in size."""

import json

from functions.answer.outer.engines import (
    SearchRequest,
    WebResult,
    search_request,
    search_results,
)
from lectern.catalog.port_tool_servers import ToolServer
from lectern.errors import LecternError, PermanentError, RateLimited, TransientError

_MOST_BYTES = 1 << 20
_OK, _REDIRECTS, _REFUSED, _TOO_MANY, _BROKEN = 200, range(300, 400), (401, 403), 429, 500


async def web_results(server: ToolServer, key: str, query: str, count: int) -> list[WebResult]:
    """Return what a search engine finds; redirects are not followed.

    Raises:
        PermanentError: It refused the key (code `tool_key`), or answered something else than
            results (`tool_reply`).
        TransientError: It cannot be reached (code `tool_unreachable`) or is busy.
    """
    import httpx

    request = search_request(server, key, query, count)
    try:
        status, data = await _fetched(request)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise TransientError(
            f"the search engine {server.name!r} cannot be reached ({type(error).__name__})",
            code="tool_unreachable",
        ) from error
    if status != _OK:
        raise _trouble(server, status)
    if len(data) > _MOST_BYTES:
        raise PermanentError(
            f"the answer of the search engine {server.name!r} is larger than {_MOST_BYTES} bytes",
            code="tool_reply",
        )
    try:
        reply = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise _no_results(server) from error
    return search_results(server, reply, count)


async def _fetched(request: SearchRequest) -> tuple[int, bytes]:
    """Return status and body of a reply, cut where it is too large."""
    import httpx

    plain = {"Accept": "application/json", "Accept-Encoding": "identity"}
    data = b""
    # The caller keeps the deadline, and ends this task with it.
    async with (
        httpx.AsyncClient(follow_redirects=False, timeout=None) as client,  # noqa: S113
        client.stream(
            request.method,
            request.url,
            headers={**plain, **request.headers},
            params=request.query or None,
            json=request.body,
        ) as response,
    ):
        if response.headers.get("Content-Encoding", "identity") != "identity":
            return response.status_code, b""  # what was not asked for is not unpacked
        async for chunk in response.aiter_raw():
            data += chunk
            if len(data) > _MOST_BYTES:
                break
        return response.status_code, data


def _trouble(server: ToolServer, status: int) -> LecternError:
    name = f"the search engine {server.name!r}"
    if status in _REFUSED:
        hint = "check its key"
        if server.provider == "searxng":
            hint += ", and that its settings.yml allows the format json"
        return PermanentError(f"{name} refused the search ({status}); {hint}", code="tool_key")
    if status == _TOO_MANY:
        return RateLimited(f"{name} is asked too often; try again later", code="tool_busy")
    if status in _REDIRECTS:
        return PermanentError(
            f"{name} answered with a redirect ({status}), which is not followed; give the address "
            "that it leads to",
            code="tool_reply",
        )
    if status >= _BROKEN:
        return TransientError(f"{name} is in trouble ({status})", code="tool_unreachable")
    return PermanentError(f"{name} refused the search ({status})", code="tool_reply")


def _no_results(server: ToolServer) -> PermanentError:
    return PermanentError(
        f"the search engine {server.name!r} did not answer in JSON; check its address",
        code="tool_reply",
    )
