"""The caller's side of the sandbox."""

import json
import os
import pickle
import signal
import socket
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar, cast

from lectern import errors, telemetry
from lectern.errors import LecternError, TooLarge, TransientError, UnreadableDocument
from lectern.sandbox.confinement import Limits, seal_memory
from lectern.sandbox.wire import receive, send

T = TypeVar("T")

_GRACE_S = 10.0  # for the warden to report after the wall clock
_ENVIRONMENT = ("PATH", "LANG", "LC_ALL", "TZ", "TMPDIR", "LD_LIBRARY_PATH", "TESSDATA_PREFIX")


class Sandbox:
    """Runs functions on hostile input, each call in a fresh process under the same limits.

    Safe to use from several threads. The first call (or `start`) starts the zygote; a call then
    costs two forks. Nothing of this process's environment beyond paths and locale is passed on, and
    its memory and environment are sealed when the zygote starts, so no secret can be read inside.
    Files that this user may read can be.

    Args:
        preload: Modules the zygote imports once, so that no call pays for them.
        cpu_s: CPU seconds of a call.
        wall_s: Wall seconds of a call.
        memory_bytes: Address space of a call.
        file_bytes: Largest file a call may write.
    """

    def __init__(
        self,
        *,
        preload: Sequence[str] = (),
        cpu_s: int,
        wall_s: float,
        memory_bytes: int,
        file_bytes: int = 1 << 30,
    ) -> None:
        self._limits = Limits(cpu_s, wall_s, memory_bytes, file_bytes)
        self._preload = tuple(preload)
        self._lock = threading.Lock()
        self._control: socket.socket | None = None
        self._finalizer: Any = None

    def start(self) -> None:
        """Start the zygote if it is not running; its imports then go on in the background."""
        with self._lock:
            self._zygote()

    def close(self) -> None:
        """End the zygote; calls under way go on. A later call starts a new one."""
        with self._lock:
            if self._finalizer is not None:
                self._finalizer()
            self._control = None

    def run(
        self,
        function: Callable[..., T],
        *arguments: object,
        wall_s: float | None = None,
        on_cancel: Callable[[Callable[[], None]], None] | None = None,
    ) -> T:
        """Return `function(*arguments)`, computed in a process of its own.

        Args:
            function: A function at the top level of an importable module. What it returns has to
                survive JSON (tuples become lists) and stay under 4 MiB; bulk goes through files.
            arguments: Picklable values.
            wall_s: Wall seconds of this call, if fewer than those of every call.
            on_cancel: Given what ends the call from another thread; harmless once it has ended.

        Raises:
            LecternError: What the function raised, if it is one of the taxonomy.
            TooLarge: The CPU or wall limit (code `parse_timeout`) or the memory limit
                (code `parse_memory`) was hit.
            UnreadableDocument: The function crashed (code `parser_crashed`).
            TransientError: The sandbox itself could not do its work, or the call was ended (code
                `cancelled`).
        """
        limits = self._limits
        if wall_s is not None:
            limits = replace(limits, wall_s=min(wall_s, limits.wall_s))
        request = pickle.dumps((limits, pickle.dumps((function, arguments))))
        cancelled = threading.Event()
        with self._open_call() as call:
            if on_cancel is not None:
                on_cancel(partial(_end_call, call, cancelled))
            call.settimeout(limits.wall_s + _GRACE_S)
            try:
                send(call, request)
                report, reply = json.loads(receive(call)), receive(call)
            except TimeoutError as error:
                raise self._timeout("wall", limits.wall_s) from error
            except (OSError, EOFError) as error:
                if cancelled.is_set():
                    raise TransientError("the call was ended", code="cancelled") from error
                self.close()
                raise TransientError("the sandbox ended unexpectedly", code="sandbox") from error
        return cast("T", self._interpret(limits, report, reply))

    def _open_call(self) -> socket.socket:
        ours, theirs = socket.socketpair()
        with self._lock, theirs:
            try:
                socket.send_fds(self._zygote(), [b"c"], [theirs.fileno()])
            except OSError as error:
                ours.close()
                self._control = None
                raise TransientError("the sandbox could not be started", code="sandbox") from error
        return ours

    def _zygote(self) -> socket.socket:
        if self._control is not None and self._finalizer.alive:
            return self._control
        seal_memory()
        if self._finalizer is not None:
            self._finalizer()
        control, theirs = socket.socketpair()
        with theirs:
            config = {"socket": theirs.fileno(), "path": sys.path, "preload": self._preload}
            process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                [sys.executable, "-m", "lectern.sandbox.zygote", json.dumps(config)],
                env=_environment(),
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        self._control = control
        self._finalizer = weakref.finalize(self, _end, process, control)
        return control

    def _interpret(self, limits: Limits, report: dict[str, Any], data: bytes) -> Any:
        cause = report["signal"]
        if report["killed_for"] == "wall":
            raise self._timeout("wall", limits.wall_s)
        if report["killed_for"] == "size":
            raise _crashed("its result was too large")
        if cause == signal.SIGXCPU or (cause and report["cpu_s"] >= limits.cpu_s):
            raise self._timeout("CPU", limits.cpu_s)
        starved = report["memory_bytes"] > limits.memory_bytes // 2
        if cause == signal.SIGKILL or (cause in {signal.SIGABRT, signal.SIGSEGV} and starved):
            raise self._out_of_memory()
        if cause:
            telemetry.logger.warning("parser crashed", extra={"signal": cause})
            raise _crashed(f"it was ended by {signal.Signals(cause).name}")
        try:
            reply = json.loads(data)
        except (ValueError, RecursionError):
            raise _crashed("it gave no result") from None
        if not isinstance(reply, dict):
            raise _crashed("it gave no result")
        return self._read(reply)

    def _read(self, reply: dict[str, Any]) -> Any:
        if "result" in reply:
            return reply["result"]
        if "memory" in reply:
            raise self._out_of_memory()
        if "error" in reply:
            raise _known_error(reply)
        if "bug" in reply:
            telemetry.logger.error("sandbox failed", extra={"frames": str(reply["bug"])[:2000]})
            raise TransientError("the sandbox could not prepare the call", code="sandbox")
        frames = str(reply.get("frames"))[:2000]
        telemetry.logger.warning("parser crashed", extra={"frames": frames})
        raise _crashed(str(reply.get("crash"))[:100])

    def _timeout(self, clock: str, seconds: float) -> TooLarge:
        return TooLarge(
            f"parsing took longer than {seconds:g} s of {clock} time; split the document or raise "
            f"LECTERN_PARSE_{clock.upper()}_S",
            code="parse_timeout",
        )

    def _out_of_memory(self) -> TooLarge:
        megabytes = self._limits.memory_bytes >> 20
        return TooLarge(
            f"parsing needed more than {megabytes} MiB of memory; split the document or raise "
            "LECTERN_PARSE_MEMORY_BYTES",
            code="parse_memory",
        )


def _environment() -> dict[str, str]:
    """Return what the zygote may see: no secret, and one thread per numeric library."""
    kept = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    paths = os.pathsep.join(path for path in sys.path if path)
    threads = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "OMP_THREAD_LIMIT": "1"}
    return {**kept, **threads, "PYTHONPATH": paths, "PYTHONUTF8": "1"}


def _end(process: "subprocess.Popen[bytes]", control: socket.socket) -> None:
    control.close()
    try:
        process.wait(timeout=1)
    except subprocess.TimeoutExpired:  # still importing
        process.kill()
        process.wait()


def _end_call(call: socket.socket, cancelled: threading.Event) -> None:
    """Hang up: the warden kills the worker then."""
    cancelled.set()
    with suppress(OSError):  # it has ended by itself
        call.shutdown(socket.SHUT_RDWR)


def _crashed(reason: str) -> UnreadableDocument:
    return UnreadableDocument(
        f"the parser could not read the document ({reason}); save it anew with another program "
        "and upload that",
        code="parser_crashed",
    )


def _known_error(reply: dict[str, Any]) -> LecternError:
    """Return the error of our taxonomy that the worker names; it can name nothing else."""
    kind = getattr(errors, str(reply["error"]), None)
    if not (isinstance(kind, type) and issubclass(kind, LecternError)):
        kind = UnreadableDocument
    return kind(str(reply.get("detail"))[:1000], code=str(reply.get("code"))[:64])
