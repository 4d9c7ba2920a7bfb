"""A search engine of the web on loopback that speaks as all three kinds do."""

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

NEWS = {
    "title": "Lisbon <strong>office</strong> market",
    "url": "https://news.example.org/lisbon?id=7",
    "text": "Rents in Lisbon rose by 4 percent in 2031.",
}


class ScriptedSearch:
    """Finds `results` (title, url, text) for every query, whichever of the kinds asks.

    `status`, `body`, `location` and `wait_s` say what it does instead; `queries` are what it was
    asked, `keys` what it was sent as a key.
    """

    def __init__(self, results: Sequence[dict[str, str]] = (NEWS,)) -> None:
        self.results = list(results)
        self.queries: list[str] = []
        self.paths: list[str] = []
        self.keys: list[str] = []
        self.status = 200
        self.body: bytes | None = None
        self.headers: dict[str, str] = {}
        self.wait_s = 0.0
        self.release = threading.Event()
        self._server = _Server(("127.0.0.1", 0), self._handler())

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    @contextmanager
    def running(self) -> Iterator["ScriptedSearch"]:
        thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self.release.set()
            self._server.shutdown()
            self._server.server_close()
            thread.join()

    def answer(self, path: str) -> bytes:
        if self.body is not None:
            return self.body
        if path.endswith("/web/search"):
            found = [
                {"title": r["title"], "url": r["url"], "description": r["text"]}
                for r in self.results
            ]
            return json.dumps({"type": "search", "web": {"results": found}}).encode()
        found = [{"title": r["title"], "url": r["url"], "content": r["text"]} for r in self.results]
        return json.dumps({"query": "", "results": found}).encode()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        engine = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._search(parse_qs(urlsplit(self.path).query)["q"][0])

            def do_POST(self) -> None:
                body: Any = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                self._search(body["query"])

            def _search(self, query: str) -> None:
                engine.queries.append(query)
                engine.paths.append(urlsplit(self.path).path)
                key = self.headers.get("X-Subscription-Token")
                engine.keys.append(key or self.headers.get("Authorization", ""))
                if engine.wait_s:
                    engine.release.wait(engine.wait_s)
                data = engine.answer(urlsplit(self.path).path)
                self.send_response(engine.status)
                for name, value in engine.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_: object) -> None:
                """Say nothing: tests read `queries`."""

        return Handler


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Say nothing: a client that closes its connection is part of the tests."""
