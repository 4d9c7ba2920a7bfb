"""An answer function on loopback that plays what a test wrote, event by event, over real HTTP."""

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Event = tuple[str, dict[str, Any]]


@dataclass
class ScriptedAnswers:
    """Plays `events`; where one is named `wait`, until `go_on` is set."""

    events: Sequence[Event] = ()
    go_on: threading.Event = field(default_factory=threading.Event)
    left: threading.Event = field(default_factory=threading.Event)
    """Set when the reader went away before the end."""
    url: str = ""


@contextmanager
def scripted_answers(*events: Event) -> Iterator[ScriptedAnswers]:
    """Serve one script until the end of the block."""
    script = ScriptedAnswers(events)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.end_headers()
            try:
                for name, data in script.events:
                    self._play(name, data)
            except OSError:
                script.left.set()

        def _play(self, name: str, data: dict[str, Any]) -> None:
            if name != "wait":
                self.wfile.write(f"event: {name}\ndata: {json.dumps(data)}\n\n".encode())
                return
            while not script.go_on.wait(0.02):
                self.wfile.write(b": still there\n\n")

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    script.url = f"http://127.0.0.1:{server.server_port}/{{function}}"
    try:
        yield script
    finally:
        script.go_on.set()
        server.shutdown()
        server.server_close()
        thread.join()
