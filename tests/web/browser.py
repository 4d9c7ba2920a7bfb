"""A headless Chromium that notices every request to somewhere else, and a web UI to look at."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

ROOT = Path(__file__).parents[2]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or ""
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
INSIDE = ("http://127.0.0.1:", "ws://127.0.0.1:", "data:", "blob:", "about:", "chrome:")
_START_S = 60.0


@dataclass
class Watched:
    """What a browser did that it should not."""

    outside: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    def watch(self, context: BrowserContext) -> None:
        """Note requests to other machines and what the policy refused."""
        context.on("request", self._on_request)
        context.on("console", self._on_console)

    def _on_request(self, request: Any) -> None:
        if not request.url.startswith(INSIDE):
            self.outside.append(request.url)

    def _on_console(self, message: Any) -> None:
        if "Content Security Policy" in message.text:
            self.refused.append(message.text)


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """Start the browser; skip the test where there is none."""
    if not CHROMIUM:
        pytest.skip("there is no Chromium here")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield browser
        browser.close()


@contextlib.contextmanager
def web_process(environment: dict[str, str]) -> Iterator[str]:
    """Run `python -m web` on a free port; yield its address."""
    import socket

    listener = socket.create_server(("127.0.0.1", 0))
    process = subprocess.Popen(
        [sys.executable, "-m", "web", str(listener.fileno())],
        cwd=ROOT,
        env={**os.environ, **environment},
        stdin=subprocess.PIPE,
        pass_fds=(listener.fileno(),),
    )
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    try:
        _await(address, process)
        yield address
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)
        if process.stdin is not None:
            process.stdin.close()
        listener.close()


def _await(address: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _START_S
    while time.monotonic() < deadline:
        assert process.poll() is None, "the web process has ended"
        with contextlib.suppress(httpx.TransportError):
            if httpx.get(f"{address}/healthz", timeout=5.0, trust_env=False).is_success:
                return
    raise AssertionError("the web process does not answer")


def sign_in(page: Page, address: str, name: str, password: str) -> None:
    """Sign in with the form and wait for the first page."""
    page.goto(f"{address}/login")
    page.fill("#name", name)
    page.fill("#password", password)
    page.click("form[action='/login'] button")
    page.wait_for_selector(".lectern-account", timeout=60_000)
