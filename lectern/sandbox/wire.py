"""Messages between caller and warden: a length, then that many bytes."""

import socket
import struct

_LENGTH = struct.Struct("!Q")
_PIECE_BYTES = 1 << 20


def send(connection: socket.socket, data: bytes) -> None:
    """Send one message."""
    connection.sendall(_LENGTH.pack(len(data)) + data)


def receive(connection: socket.socket) -> bytes:
    """Return the next message.

    Raises:
        EOFError: The other side closed the connection before the message's end.
    """
    (size,) = _LENGTH.unpack(_exactly(connection, _LENGTH.size))
    return _exactly(connection, size)


def _exactly(connection: socket.socket, size: int) -> bytes:
    pieces = bytearray()
    while len(pieces) < size:
        piece = connection.recv(min(size - len(pieces), _PIECE_BYTES))
        if not piece:
            raise EOFError("the connection was closed in the middle of a message")
        pieces += piece
    return bytes(pieces)
