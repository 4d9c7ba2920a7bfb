"""What the web process tells Prometheus, on a port of its own that no ingress leads to.

The functions' `/metrics` stands beside their API because an ingress never shows it; this process
is what an ingress shows.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import Counter, Gauge, Histogram, start_http_server
from starlette.types import ASGIApp, Message, Receive, Scope, Send

REQUESTS = Counter("lectern_web_requests", "HTTP requests by status.", ["status"])
SECONDS = Histogram(
    "lectern_web_request_seconds",
    "Time to the first byte of an answer.",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)
OPEN_PAGES = Gauge("lectern_web_open_pages", "Websockets that are open, one for each tab.")
ANSWERS_RUNNING = Gauge("lectern_web_answers_running", "Answers that are being read.")
ANSWERS = Counter("lectern_web_answers", "Answers by how they ended.", ["state"])


class Measured:
    """Counts and times what passes.

    Args:
        app: What is behind it.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See the ASGI specification."""
        if scope["type"] == "http":
            await self._request(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._websocket(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _request(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = time.perf_counter()

        async def count(message: Message) -> None:
            if message["type"] == "http.response.start":
                REQUESTS.labels(str(message["status"])).inc()
                SECONDS.observe(time.perf_counter() - started)
            await send(message)

        await self._app(scope, receive, count)

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        accepted = False

        async def count(message: Message) -> None:
            nonlocal accepted
            if message["type"] == "websocket.accept":
                accepted = True
                OPEN_PAGES.inc()
            await send(message)

        try:
            await self._app(scope, receive, count)
        finally:
            if accepted:
                OPEN_PAGES.dec()


@contextmanager
def served(host: str, port: int) -> Iterator[None]:
    """Serve `/metrics` at an address while the process runs; port 0 serves nothing."""
    if not port:
        yield
        return
    server, thread = start_http_server(port, host)
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
