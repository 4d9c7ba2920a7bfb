"""A retrieve function on loopback that answers what a test scripts, over real HTTP."""

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl

from pydantic import BaseModel

from lectern.api import BoxReply, Notice, Passage, PassageLine, SearchedIndex, SearchReply
from lectern.errors import LecternError, TransientError, problem


def passage(
    text: str, *, number: int = 1, relevance: float = 0.9, name: str = "handbook.pdf", **more: Any
) -> Passage:
    """Return a passage on page `number`, each of its lines 200 points wide and 12 apart."""
    lines, at = [], 0
    for row, line in enumerate(text.split("\n")):
        if line:
            top = 100.0 + 12 * row
            place = {"x0": 50.0, "y0": top, "x1": 250.0, "y1": top + 10}
            lines.append(PassageLine(start=at, end=at + len(line), page_number=number, **place))
        at += len(line) + 1
    box = BoxReply(page_number=number, x0=50, y0=100, x1=250, y1=112)
    values: dict[str, Any] = {
        "chunk_id": f"d1.1.0001.{number:05d}",
        "collection_id": "c1",
        "document_id": "d1",
        "document_name": name,
        "revision": 1,
        "page_number": number,
        "boxes": [box],
        "lines": lines,
        "heading_path": [],
        "kind": "text",
        "text": text,
        "char_start": 0,
        "char_end": len(text),
        "relevance": relevance,
        "relevances": {},
    }
    return Passage(**(values | more))


_NO_DELAY = threading.Event()
_NO_DELAY.set()


class _Server(ThreadingHTTPServer):
    def handle_error(self, *_: object) -> None:
        """Say nothing: a client that no longer waits is part of the tests."""


@dataclass
class ScriptedRetrieve:
    """Answers every search with `passages`, or with `error`, after `delay_s`.

    `find` computes the passages of a search from its body instead. `pages` are what GET requests
    get, by path: JSON, or bytes as they are; `windows`, by offset and limit.
    """

    passages: Sequence[Passage] = ()
    find: Callable[[dict[str, Any]], Sequence[Passage]] | None = None
    pages: dict[str, BaseModel | bytes] = field(default_factory=dict)
    windows: dict[str, Callable[[int, int], BaseModel]] = field(default_factory=dict)
    error: LecternError | None = None
    requests: list[dict[str, Any]] = field(default_factory=list)
    authorizations: list[str] = field(default_factory=list)
    warnings: list[Notice] = field(default_factory=list)
    searched: list[SearchedIndex] = field(default_factory=list)
    delay: threading.Event | None = None
    page_delay: threading.Event | None = None
    url: str = ""

    @contextmanager
    def running(self) -> Iterator["ScriptedRetrieve"]:
        server = _Server(("127.0.0.1", 0), self._handler())
        server.daemon_threads = True
        self.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield self
        finally:
            server.shutdown()
            server.server_close()
            thread.join()

    def answer(self, request: dict[str, Any]) -> tuple[int, dict[str, str], bytes]:
        if self.error is None:
            found = self.passages if self.find is None else self.find(request)
            reply = SearchReply(
                passages=list(found),
                timings_ms={"text": 1.0},
                warnings=self.warnings,
                searched=self.searched,
            )
            return 200, {"Content-Type": "application/json"}, reply.model_dump_json().encode()
        headers = {"Content-Type": "application/problem+json"}
        if isinstance(self.error, TransientError):
            headers["Retry-After"] = str(self.error.retry_after_s)
        return self.error.status, headers, json.dumps(problem(self.error)).encode()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        retrieve = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                assert self.path == "/retrieve/v1/search"
                request = json.loads(body)
                retrieve.requests.append(request)
                retrieve.authorizations.append(self.headers.get("Authorization", ""))
                (retrieve.delay or _NO_DELAY).wait(10)
                self._send(*retrieve.answer(request))

            def do_GET(self) -> None:
                (retrieve.page_delay or _NO_DELAY).wait(10)
                self._send_page(*self.path.split("?", 1))

            def _send_page(self, path: str, query: str = "") -> None:
                if path in retrieve.windows:
                    asked = dict(parse_qsl(query))
                    found: BaseModel | bytes = retrieve.windows[path](
                        int(asked["offset"]), int(asked["limit"])
                    )
                elif path in retrieve.pages:
                    found = retrieve.pages[path]
                else:
                    self._send(404, {}, b"")
                    return
                if isinstance(found, bytes):
                    self._send(200, {"Content-Type": "application/octet-stream"}, found)
                    return
                headers = {"Content-Type": "application/json"}
                self._send(200, headers, found.model_dump_json().encode())

            def _send(self, status: int, headers: dict[str, str], data: bytes) -> None:
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_: object) -> None:
                """Say nothing: tests read `requests`."""

        return Handler
