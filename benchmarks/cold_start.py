"""Cold start and memory of each function against an empty functions-framework function.

Process start to the first answer of `/healthz` (the process serves) and of `/readyz` (what the
first request needs is loaded) in seconds, CPU seconds, and the peak memory of its processes.
"""

import contextlib
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
FUNCTIONS = (
    "intake",
    "parse",
    "embed",
    "graph_extract",
    "retrieve",
    "answer",
    "catalog",
    "maintain",
)
ROUNDS = 5
TIMEOUT_S = 60
EMPTY = """
import functions_framework

@functions_framework.http
def empty(request):
    return ""
"""


def main() -> dict[str, Any]:
    """Measure every function and the floor, interleaved; return medians and ratios."""
    with tempfile.TemporaryDirectory() as folder, socket.create_server(("127.0.0.1", 0)) as broker:
        home = Path(folder)
        (home / "empty.py").write_text(EMPTY)
        environment = os.environ | {
            "LECTERN_HOME": str(home / "home"),
            "LECTERN_LOG_LEVEL": "ERROR",
            "K_SINK": f"http://127.0.0.1:{broker.getsockname()[1]}",
        }
        prepare(environment)
        targets = {"empty": (home / "empty.py", "/", "/")} | {
            name: (ROOT / "functions" / name / "main.py", "/healthz", "/readyz")
            for name in FUNCTIONS
        }
        samples: dict[str, list[dict[str, float]]] = {name: [] for name in targets}
        for _ in range(ROUNDS):
            for name, (source, health, ready) in targets.items():
                samples[name].append(measure(name, source, health, ready, environment))
    medians = {
        name: {key: round(statistics.median(s[key] for s in runs), 3) for key in runs[0]}
        for name, runs in samples.items()
    }
    floor = medians["empty"]["health_s"]
    for name in FUNCTIONS:
        medians[name]["health_ratio"] = round(medians[name]["health_s"] / floor, 2)
        medians[name]["ready_ratio"] = round(medians[name]["ready_s"] / floor, 2)
    return medians


def prepare(environment: dict[str, str]) -> None:
    """Create the catalog in the benchmark's home, as an installation has one."""
    code = (
        "from lectern.catalog import migrate; from lectern.settings import Settings;"
        "migrate(Settings())"
    )
    subprocess.run([sys.executable, "-c", code], env=environment, cwd=ROOT, check=True)


def measure(
    target: str, source: Path, health: str, ready: str, environment: dict[str, str]
) -> dict[str, float]:
    """Start one function as its container does and time its first answers."""
    port = free_port()
    command = [
        sys.executable,
        "-c",
        "from functions_framework._cli import _cli; _cli()",
        f"--target={target}",
        f"--source={source}",
        "--host=127.0.0.1",
        f"--port={port}",
    ]
    started = time.perf_counter()
    with running(command, environment) as process:
        wait_for(f"http://127.0.0.1:{port}{health}", process)
        health_s = time.perf_counter() - started
        wait_for(f"http://127.0.0.1:{port}{ready}", process)
        ready_s = time.perf_counter() - started
        pids = tree(process.pid)
        return {
            "health_s": health_s,
            "ready_s": ready_s,
            "cpu_s": sum(cpu_seconds(pid) for pid in pids),
            "peak_mb": sum(peak_mb(pid) for pid in pids),
        }


@contextlib.contextmanager
def running(command: list[str], environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server in its own process group and end the whole group."""
    process = subprocess.Popen(
        command,
        env=environment | {"THREADS": "8"},
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    """Poll every 5 ms until `url` answers 2xx."""
    deadline = time.perf_counter() + TIMEOUT_S
    while time.perf_counter() < deadline:
        if process.poll() is not None:
            sys.exit(f"the server ended with {process.returncode} before {url} answered")
        try:
            with urllib.request.urlopen(url, timeout=TIMEOUT_S):  # noqa: S310 - loopback
                return
        except urllib.error.HTTPError as error:
            sys.exit(f"{url}: {error.code} {error.read().decode()}")
        except OSError:
            time.sleep(0.005)
    sys.exit(f"{url} did not answer within {TIMEOUT_S} s")


def free_port() -> int:
    """Return a port that is free at this moment."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def tree(pid: int) -> list[int]:
    """Return a process and its descendants (Linux)."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid] + [found for child in children for found in tree(int(child))]


def cpu_seconds(pid: int) -> float:
    """Return user and system time of a process so far, in seconds."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def peak_mb(pid: int) -> float:
    """Return the peak private memory of a process in MB (resident minus what it shares)."""
    status = dict(
        line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines()
    )
    return (int(status["VmHWM"].split()[0]) - int(status["RssShmem"].split()[0])) / 1024


if __name__ == "__main__":
    print(json.dumps(main(), indent=2))
