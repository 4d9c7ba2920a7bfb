"""The internal listener: the broker's ingress and the way to the workers, for our processes only.

Every path begins with a secret of this run, so that neither a web page nor another user of the
machine can use it:

    POST /<secret>/broker                      a CloudEvent; 202
    *    /<secret>/functions/<function>/...    a request to a worker, started if need be
    GET  /<secret>/processes                   what runs
"""

import hmac
import json
import socket
import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from lectern.errors import InvalidEvent, LecternError, NotFound, TooLarge, TransientError, problem
from lectern.local.broker import Broker
from lectern.local.exchange import request
from lectern.local.pool import WorkerPool
from lectern.local.rules import MAX_EVENT_BYTES, Answer, Message, no_answer

_FORWARDED = frozenset({"authorization", "content-type", "accept", "traceparent", "range"})
_RETURNED = frozenset({"content-type", "retry-after", "location", "content-range"})
_MAX_REQUEST_BYTES = 4 << 20
_TIMEOUT_S = 600.0
_IDLE_CONNECTION_S = 60.0


class Workers:
    """The pools of all functions that consume events."""

    def __init__(self, pools: Mapping[str, WorkerPool]) -> None:
        self.pools = pools

    def deliver(self, function: str, message: Message, timeout_s: float) -> Answer:
        """See `lectern.local.broker.Deliver`."""
        try:
            with self.pools[function].lease() as address:
                return request(
                    address,
                    "POST",
                    "/",
                    headers=message.headers,
                    body=message.body,
                    timeout_s=timeout_s,
                )
        except TransientError as error:
            return no_answer(error.detail)

    def forward(
        self, function: str, method: str, path: str, headers: Mapping[str, str], body: bytes
    ) -> Answer:
        """Return a worker's answer to a request of its HTTP side.

        Raises:
            NotFound: There is no such worker.
            TransientError: It does not answer.
        """
        pool = self.pools.get(function)
        if pool is None:
            raise NotFound(f"there is no worker {function!r}")
        kept = {name: value for name, value in headers.items() if name.lower() in _FORWARDED}
        with pool.lease() as address:
            answer = request(address, method, path, headers=kept, body=body, timeout_s=_TIMEOUT_S)
        if answer.status == 0:
            raise TransientError(f"{function} did not answer: {answer.error}", code="no_worker")
        return answer


class InternalListener:
    """See the module. Serves from threads of its own between `start` and `close`.

    Args:
        listener: A listening socket on loopback.
        secret: The first part of every path.
        broker: Takes the events.
        workers: Get the requests.
        processes: Returns what `GET processes` answers.
    """

    def __init__(
        self,
        listener: socket.socket,
        secret: str,
        *,
        broker: Broker,
        workers: Workers,
        processes: Callable[[], object],
    ) -> None:
        host, port = listener.getsockname()[:2]
        self.url = f"http://{host}:{port}/{secret}"
        handler = type(
            "Handler",
            (_Handler,),
            {"secret": secret, "broker": broker, "workers": workers, "processes": processes},
        )
        self._server = ThreadingHTTPServer((host, port), handler, bind_and_activate=False)
        self._server.socket.close()
        self._server.socket = listener
        self._thread = threading.Thread(
            target=self._server.serve_forever, name="internal-listener", daemon=True
        )

    def start(self) -> None:
        """Begin to serve."""
        self._thread.start()

    def close(self) -> None:
        """Take no more requests."""
        self._server.shutdown()
        self._server.socket.close()


class _Handler(BaseHTTPRequestHandler):
    secret: str
    broker: Broker
    workers: Workers
    processes: Callable[[], object]

    protocol_version = "HTTP/1.1"
    timeout = _IDLE_CONNECTION_S

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name it has there
        """Say nothing: the functions write one line per request themselves."""

    def _serve(self) -> None:
        try:
            answer = self._answer()
        except LecternError as error:
            body = json.dumps(dict(problem(error)), ensure_ascii=False).encode()
            answer = Answer(error.status, {"Content-Type": "application/problem+json"}, body)
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            if name.lower() in _RETURNED:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do_PATCH = _serve  # noqa: N815

    def _answer(self) -> Answer:
        _, secret, area, rest = (*self.path.split("/", 3), "", "", "")[:4]
        body = self._body()
        if not hmac.compare_digest(secret.encode(), self.secret.encode()):
            raise NotFound("there is nothing here")
        match area:
            case "broker" if self.command == "POST":
                return self._accept(body)
            case "functions":
                function, _, path = rest.partition("/")
                return self.workers.forward(
                    function, self.command, "/" + path, dict(self.headers), body
                )
            case "processes" if self.command == "GET":
                data = json.dumps(type(self).processes()).encode()
                return Answer(200, {"Content-Type": "application/json"}, data)
        raise NotFound(f"there is no {area!r} here")

    def _accept(self, body: bytes) -> Answer:
        try:
            self.broker.accept(dict(self.headers), body)
        except (InvalidEvent, TooLarge):
            self.close_connection = True
            raise
        return Answer(202, {})

    def _body(self) -> bytes:
        length = self.headers.get("Content-Length", "0")
        if self.headers.get("Transfer-Encoding") or not length.isdecimal():
            self.close_connection = True
            raise InvalidEvent("the request must have a Content-Length")
        if int(length) > max(_MAX_REQUEST_BYTES, MAX_EVENT_BYTES):
            self.close_connection = True
            raise TooLarge(f"the request is larger than {_MAX_REQUEST_BYTES} bytes")
        return self.rfile.read(int(length))
