"""The program that waits, warm, to be forked: `python -m lectern.sandbox.zygote`.

Started with one argument, JSON: `socket` (descriptor of the control socket), `path` (sys.path) and
`preload` (modules). Each byte on the control socket carries the descriptor of one call's socket. It
ends when the control socket does. It stays single-threaded; what follows a fork relies on that.
"""

import gc
import importlib
import json
import os
import pickle
import selectors
import signal
import socket
import sys
import time
import traceback
from typing import Any

from lectern.errors import LecternError, UnreadableDocument
from lectern.sandbox.confinement import Limits, confine
from lectern.sandbox.wire import receive, send

MAX_REPLY_BYTES = 4 << 20
_POLL_S = 0.005
_RSS_UNIT = 1 if sys.platform == "darwin" else 1024


def main() -> None:
    """Serve calls until the caller is gone."""
    config = json.loads(sys.argv[1])
    sys.path[:] = config["path"]
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # wardens report to the caller, not to us
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for module in config["preload"]:
        importlib.import_module(module)
    gc.freeze()  # pages shared with the children are not written to by their collector
    with socket.socket(fileno=config["socket"]) as control:
        while True:
            data, descriptors, _, _ = socket.recv_fds(control, 1, 1)
            if not data:
                return
            with socket.socket(fileno=descriptors[0]) as call:
                if os.fork() == 0:
                    control.close()
                    _guard(call)


def _guard(call: socket.socket) -> None:
    """Be the warden of one call; never returns."""
    code = 1
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        limits, request = pickle.loads(receive(call))  # noqa: S301 - the caller is trusted
        deadline = time.monotonic() + limits.wall_s
        read_end, write_end = os.pipe()
        warden = os.getpid()
        worker = os.fork()
        if worker == 0:
            call.close()
            os.close(read_end)
            _work(limits, request, write_end, warden)
        os.close(write_end)
        reply, killed_for = _await(worker, read_end, call, deadline)
        _, status, usage = os.wait4(worker, 0)
        report = {
            "signal": os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0,
            "killed_for": killed_for,
            "cpu_s": usage.ru_utime + usage.ru_stime,
            "memory_bytes": usage.ru_maxrss * _RSS_UNIT,
        }
        send(call, json.dumps(report).encode())
        send(call, reply)
        code = 0
    finally:
        os._exit(code)


def _await(worker: int, read_end: int, call: socket.socket, deadline: float) -> tuple[bytes, str]:
    """Return what the worker wrote, and why it was killed ("": it ended); it is dead afterwards."""
    pieces: list[bytes] = []
    size = 0
    with selectors.DefaultSelector() as selector:
        selector.register(read_end, selectors.EVENT_READ)
        selector.register(call, selectors.EVENT_READ)
        while (left := deadline - time.monotonic()) > 0:
            ready = {key.fd for key, _ in selector.select(left)}
            if call.fileno() in ready:  # the caller is gone: it sends nothing more
                os.kill(worker, signal.SIGKILL)
                os._exit(0)
            if read_end in ready:
                piece = os.read(read_end, 1 << 16)
                size += len(piece)
                if not piece or size > MAX_REPLY_BYTES:
                    break
                pieces.append(piece)
    os.close(read_end)
    while time.monotonic() < deadline and size <= MAX_REPLY_BYTES:
        if os.waitid(os.P_PID, worker, os.WEXITED | os.WNOHANG | os.WNOWAIT):
            return b"".join(pieces), ""
        time.sleep(_POLL_S)
    os.kill(worker, signal.SIGKILL)
    return b"", "wall" if size <= MAX_REPLY_BYTES else "size"


def _work(limits: Limits, request: bytes, write_end: int, warden: int) -> None:
    """Be the worker of one call; never returns."""
    os.setsid()
    _silence()
    try:
        reply = _reply(limits, request, warden)
    except BaseException:  # noqa: BLE001 - the process ends here, whatever happened
        reply = {"bug": _frames()}
    try:
        data = json.dumps(reply).encode()
        while data:
            data = data[os.write(write_end, data) :]
    finally:
        os._exit(0)


def _reply(limits: Limits, request: bytes, warden: int) -> dict[str, Any]:
    function, arguments = pickle.loads(request)  # noqa: S301 - the caller is trusted
    confine(limits, warden)
    try:
        return {"result": function(*arguments)}
    except LecternError as error:
        if isinstance(error, UnreadableDocument) and _near_limit(limits):
            return {"memory": True}  # "damaged" is what a failed allocation looked like
        return {"error": type(error).__name__, "detail": error.detail, "code": error.code}
    except MemoryError:
        return {"memory": True}
    except Exception as error:  # noqa: BLE001 - parsers raise anything on hostile input
        if _near_limit(limits):
            return {"memory": True}
        return {"crash": type(error).__name__, "frames": _frames()}


def _near_limit(limits: Limits) -> bool:
    """Whether an allocation failed: libraries report that as errors of their own."""
    try:
        with open("/proc/self/status", encoding="ascii") as status:  # noqa: PTH123 - no import now
            peak = next(int(row.split()[1]) * 1024 for row in status if row.startswith("VmPeak"))
    except (OSError, StopIteration, MemoryError):
        return False
    return peak > limits.memory_bytes * 0.85


def _frames() -> str:
    """Return where the current exception came from, without its message: that may quote content."""
    kind, _, trace = sys.exc_info()
    places = [f"{f.filename}:{f.lineno} {f.name}" for f in traceback.extract_tb(trace)[-6:]]
    return f"{kind.__name__ if kind else '?'} at {' < '.join(reversed(places))}"


def _silence() -> None:
    """Parsers print what they think of the input; nobody reads it, and it may quote content."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)


if __name__ == "__main__":
    main()
    os._exit(0)  # nothing is left to tidy, and native modules complain of an interpreter that ends
