"""`lectern up`: broker, workers, front, folder watch and timers, as one machine.

This process stays small: it imports no index, no model and no PDF library.
"""

import logging
import os
import secrets
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Mapping
from types import FrameType

from lectern import __version__
from lectern.errors import TransientError
from lectern.local.addresses import address_of, bind, listening_socket, refuse_strangers
from lectern.local.broker import Broker
from lectern.local.exchange import request
from lectern.local.home import Home, Running
from lectern.local.lanes import ThreadLanes
from lectern.local.listener import InternalListener, Workers
from lectern.local.pool import WorkerPool
from lectern.local.process import ChildProcess
from lectern.local.samples import load_samples
from lectern.local.timers import Timers
from lectern.local.watch import FolderWatch, inbox_folder
from lectern.local.web import WebUi
from lectern.local.wiring import load_wiring
from lectern.settings import Settings

_START_TIMEOUT_S = 120.0
_STOP_TIMEOUT_S = 10.0
_SWEEP_S = 30.0
_TICK_S = 0.5
_FRONT_RESTARTS = 3
_FRONT_RESTARTS_WITHIN_S = 60.0
_LATELY_MARGIN_S = 180.0
_WARMED_UP = ("retrieve", "answer")
_OK = 200

log = logging.getLogger("lectern.local")


class Machine:
    """Everything of one `lectern up`.

    Args:
        settings: Of this machine.
        on_ready: Told once where it is served.
    """

    def __init__(self, settings: Settings, *, on_ready: Callable[[Running], None]) -> None:
        self._settings = settings
        self._on_ready = on_ready
        self._home = Home(settings.home)
        self._wiring = load_wiring()
        self._intake_token = settings.intake_token.get_secret_value() or secrets.token_hex(16)
        self._instance = secrets.token_hex(8)
        self._stopping = threading.Event()
        self._front: ChildProcess | None = None
        self._web = WebUi(settings, self._home)

    def run(self) -> None:
        """Serve until SIGINT or SIGTERM.

        Raises:
            Busy: Another `lectern up` has this home.
            InvalidRequest: The address cannot be bound to, or should not be.
            TransientError: The front does not start.
        """
        refuse_strangers(self._settings)
        signal.signal(signal.SIGINT, self._on_signal)
        signal.signal(signal.SIGTERM, self._on_signal)
        with self._home.lock():
            self._home.owner_token()
            self._serve(bind(self._settings))

    def _on_signal(self, *_: int | FrameType | None) -> None:
        self._stopping.set()

    def _serve(self, front_socket: socket.socket) -> None:
        address = address_of(self._settings.host, front_socket)
        lanes = ThreadLanes(
            {
                name: function.concurrency * function.instances
                for name, function in self._wiring.functions.items()
            }
        )
        workers = Workers({})
        broker = Broker(self._wiring, workers.deliver, lanes)
        listener = InternalListener(
            listening_socket(),
            secrets.token_urlsafe(24),
            broker=broker,
            workers=workers,
            processes=lambda: self._processes(workers),
        )
        environment = self._environment(address, listener.url)
        workers.pools = self._pools(environment)
        listener.start()
        try:
            self._web.listen()
            self._front = self._start_front(front_socket, environment)
            running = self._await_front(address, listener.url)
            if running is not None:
                self._live(running, broker, workers, front_socket, environment)
        finally:
            self._home.withdraw()
            lanes.close()
            self._stop(workers)
            listener.close()
            front_socket.close()

    def _live(
        self,
        running: Running,
        broker: Broker,
        workers: Workers,
        front_socket: socket.socket,
        environment: Mapping[str, str],
    ) -> None:
        timers = Timers(broker, lately_s=self._settings.stuck_after_s + _LATELY_MARGIN_S)
        self._web.start(environment)
        self._home.announce(running)
        self._on_ready(running)
        timers.sweep_now()
        self._in_background("warm-up", lambda: _warm_up(running))
        self._in_background("samples", lambda: self._load_samples(running, broker))
        watch = FolderWatch.of(self._settings, running.function_url, self._intake_token)
        if watch is not None:
            self._in_background("inbox", lambda: watch.run(self._stopping))
        restarts: list[float] = []
        while not self._stopping.wait(_TICK_S):
            for pool in workers.pools.values():
                pool.tend()
            timers.tend()
            self._web.tend()
            if self._front is not None and self._front.exit_code is not None:
                self._front = self._restart_front(front_socket, environment, restarts)

    def _load_samples(self, running: Running, broker: Broker) -> None:
        broker.wait_quiet(_SWEEP_S)  # else the sweep of the start would publish them once more
        load_samples(self._home, running.function_url, self._stopping)

    def _in_background(self, name: str, job: Callable[[], None]) -> None:
        threading.Thread(target=job, name=name, daemon=True).start()

    # --- processes ---------------------------------------------------------------------------

    def _environment(self, address: str, internal_url: str) -> Mapping[str, str]:
        """Return the environment of the children: what the chart would set in a container."""
        loopback = "127.0.0.1,localhost,::1"
        outside = os.environ.get("NO_PROXY") or os.environ.get("no_proxy")
        no_proxy = f"{outside},{loopback}" if outside else loopback
        return {
            **os.environ,
            "LECTERN_HOME": str(self._home.path),
            "LECTERN_HOST": self._settings.host,
            "LECTERN_FUNCTION_URL": address + "/{function}",
            "LECTERN_PUBLIC_URL": os.environ.get("LECTERN_PUBLIC_URL", address + "/{function}"),
            "LECTERN_INTAKE_TOKEN": self._intake_token,
            "LECTERN_INSTANCE": self._instance,
            "K_SINK": f"{internal_url}/broker",
            "NO_PROXY": no_proxy,
            "no_proxy": no_proxy,
            "PYTHONUNBUFFERED": "1",
        }

    def _pools(self, environment: Mapping[str, str]) -> Mapping[str, WorkerPool]:
        def starter(name: str) -> Callable[[socket.socket], ChildProcess]:
            return lambda listener: ChildProcess(
                name,
                ["-m", "lectern.local.worker", name],
                listener,
                environment=environment,
                log_file=self._home.logs / f"{name}.log",
            )

        sink = self._wiring.dead_letter_sink
        return {
            name: WorkerPool(
                self._wiring.functions[name], starter(name), self._settings.worker_idle_s
            )
            for name in sorted(self._wiring.event_driven | {sink})
        }

    def _start_front(self, listener: socket.socket, environment: Mapping[str, str]) -> ChildProcess:
        return ChildProcess(
            "front",
            ["-m", "lectern.local.front"],
            listener.dup(),
            environment={
                **environment,
                "LECTERN_WEB_PUBLIC_URL": self._settings.web_public_url or self._web.address,
            },
            log_file=self._home.logs / "front.log",
        )

    def _restart_front(
        self, listener: socket.socket, environment: Mapping[str, str], restarts: list[float]
    ) -> ChildProcess | None:
        front, now = self._front, time.monotonic()
        if front is not None:
            log.error("front ended with exit code %s\n%s", front.exit_code, front.tail())
            front.wait(0)
        restarts[:] = [at for at in restarts if now - at < _FRONT_RESTARTS_WITHIN_S] + [now]
        if len(restarts) > _FRONT_RESTARTS:
            raise TransientError("front ends again and again; see its log", code="no_front")
        return self._start_front(listener, environment)

    def _await_front(self, address: str, internal_url: str) -> Running | None:
        """Return where the machine is served once it is, or None if it was stopped before."""
        deadline = time.monotonic() + _START_TIMEOUT_S
        while not self._stopping.is_set():
            front = self._front
            if front is None or front.exit_code is not None:
                code = front.exit_code if front else None
                tail = front.tail() if front else ""
                raise TransientError(
                    f"front did not start (exit code {code}); "
                    f"see {str(self._home.logs / 'front.log')!r}\n{tail}".rstrip(),
                    code="no_front",
                )
            answer = request(front.address, "GET", "/catalog/readyz", timeout_s=5.0)
            if answer.status == _OK:
                return Running(
                    pid=os.getpid(),
                    instance=self._instance,
                    version=__version__,
                    address=address,
                    internal_url=internal_url,
                    inbox=str(inbox_folder(self._settings) or ""),
                    web=self._web.address,
                )
            if time.monotonic() > deadline:
                raise TransientError(
                    f"front is not ready after {_START_TIMEOUT_S:g} s: "
                    f"{answer.body.decode(errors='replace')[:500] or answer.error}",
                    code="no_front",
                )
            self._stopping.wait(0.1)
        return None

    def _processes(self, workers: Workers) -> object:
        front = self._front
        listed = [{"name": "lectern", "pid": os.getpid(), "busy": 0}]
        if front is not None and front.exit_code is None:
            listed.append({"name": "front", "pid": front.pid, "busy": 0})
        if self._web.process is not None:
            listed.append({"name": "web", "pid": self._web.process.pid, "busy": 0})
        for name, pool in workers.pools.items():
            listed += [
                {"name": name, "pid": worker.process.pid, "busy": worker.busy}
                for worker in pool.workers()
            ]
        return {"processes": listed}

    def _stop(self, workers: Workers) -> None:
        """End every process within ten seconds, all at the same time."""
        closing = [threading.Thread(target=pool.close) for pool in workers.pools.values()]
        closing.append(threading.Thread(target=self._web.stop))
        for thread in closing:
            thread.start()
        if self._front is not None:
            self._front.terminate()
            self._front.wait(_STOP_TIMEOUT_S)
        for thread in closing:
            thread.join()


def _warm_up(running: Running) -> None:
    """Load what the first question needs before somebody asks it."""
    host, _, port = running.address.removeprefix("http://").rpartition(":")
    for function in _WARMED_UP:
        answer = request(
            (host.strip("[]"), int(port)), "GET", f"/{function}/readyz", timeout_s=120.0
        )
        if answer.status != _OK:
            detail = answer.body.decode(errors="replace")[:300] or answer.error
            log.warning("%s is not ready: %s", function, detail)


def log_to_terminal() -> None:
    """Show warnings and errors of all processes on stderr, one line each."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
    handler.setLevel(logging.WARNING)
    log.addHandler(handler)
    log.propagate = False
