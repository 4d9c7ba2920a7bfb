"""A server on loopback that is never silent and never answers: a header now and then, for ever."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_EVERY_S = 0.1


@contextmanager
def dripping() -> Iterator[str]:
    """Serve until the end of the block; gives the base URL."""
    over = threading.Event()
    listener = socket.create_server(("127.0.0.1", 0))
    threads: list[threading.Thread] = []

    def drip(connection: socket.socket) -> None:
        with connection:
            try:
                connection.recv(65536)
                connection.sendall(b"HTTP/1.1 200 OK\r\n")
                while not over.wait(_EVERY_S):
                    connection.sendall(b"X-Still: there\r\n")
            except OSError:
                return  # the client went away, which is what tests wait for

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threads.append(threading.Thread(target=drip, args=(connection,)))
            threads[-1].start()

    accepting = threading.Thread(target=accept)
    accepting.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
    finally:
        over.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for thread in (accepting, *threads):
            thread.join()
