"""A scripted rerank endpoint on loopback that speaks all dialects."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class ScriptedReranker:
    """Finds a text the more relevant, the more words of the query it has.

    `status`, `body` and `wait_s` say what it does instead; `requests` are the bodies it was sent.
    """

    def __init__(self) -> None:
        self.requests: list[dict[str, Any]] = []
        self.authorizations: list[str] = []
        self.status = 200
        self.body: bytes | None = None
        self.wait_s = 0.0
        self.release = threading.Event()
        self._server = _Server(("127.0.0.1", 0), self._handler())

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/v1"

    @contextmanager
    def running(self) -> Iterator["ScriptedReranker"]:
        thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self.release.set()
            self._server.shutdown()
            self._server.server_close()
            thread.join()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                provider.requests.append({"path": self.path, **body})
                provider.authorizations.append(self.headers.get("Authorization", ""))
                if provider.wait_s:
                    provider.release.wait(provider.wait_s)
                data = provider.body if provider.body is not None else _judged(body)
                self.send_response(provider.status)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_: object) -> None:
                """Say nothing: tests read `requests`."""

        return Handler


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Say nothing: a client that closes its connection is part of the tests."""


def _judged(body: dict[str, Any]) -> bytes:
    wanted = set(body["query"].lower().split())
    texts = body.get("texts") or body["documents"]
    shares = [len(wanted & set(text.lower().split())) / len(wanted) for text in texts]
    best_first = sorted(enumerate(shares), key=lambda each: -each[1])
    if "texts" in body:
        reply: Any = [{"index": index, "score": share} for index, share in best_first]
    else:
        rows = [{"index": index, "relevance_score": share} for index, share in best_first]
        reply = {"results": rows, "data": rows}
    return json.dumps(reply).encode()
