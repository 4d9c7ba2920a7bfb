"""The program of the web process.

    python -m web [FD]

FD is a listening socket that `lectern up` has opened; without it, `LECTERN_WEB_HOST` and
`LECTERN_WEB_PORT` say where to listen. With FD, standard input is a pipe from `lectern up`: when
it ends, so does this process.
"""

import os
import signal
import socket
import sys
import threading

import uvicorn

from lectern.trust import trust
from web import metrics
from web.configuration import settings

_WEBSOCKET_BYTES = 20 << 20
_GRACEFUL_S = 5
_KEEP_ALIVE_S = 3700
"""Longer than a load balancer keeps a connection: else it sends a request into one just closed."""


def main() -> None:
    """Run the program."""
    known = settings()
    trust(known.ca_file, known.home)
    config = uvicorn.Config(
        "web.asgi:app",
        host=known.web_host,
        port=known.web_port,
        proxy_headers=False,  # `LastHop` reads them
        server_header=False,
        access_log=False,
        log_level="warning",
        ws_max_size=_WEBSOCKET_BYTES,
        timeout_keep_alive=_KEEP_ALIVE_S,
        ws_ping_interval=20.0,
        ws_ping_timeout=60.0,
        timeout_graceful_shutdown=_GRACEFUL_S,
    )
    sockets = None
    if len(sys.argv) > 1:
        sockets = [socket.socket(fileno=int(sys.argv[1]))]
        threading.Thread(target=_follow_supervisor, name="supervisor-watch", daemon=True).start()
    with metrics.served(known.web_host, known.web_metrics_port):
        uvicorn.Server(config).run(sockets=sockets)


def _follow_supervisor() -> None:
    """End with `lectern up`, whatever ended it."""
    while os.read(sys.stdin.fileno(), 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    threading.Timer(2.0 * _GRACEFUL_S, os._exit, (1,)).start()


if __name__ == "__main__":
    main()
