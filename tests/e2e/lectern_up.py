"""A real `lectern up` as a subprocess, for end-to-end and fault tests."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

import httpx

from lectern.client import Lectern
from lectern.errors import LecternError
from lectern.local.addresses import running_of
from lectern.local.home import Home, Running

T = TypeVar("T")

START_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 20.0


class LecternUp:
    """Starts, stops and kills `lectern up` on one home, and the processes below it.

    Args:
        home: LECTERN_HOME.
        environment: Further variables.
    """

    def __init__(self, home: Path, **environment: str) -> None:
        self.home = home
        self.environment = {
            **{name: value for name, value in os.environ.items() if "LECTERN" not in name},
            "LECTERN_HOME": str(home),
            "LECTERN_WEB": "false",
            **environment,
        }
        self._process: subprocess.Popen[str] | None = None
        self.terminal = home.parent / f"{home.name}.terminal"

    def start(self) -> Running:
        """Start it on a free port; return once it is ready, and not before the last one is gone."""
        before = Home(self.home).running()
        with self.terminal.open("a") as terminal:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "lectern.cli", "up", "--port", "0"],
                env=self.environment,
                stdout=terminal,
                stderr=subprocess.STDOUT,
                text=True,
            )

        def ready() -> Running | None:
            running = running_of(self.home)
            return running if running != before else None

        return self.eventually(ready, timeout_s=START_TIMEOUT_S)

    @property
    def running(self) -> Running:
        """Where it is served."""
        running = Home(self.home).running()
        assert running is not None
        return running

    @property
    def function_url(self) -> str:
        """See `Settings.function_url`."""
        return self.running.function_url

    def client(self) -> Lectern:
        """Return a client with the owner's token; close it."""
        return Lectern(self.function_url, Home(self.home).owner_token())

    def stop(self) -> int:
        """Ask it to end, as Ctrl-C does; return its exit code."""
        process = self._running_process()
        process.send_signal(signal.SIGINT)
        return process.wait(STOP_TIMEOUT_S)

    def kill(self) -> None:
        """End the supervisor at once, as a power cut would; its children notice by themselves."""
        process = self._running_process()
        process.kill()
        process.wait(STOP_TIMEOUT_S)

    def processes(self) -> list[dict[str, Any]]:
        """Return name, pid and how busy each process is."""
        reply = httpx.get(f"{self.running.internal_url}/processes").raise_for_status()
        listed: list[dict[str, Any]] = reply.json()["processes"]
        return listed

    def pids(self, name: str) -> list[int]:
        """Return the processes of one name: `front`, or a worker's function."""
        return [process["pid"] for process in self.processes() if process["name"] == name]

    def kill_worker(
        self, name: str, *, only_busy: bool = False, unless: Callable[[], bool] | None = None
    ) -> int:
        """Kill a process of that name as soon as there is one (that works); return its pid.

        Returns when the supervisor has noticed; 0 when `unless` holds before there was one.
        """

        def victim() -> int | None:
            for process in self.processes():
                if process["name"] == name and (process["busy"] or not only_busy):
                    return int(process["pid"])
            return -1 if unless is not None and unless() else None

        pid = self.eventually(victim)
        if pid < 0:
            return 0
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        self.eventually(lambda: pid not in self.pids(name))
        return pid

    def command(self, *arguments: str, exit_code: int = 0) -> Any:
        """Run a command of the CLI against it with `--json`; return its JSON document."""
        done = self.run(*arguments, "--json")
        assert done.returncode == exit_code, done.stderr or done.stdout
        return json.loads(done.stdout)

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command of the CLI against it."""
        return subprocess.run(
            [sys.executable, "-m", "lectern.cli", *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    def eventually(self, look: Callable[[], T | None], *, timeout_s: float = 60.0) -> T:
        """Return what `look` finds once it finds something; fail when it does not in time."""
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            with contextlib.suppress(LecternError, AssertionError, httpx.HTTPError):
                if found := look():
                    return found
            if self._process is not None and self._process.poll() not in {None, -signal.SIGKILL}:
                break
            time.sleep(0.05)
        raise AssertionError("it did not happen; the terminal says:\n" + self.terminal.read_text())

    def _running_process(self) -> subprocess.Popen[str]:
        assert self._process is not None, "start it first"
        return self._process


@contextlib.contextmanager
def lectern_up(home: Path, environment: Mapping[str, str] | None = None) -> Iterator[LecternUp]:
    """Give a started `lectern up` that is stopped in the end, whatever happened to it."""
    up = LecternUp(home, **(environment or {}))
    up.start()
    try:
        yield up
    finally:
        with contextlib.suppress(ProcessLookupError, subprocess.TimeoutExpired):
            up.stop()
