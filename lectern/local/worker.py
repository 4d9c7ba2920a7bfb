"""The program of a worker: one function, served to the broker of this machine only.

    python -m lectern.local.worker FUNCTION FD

FD is a listening socket that the supervisor opened, so that its address is known before this
process is up. Standard input is a pipe from the supervisor: when it ends, so does this process.
"""

import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

from lectern.local.wiring import function_source

if TYPE_CHECKING:
    from flask import Flask

_NICE = 10  # a question that somebody waits for goes before indexing


def load_function(function: str) -> "Flask":
    """Return a function's WSGI application, made the way its container makes it."""
    from functions_framework import create_app

    target, source = function_source(function)
    application: Flask = create_app(target, str(source))
    return application


class Server(ThreadedWSGIServer):
    """A WSGI server with a thread per connection; the process stays single, its pid the worker's.

    Closing it waits for the requests in flight.
    """

    daemon_threads = False

    def __init__(self, app: Any, listener: socket.socket | None = None) -> None:
        host, port = listener.getsockname()[:2] if listener else ("127.0.0.1", 0)
        fd = listener.fileno() if listener else None
        super().__init__(host, port, app, handler=_QuietHandler, fd=fd)


class _QuietHandler(WSGIRequestHandler):
    """Leaves the log to the function's own canonical line."""

    def log_request(self, code: Any = "-", size: Any = "-") -> None:
        """See `WSGIRequestHandler.log_request`."""


def serve(function: str, listener: socket.socket) -> None:
    """Serve `function` until SIGTERM or the supervisor's end; then finish what has begun."""
    server = Server(load_function(function), listener)

    def stop(*_: object) -> None:
        threading.Thread(target=server.shutdown, daemon=True).start()

    signal.signal(signal.SIGTERM, stop)
    watch_supervisor(stop)
    server.serve_forever(poll_interval=0.1)
    server.server_close()


def watch_supervisor(stop: Callable[[], object]) -> None:
    """Call `stop` when standard input ends, and leave for good if that takes over ten seconds."""

    def wait() -> None:
        while os.read(sys.stdin.fileno(), 1024):
            pass
        stop()
        threading.Timer(10.0, os._exit, (1,)).start()

    threading.Thread(target=wait, name="supervisor-watch", daemon=True).start()


def main() -> None:
    """Run the program."""
    function, fd = sys.argv[1], int(sys.argv[2])
    os.nice(_NICE)
    serve(function, socket.socket(fileno=fd))


if __name__ == "__main__":
    main()
