"""A scripted OpenAI-compatible chat endpoint on loopback, over real HTTP and real sockets."""

import json
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Reply = str | Callable[[str], str]


@dataclass(frozen=True)
class Script:
    """What the endpoint does with one request.

    `text` may be computed from the last user message. `pieces` are sent as they are, one event
    each; by default the text is cut into pieces of `piece_characters`.
    """

    text: Reply = "It is so [1]."
    pieces: tuple[str, ...] = ()
    reasoning: tuple[str, ...] = ()
    piece_characters: int = 7
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    error: dict[str, Any] | None = None
    first_token_s: float = 0.0
    between_s: float = 0.0
    usage: bool = True
    finish_reason: str = "stop"
    done: bool = True
    lingers_s: float = 0.0
    """How long the connection stays open, in silence, after the last event."""
    die_after: int | None = None
    raw: bytes = b""
    content_type: str = "text/event-stream"
    refuses: tuple[str, ...] = ()
    """Fields of a request that this server does not know."""
    calls: tuple[dict[str, Any], ...] = ()
    """Tool calls as they stand in a delta, one event each."""


def calling(name: str, arguments: str, *, call_id: str = "call_1", index: int = 0) -> Script:
    """Return a script that calls one tool, the way OpenAI streams it: the arguments in pieces."""
    middle = len(arguments) // 2
    first = {"name": name, "arguments": arguments[:middle]}
    return Script(
        text="",
        calls=(
            {"index": index, "id": call_id, "type": "function", "function": first},
            {"index": index, "function": {"arguments": arguments[middle:]}},
        ),
        finish_reason="tool_calls",
    )


def refusal(status: int, message: str = "no", *, code: str = "", **headers: str) -> Script:
    """Return a script that answers an error as OpenAI words it."""
    return Script(
        status=status,
        error={"message": message, "type": "invalid_request_error", "code": code},
        headers={name.replace("_", "-"): value for name, value in headers.items()},
    )


@dataclass
class Recorded:
    """One request as it arrived."""

    authorization: str
    body: dict[str, Any]

    @property
    def prompt(self) -> str:
        return "\n".join(_text_of(message) for message in self.body["messages"])


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Say nothing: a client that closes its connection is part of the tests."""


class ScriptedChat:
    """The endpoint: plays `scripts` in order, then the last one for ever."""

    def __init__(self, *scripts: Script, key: str = "") -> None:
        self.scripts = deque(scripts or (Script(),))
        self.key = key
        self.requests: list[Recorded] = []
        self.disconnected = threading.Event()
        """Set when a client went away in the middle of a stream."""
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
    def running(self) -> Iterator["ScriptedChat"]:
        thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self.release.set()
            self._server.shutdown()
            self._server.server_close()
            thread.join()

    def wait(self, seconds: float) -> None:
        if seconds:
            self.release.wait(seconds)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        provider = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                authorization = self.headers.get("Authorization", "")
                provider.requests.append(Recorded(authorization, body))
                _answer(self, provider, body, authorization)

            def log_message(self, *_: object) -> None:
                """Say nothing: tests read `requests`."""

        return Handler


def _answer(
    handler: BaseHTTPRequestHandler, provider: ScriptedChat, body: dict[str, Any], bearer: str
) -> None:
    script = provider.next_script()
    if provider.key and bearer != f"Bearer {provider.key}":
        script = refusal(401, f"Incorrect API key provided: {bearer}", code="invalid_api_key")
    if unknown := [name for name in script.refuses if name in body]:
        script = refusal(400, f"Unrecognized request argument supplied: {unknown[0]}")
    if script.error is not None:
        _send_error(handler, script)
        return
    try:
        provider.wait(script.first_token_s)
        handler.send_response(script.status)
        handler.send_header("Content-Type", script.content_type)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        handler.wfile.flush()
        for number, event in enumerate(_events(script, body)):
            if number == script.die_after:
                break
            if number:
                provider.wait(script.between_s)
            _chunk(handler, event)
        else:
            provider.wait(script.lingers_s)
            handler.wfile.write(b"0\r\n\r\n")
            return
    except (BrokenPipeError, ConnectionResetError):
        provider.disconnected.set()
    handler.close_connection = True


def _events(script: Script, body: dict[str, Any]) -> Iterator[bytes]:
    if script.raw:
        yield script.raw
        return
    question = next(_text_of(m) for m in reversed(body["messages"]) if m["role"] == "user")
    text = script.text(question) if callable(script.text) else script.text
    size = script.piece_characters
    pieces = script.pieces or tuple(text[i : i + size] for i in range(0, len(text), size))
    for piece in script.reasoning:
        yield _event({"reasoning_content": piece})
    for piece in pieces:
        yield _event({"content": piece})
    for call in script.calls:
        yield _event({"tool_calls": [call]})
    if script.finish_reason:
        yield _event({}, finish_reason=script.finish_reason)
    if script.usage and "stream_options" in body:
        counts = {"prompt_tokens": len(question) // 4, "completion_tokens": len(text) // 4}
        yield b"data: " + json.dumps({"choices": [], "usage": counts}).encode() + b"\n\n"
    if script.done:
        yield b"data: [DONE]\n\n"


def _text_of(message: dict[str, Any]) -> str:
    content = message["content"] or ""
    if isinstance(content, str):
        return content
    return "\n".join(part["text"] for part in content if part["type"] == "text")


def _event(delta: dict[str, Any], *, finish_reason: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish_reason}
    event = {"id": "1", "object": "chat.completion.chunk", "choices": [choice]}
    return b"data: " + json.dumps(event, ensure_ascii=False).encode() + b"\n\n"


def _chunk(handler: BaseHTTPRequestHandler, data: bytes) -> None:
    handler.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
    handler.wfile.flush()


def _send_error(handler: BaseHTTPRequestHandler, script: Script) -> None:
    data = json.dumps({"error": script.error}).encode()
    handler.send_response(script.status)
    for name, value in script.headers.items():
        handler.send_header(name, value)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", str(len(data)))
    handler.end_headers()
    handler.wfile.write(data)


def eventually(condition: Callable[[], bool], *, within_s: float = 5.0) -> bool:
    """Wait until `condition` holds; return whether it did."""
    end = time.monotonic() + within_s
    while not condition():
        if time.monotonic() > end:
            return False
        threading.Event().wait(0.01)
    return True
