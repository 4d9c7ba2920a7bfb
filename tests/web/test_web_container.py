"""The web process as a container runs it: behind a proxy, measured, given its secret."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from web.configuration import WebSettings
from web.sealing import SESSION_COOKIE, Visitor, seal_of

SECRET = "the same on every pod"
PUBLIC_URL = "https://lectern.example.org"
ROOT = Path(__file__).parents[2]
READY_S = 60.0


@dataclass(frozen=True)
class Process:
    port: int
    metrics_port: int

    def get(self, path: str) -> httpx.Response:
        with httpx.Client(trust_env=False) as client:
            return client.get(f"http://127.0.0.1:{self.port}{path}")

    def metrics(self) -> list[str]:
        with httpx.Client(trust_env=False) as client:
            text = client.get(f"http://127.0.0.1:{self.metrics_port}/metrics").text
        return text.splitlines()

    def page(self, origin: str) -> ClientConnection:
        """Return the websocket of a tab of somebody whom another pod has let in."""
        seal = seal_of(WebSettings.model_validate({"web_secret": SECRET}))
        cookie = seal.close(Visitor.fresh(token="somebody"))
        return connect(
            f"ws://127.0.0.1:{self.port}/_stcore/stream",
            origin=Origin(origin),
            additional_headers={"Cookie": f"{SESSION_COOKIE}={cookie}"},
            subprotocols=[Subprotocol("streamlit")],
            proxy=None,
        )


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    """Give a web process that can keep nothing."""
    started = Process(_free_port(), _free_port())
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path_factory.mktemp("home")),
        "LECTERN_HOME": "/proc/nobody-can-write-here",
        "LECTERN_WEB_HOST": "127.0.0.1",
        "LECTERN_WEB_PORT": str(started.port),
        "LECTERN_WEB_METRICS_PORT": str(started.metrics_port),
        "LECTERN_WEB_SECRET": SECRET,
        "LECTERN_WEB_PUBLIC_URL": PUBLIC_URL,
    }
    running = subprocess.Popen(
        [sys.executable, "-m", "web"], cwd=ROOT, env=environment, stdin=subprocess.DEVNULL
    )
    try:
        _wait_until_ready(started, running)
        yield started
    finally:
        running.terminate()
        running.wait(30)


def test_it_lives_and_is_ready_without_a_sign_in(process: Process) -> None:
    assert process.get("/healthz").status_code == 200
    assert process.get("/_stcore/health").status_code == 200


def test_a_page_connects_when_a_proxy_has_changed_the_host(process: Process) -> None:
    with process.page(PUBLIC_URL) as page:
        assert page.subprotocol == "streamlit"


def test_a_page_of_another_site_does_not(process: Process) -> None:
    with pytest.raises(InvalidStatus):
        process.page("https://evil.example")


def test_what_happens_is_measured_on_a_port_of_its_own(process: Process) -> None:
    process.get("/healthz")
    with process.page(PUBLIC_URL):
        during = process.metrics()

    assert "lectern_web_open_pages 1.0" in during
    assert any(line.startswith('lectern_web_requests_total{status="200"}') for line in during)
    assert "lectern_web_answers_running 0.0" in during
    assert process.get("/metrics").status_code == 401, "an ingress leads here"


def _free_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        return int(listening.getsockname()[1])


def _wait_until_ready(process: Process, running: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + READY_S
    while time.monotonic() < deadline:
        assert running.poll() is None, "the web process has ended"
        try:
            if process.get("/_stcore/health").is_success:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise AssertionError("the web process is not ready")
