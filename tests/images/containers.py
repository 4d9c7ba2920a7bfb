"""Containers of Lectern's images, run the way the chart runs them.

No root, no capability, nothing to write but /tmp.

`LECTERN_TEST_ENGINE` names the program that runs containers (podman, docker), and
`LECTERN_TEST_ENGINE_OPTIONS` what this machine needs besides; .ci/images sets both.
"""

import os
import shlex
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from lectern.errors import TransientError

FUNCTIONS = (
    "intake", "catalog", "retrieve", "answer", "parse", "embed", "graph-extract", "maintain",
)  # fmt: skip
_START_TIMEOUT_S = 120.0
_POLL_S = 0.05
_RESTRICTED = (
    "--read-only",
    "--read-only-tmpfs=false",
    "--tmpfs=/tmp:rw,nosuid,nodev,size=512m,mode=1777",
    "--cap-drop=ALL",
    "--security-opt=no-new-privileges",
    "--user=10001:10001",
)


def free_port() -> int:
    """Return a port that nobody on any loopback address listens on."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    return port


@dataclass(frozen=True, slots=True)
class Container:
    """A running container, and the address it serves at."""

    name: str
    url: str
    seconds_to_ready: float
    _engine: str

    def execute(self, *command: str) -> str:
        """Run a command inside it and return its output."""
        return run([self._engine, "exec", self.name, *command])


@dataclass(frozen=True, slots=True)
class Engine:
    """Runs containers; they share this machine's loopback and the folder `home`.

    Each function listens on a loopback address of its own and at the same port, under its own
    name, so that `http://{function}:PORT` is its address, as on a cluster.
    """

    program: str
    options: Sequence[str]
    home: Path
    port: int
    tag: str

    @classmethod
    def configured(cls, home: Path) -> "Engine | None":
        """Return the engine the environment names, if it does."""
        program = os.environ.get("LECTERN_TEST_ENGINE")
        if not program:
            return None
        options = shlex.split(os.environ.get("LECTERN_TEST_ENGINE_OPTIONS", ""))
        tag = os.environ.get("LECTERN_TEST_IMAGE_TAG", "test")
        return cls(program, options, home, free_port(), tag)

    def address(self, function: str) -> str:
        """Return where `function` serves, as this process reaches it."""
        return f"http://127.0.1.{FUNCTIONS.index(function) + 1}:{self.port}"

    def job(self, *command: str, image: str = "functions", given: str | None = None) -> str:
        """Run a command to its end in a container of its own and return its output."""
        once = ["--rm"] if given is None else ["--rm", "--interactive"]
        return run([*self._command(image, {}), *once, *self._image(image), *command], given=given)

    def size_bytes(self, image: str) -> int:
        """Return the size of an image, uncompressed, with its base."""
        inspect = [self.program, "image", "inspect", "--format={{.Size}}", *self._image(image)]
        return int(run(inspect))

    @contextmanager
    def function(self, name: str, environment: Mapping[str, str]) -> Iterator[Container]:
        """Give a container that serves a function, ready, and remove it afterwards."""
        target = name.replace("-", "_")
        url = self.address(name)
        served = {
            "FUNCTION_TARGET": target,
            "FUNCTION_SOURCE": f"functions/{target}/main.py",
            "HOST": httpx.URL(url).host,
            "PORT": str(self.port),
            "THREADS": "4",
            "WORKERS": "1",
            **environment,
        }
        with self._running("functions", name, served, url, "/readyz") as container:
            yield container

    @contextmanager
    def web(self, environment: Mapping[str, str]) -> Iterator[Container]:
        """Give a container that serves the web UI, alive, and remove it afterwards."""
        port = str(free_port())
        served = {"LECTERN_WEB_HOST": "127.0.0.1", "LECTERN_WEB_PORT": port, **environment}
        with self._running("web", "web", served, f"http://127.0.0.1:{port}", "/healthz") as found:
            yield found

    @contextmanager
    def _running(
        self, image: str, name: str, environment: Mapping[str, str], url: str, probe: str
    ) -> Iterator[Container]:
        name = f"lectern-test-{self.port}-{name}"
        started = time.monotonic()
        run([*self._command(image, environment), "--detach", f"--name={name}", *self._image(image)])
        try:
            _wait_for(url + probe)
            yield Container(name, url, time.monotonic() - started, self.program)
        except TransientError as error:
            error.add_note(run([self.program, "logs", name], check=False))
            raise
        finally:
            run([self.program, "rm", "--force", "--time=0", name], check=False)

    def _command(self, image: str, environment: Mapping[str, str]) -> list[str]:
        variables = {
            "LECTERN_FUNCTION_URL": f"http://{{function}}:{self.port}",
            "LECTERN_PUBLIC_URL": f"http://{{function}}:{self.port}",
            **environment,
        }
        shared = [f"--volume={self.home}:/tmp/lectern"] if image == "functions" else []
        return [
            self.program, "run", "--network=host", *self.options, *_RESTRICTED, *shared,
            *(f"--env={name}={value}" for name, value in variables.items()),
            *(f"--add-host={f}:{httpx.URL(self.address(f)).host}" for f in FUNCTIONS),
        ]  # fmt: skip

    def _image(self, image: str) -> list[str]:
        return [f"lectern/{image}:{self.tag}"]


def run(command: Sequence[str], *, check: bool = True, given: str | None = None) -> str:
    """Run a command and return what it printed; its errors are shown when it fails."""
    done = subprocess.run(
        command, check=False, capture_output=True, text=True, timeout=120, input=given
    )
    if check and done.returncode != 0:
        raise AssertionError(f"{shlex.join(command)}\n{done.stdout}\n{done.stderr}")
    return done.stdout if check else done.stdout + done.stderr


def _wait_for(url: str) -> None:
    """Return once `url` answers with success."""
    deadline = time.monotonic() + _START_TIMEOUT_S
    last = "no answer"
    with httpx.Client(timeout=5.0, trust_env=False) as client:
        while time.monotonic() < deadline:
            try:
                response = client.get(url)
            except httpx.TransportError:
                time.sleep(_POLL_S)
                continue
            if response.is_success:
                return
            last = f"{response.status_code} {response.text}"
            time.sleep(_POLL_S)
    raise TransientError(f"{url} was not ready in {_START_TIMEOUT_S:.0f} s: {last}")
