"""The least of a broker: hands each event to who subscribed in the chart, until it is taken."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Self

import httpx

from lectern.local.wiring import load_wiring

_PAUSE_S = 0.5
_TRIES = 60


class Relay:
    """Use as a context manager; `url` is what `K_SINK` would be.

    Args:
        address: Of a function, by name.
    """

    def __init__(self, address: Callable[[str], str]) -> None:
        self._address = address
        self._wiring = load_wiring()
        self._closing = Event()
        self._senders = ThreadPoolExecutor(max_workers=4)
        self._client = httpx.Client(timeout=120.0, trust_env=False)
        relay = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                headers = {name: value for name, value in self.headers.items() if _kept(name)}
                relay._accept(headers, body)
                self._done(202)

            def do_GET(self) -> None:
                self._done(405)

            def do_HEAD(self) -> None:
                self._done(405)

            def _done(self, status: int) -> None:
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = Thread(target=self._server.serve_forever, args=(0.05,))

    @property
    def url(self) -> str:
        """Where to publish."""
        return f"http://127.0.0.1:{self._server.server_port}/"

    def _accept(self, headers: Mapping[str, str], body: bytes) -> None:
        kind = next(value for name, value in headers.items() if name.lower() == "ce-type")
        for function in self._wiring.subscribers(kind):
            self._senders.submit(self._deliver, function, headers, body)

    def _deliver(self, function: str, headers: Mapping[str, str], body: bytes) -> None:
        for _ in range(_TRIES):
            try:
                response = self._client.post(self._address(function), headers=headers, content=body)
                if response.status_code < 500 and response.status_code not in {404, 409, 429}:
                    return
            except httpx.TransportError:
                pass
            if self._closing.wait(_PAUSE_S):
                return

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self._senders.shutdown(cancel_futures=True)
        self._client.close()


def _kept(name: str) -> bool:
    return name.lower().startswith("ce-") or name.lower() in {"content-type", "traceparent"}
