"""Workers on demand: started for the first request, ended when idle, replaced when they die.

The role of Knative's activator and autoscaler on one machine.
"""

import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from lectern.errors import TransientError
from lectern.local.addresses import listening_socket
from lectern.local.exchange import request
from lectern.local.process import ChildProcess
from lectern.local.wiring import FunctionWiring

_START_TIMEOUT_S = 120.0
_STOP_TIMEOUT_S = 10.0
_LONGEST_PAUSE_S = 30.0
_POLL_S = 0.05
_READY = 200

log = logging.getLogger("lectern.local")


class Worker:
    """One process of a function, and how many requests it is busy with."""

    def __init__(self, process: ChildProcess) -> None:
        self.process = process
        self.busy = 0
        self.idle_since = time.monotonic()
        self._ready = threading.Event()
        self._failure = ""

    def start(self) -> None:
        """Wait until the process is ready, and let go who waits for that.

        Raises:
            TransientError: It ended, or is not ready after two minutes; its log says why.
        """
        began = time.monotonic()
        try:
            while not self._is_ready():
                if self.process.exit_code is not None:
                    self._failure = f"it ended with exit code {self.process.exit_code}"
                elif time.monotonic() - began > _START_TIMEOUT_S:
                    self._failure = f"it was not ready after {_START_TIMEOUT_S:g} s"
                if self._failure:
                    break
                time.sleep(_POLL_S)
            self.process.listener.close()  # from now on its death is seen by who waits for it
            if self._failure:
                self.process.terminate()
                self.process.wait(1.0)
                last_words = self.process.tail().rpartition("\n")[2]
                log.error("%s did not start: %s: %s", self.name, self._failure, last_words)
        finally:
            self._ready.set()
        self.wait_ready()

    def wait_ready(self) -> None:
        """Wait for `start`, which another thread runs. Raises as it does."""
        self._ready.wait()
        if self._failure:
            raise TransientError(
                f"{self.name} did not start: {self._failure}; see its log", code="no_worker"
            )

    @property
    def failed(self) -> bool:
        """Whether it never became ready."""
        return bool(self._failure)

    @property
    def name(self) -> str:
        """The function's name."""
        return self.process.name

    def _is_ready(self) -> bool:
        answer = request(self.process.address, "GET", "/readyz", timeout_s=5.0)
        return answer.status == _READY


class WorkerPool:
    """The workers of one function. Safe to use from many threads.

    Args:
        wiring: How many requests a worker takes at once, and how many workers there may be.
        start: Starts a process on the socket it is given.
        idle_s: Seconds without work after which a worker ends.
    """

    def __init__(
        self, wiring: FunctionWiring, start: Callable[[socket.socket], ChildProcess], idle_s: float
    ) -> None:
        self._wiring = wiring
        self._start = start
        self._idle_s = idle_s
        self._lock = threading.Lock()
        self._workers: list[Worker] = []
        self._closed = False
        self._failures = 0
        self._not_before = 0.0

    def workers(self) -> list[Worker]:
        """Return the workers there are now."""
        with self._lock:
            return list(self._workers)

    @contextmanager
    def lease(self) -> Iterator[tuple[str, int]]:
        """Give the address of a ready worker for the length of one request.

        Raises:
            TransientError: No worker could be started.
        """
        worker, is_new = self._take()
        try:
            if is_new:
                self._start_up(worker)
            else:
                worker.wait_ready()
            yield worker.process.address
        finally:
            with self._lock:
                worker.busy -= 1
                worker.idle_since = time.monotonic()
            if worker.process.exit_code is not None:
                self._remove(worker)

    def tend(self) -> None:
        """End what has been idle for long, and forget what died. Call it every second or so."""
        now = time.monotonic()
        with self._lock:
            idle = [w for w in self._workers if not w.busy and now - w.idle_since > self._idle_s]
            self._workers = [worker for worker in self._workers if worker not in idle]
        for worker in self.workers():
            if not worker.busy and worker.process.exit_code is not None:
                self._remove(worker)  # a busy one is seen by whoever it was busy for
        _stop(idle)

    def close(self) -> None:
        """End every worker and start no more; those that work on may finish for ten seconds."""
        with self._lock:
            self._closed = True
            workers, self._workers = self._workers, []
        _stop(workers)

    def _take(self) -> tuple[Worker, bool]:
        with self._lock:
            if self._closed:
                raise TransientError("Lectern is stopping", code="stopping")
            alive = [worker for worker in self._workers if worker.process.exit_code is None]
            free = [worker for worker in alive if worker.busy < self._wiring.concurrency]
            is_new = not free and len(alive) < self._wiring.instances
            if is_new:
                self._refuse_too_early()
                worker = Worker(self._start(listening_socket()))
                self._workers.append(worker)
            else:
                worker = min(free or alive, key=lambda worker: worker.busy)
            worker.busy += 1
            return worker, is_new

    def _start_up(self, worker: Worker) -> None:
        try:
            worker.start()
        except TransientError:
            with self._lock:
                pause_s = min(2.0**self._failures, _LONGEST_PAUSE_S)
                self._failures += 1
                self._not_before = time.monotonic() + pause_s
            raise
        self._failures = 0

    def _refuse_too_early(self) -> None:
        """Give a function that does not start a pause, and the machine too."""
        wait_s = self._not_before - time.monotonic()
        if wait_s > 0:
            raise TransientError(
                f"it did not start {self._failures} times; next try in {wait_s:.0f} s",
                code="no_worker",
                retry_after_s=int(wait_s) + 1,
            )

    def _remove(self, worker: Worker) -> None:
        with self._lock:
            if worker not in self._workers:
                return
            self._workers.remove(worker)
        if not worker.failed:
            log.warning("%s ended with exit code %s", worker.name, worker.process.exit_code)
        worker.process.wait(0)


def _stop(workers: list[Worker]) -> None:
    for worker in workers:
        worker.process.terminate()
    deadline = time.monotonic() + _STOP_TIMEOUT_S
    for worker in workers:
        worker.process.wait(deadline - time.monotonic())
