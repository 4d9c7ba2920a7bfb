"""A scripted OpenAI-compatible embedding endpoint on loopback, over real HTTP and real sockets."""

import base64
import hashlib
import json
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Script:
    """What the endpoint does with one request."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    message: str = "no"
    dimensions: int = 32
    shortens: bool = True
    """Give vectors of the length that a request asks for."""
    tokens: int = 1
    """What is said to be used; 0 for a server that does not count."""
    drop: int = 0
    """Leave out the vectors of this many last texts."""
    shuffled: bool = False
    numbered: bool = True
    floats_only: bool = False
    """Refuse base64, as some servers do."""
    wait_s: float = 0.0
    die_after_bytes: int | None = None
    body: bytes | None = None
    """Sent instead of vectors."""


@dataclass(frozen=True)
class Recorded:
    """One request as it arrived."""

    authorization: str
    texts: list[str]
    encoding: str
    dimensions: int | None = None
    model: str = ""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Say nothing: a client that closes its connection is part of the tests."""


class ScriptedEmbeddings:
    """The endpoint: plays `scripts` in order, then the last one for ever."""

    def __init__(self, *scripts: Script, key: str = "") -> None:
        self.scripts = deque(scripts or (Script(),))
        self.key = key
        self.requests: list[Recorded] = []
        self.release = threading.Event()
        """Ends every wait of a script, so that a test need not sit one out."""
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), self._handler())

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/v1"

    def play(self, *scripts: Script) -> None:
        """Replace what is still to be played."""
        with self._lock:
            self.scripts = deque(scripts)

    def next_script(self) -> Script:
        with self._lock:
            return self.scripts.popleft() if len(self.scripts) > 1 else self.scripts[0]

    @contextmanager
    def running(self) -> Iterator["ScriptedEmbeddings"]:
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
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                authorization = self.headers.get("Authorization", "")
                encoding = body.get("encoding_format", "float")
                recorded = Recorded(
                    authorization, body["input"], encoding, body.get("dimensions"), body["model"]
                )
                provider.requests.append(recorded)
                _answer(self, provider, body, authorization)

            def log_message(self, *_: object) -> None:
                """Say nothing: tests read `requests`."""

        return Handler


def meaning_of(text: str, dimensions: int) -> NDArray[np.float32]:
    """Return a vector that texts with the same words share: every word pulls in a direction."""
    vector = np.full(dimensions, 0.01, dtype=np.float32)
    for word in text.lower().split():
        seed = int.from_bytes(hashlib.blake2b(word.encode(), digest_size=4).digest())
        vector += np.random.default_rng(seed).standard_normal(dimensions, dtype=np.float32)
    return vector * 3  # no provider promises unit length


def _answer(
    handler: BaseHTTPRequestHandler, provider: ScriptedEmbeddings, body: dict[str, Any], bearer: str
) -> None:
    script = provider.next_script()
    if script.wait_s:
        provider.release.wait(script.wait_s)
    status, reply = script.status, script.body
    if provider.key and bearer != f"Bearer {provider.key}":
        status, reply = 401, _error(f"Incorrect API key provided: {bearer}")
    elif script.floats_only and body.get("encoding_format") == "base64":
        status, reply = 400, _error("unsupported value for encoding_format")
    elif status != 200:
        reply = _error(script.message)
    elif reply is None:
        reply = _vectors(script, body)
    handler.send_response(status)
    for name, value in script.headers.items():
        handler.send_header(name, value)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", str(len(reply)))
    handler.end_headers()
    handler.wfile.write(reply[: script.die_after_bytes])
    handler.close_connection = script.die_after_bytes is not None


def _error(message: str) -> bytes:
    return json.dumps({"error": {"message": message, "type": "invalid_request_error"}}).encode()


def _vectors(script: Script, body: dict[str, Any]) -> bytes:
    texts: Sequence[str] = body["input"]
    encoding = body.get("encoding_format", "float")
    asked = body.get("dimensions") if script.shortens else None
    rows: list[dict[str, Any]] = []
    for index, text in enumerate(texts[: len(texts) - script.drop]):
        vector = meaning_of(text, asked or script.dimensions)
        row: dict[str, Any] = {"object": "embedding", "embedding": vector.tolist()}
        if encoding == "base64":
            row["embedding"] = base64.b64encode(vector.astype("<f4").tobytes()).decode()
        if script.numbered:
            row["index"] = index
        rows.append(row)
    if script.shuffled:
        rows.reverse()
    usage = {"usage": {"total_tokens": script.tokens}} if script.tokens else {}
    return json.dumps({"object": "list", "data": rows} | usage).encode()
