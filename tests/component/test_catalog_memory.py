"""Uploads pass through the catalog function without being held in memory."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from lectern.catalog import migrate, open_catalog
from lectern.settings import Settings

UPLOAD_BYTES = 64 << 20
ROOM_BYTES = 16 << 20
ROOT = Path(__file__).parents[2]
PIECE = b"0123456789abcdef" * (1 << 14)  # 256 KiB
SERVER = """
from functions_framework import create_app
from werkzeug.serving import make_server
server = make_server("127.0.0.1", 0, create_app("catalog", "functions/catalog/main.py"))
print(server.port, flush=True)
server.serve_forever()
"""

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="the peak of memory is read from /proc"
)


@dataclass(frozen=True)
class Server:
    """The function in a process of its own."""

    process: "subprocess.Popen[str]"
    port: int
    secret: str

    def peak_bytes(self) -> int:
        """Return the most memory the process ever held."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        match = re.search(r"VmHWM:\s+(\d+) kB", status)
        assert match
        return int(match[1]) * 1024

    def send(
        self, method: str, path: str, body: Any, headers: dict[str, str], *, secret: str = ""
    ) -> tuple[int, dict[str, Any]]:
        """Send one request and return status and JSON of the answer."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            authorization = {"Authorization": f"Bearer {secret or self.secret}"}
            connection.request(method, path, body=body, headers=headers | authorization)
            response = connection.getresponse()
            return response.status, json.loads(response.read())
        finally:
            connection.close()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    settings = Settings(home=tmp_path)
    migrate(settings)
    catalog = open_catalog(settings)
    owner = catalog.people.ensure_owner("owner")
    _, secret = catalog.people.create_token(owner.user_id, "test")
    catalog.collections.create("papers", owner.user_id)
    catalog.close()
    process = subprocess.Popen(
        [sys.executable, "-c", SERVER],
        cwd=ROOT,
        env=os.environ | {"LECTERN_HOME": str(tmp_path), "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with process:
        assert process.stdout
        yield Server(process, int(process.stdout.readline()), secret)
        process.terminate()


def form(size: int) -> tuple[Iterator[bytes], dict[str, str]]:
    """Return a multipart form with a file of `size` bytes, piece by piece, and its headers."""
    head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="big.txt"\r\n\r\n'
    tail = b"\r\n--b--\r\n"
    headers = {
        "Content-Type": "multipart/form-data; boundary=b",
        "Content-Length": str(len(head) + size + len(tail)),
    }

    def pieces() -> Iterator[bytes]:
        yield head
        yield from file(size)
        yield tail

    return pieces(), headers


def file(size: int) -> Iterator[bytes]:
    for _ in range(size // len(PIECE)):
        yield PIECE


def test_a_large_form_adds_no_memory(server: Server) -> None:
    path = "/v1/collections/papers/documents"
    server.send("POST", path, *form(len(PIECE) * 8))
    before = server.peak_bytes()

    status, document = server.send("POST", path, *form(UPLOAD_BYTES))

    assert (status, document["size_bytes"]) == (201, UPLOAD_BYTES)
    assert server.peak_bytes() - before < ROOM_BYTES


def test_a_large_put_adds_no_memory(server: Server) -> None:
    path = "/v1/collections/papers/documents"
    server.send("POST", path, *form(len(PIECE) * 8))
    _, ticket = server.send("POST", path, b'{"name": "put.txt"}', {})
    link = urlsplit(ticket["upload_url"])
    signed = f"{link.path.removeprefix('/catalog')}?{link.query}"
    before = server.peak_bytes()

    headers = {"Content-Length": str(UPLOAD_BYTES)}
    status, document = server.send("PUT", signed, file(UPLOAD_BYTES), headers)

    assert (status, document["size_bytes"]) == (201, UPLOAD_BYTES)
    assert server.peak_bytes() - before < ROOM_BYTES
