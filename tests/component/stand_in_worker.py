"""A worker for the tests of the pool: a program that serves the socket it is given.

    python stand_in_worker.py MODE FD

It answers its process id; "broken" ends before it is ready, "deadly" ends on the first request.
"""

import os
import socket
import sys
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

mode, fd = sys.argv[1], int(sys.argv[2])
if mode == "broken":
    sys.exit("it cannot find its model")


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.answer(b"ready")

    def do_POST(self) -> None:
        if mode == "deadly":
            os._exit(9)
        time.sleep(0.2 if mode == "slow" else 0)
        self.answer(str(os.getpid()).encode())

    def answer(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


listener = socket.socket(fileno=fd)
server = HTTPServer(listener.getsockname()[:2], Handler, bind_and_activate=False)
server.socket = listener
server.serve_forever()
