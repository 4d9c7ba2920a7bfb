"""A broker's ingress on loopback that remembers what was published."""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Self

from lectern.events import Envelope, decode


class EventSink:
    """Use as a context manager; `status` is what it answers, `events` what it accepted."""

    def __init__(self) -> None:
        self.events: list[Envelope] = []
        self.status = 202
        sink = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                envelope = decode({k.lower(): v for k, v in self.headers.items()}, body)
                if sink.status == 202:
                    sink.events.append(envelope)
                self.send_response(sink.status)
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

    @property
    def ids(self) -> list[str]:
        """The ids of the accepted events, in order."""
        return [event.event_id for event in self.events]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
