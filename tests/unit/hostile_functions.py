"""What the sandbox has to survive; imported by its workers, so that nothing heavy stands here."""

import ctypes
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

from lectern.errors import UnreadableDocument


def echo(value: object) -> object:
    return value


def loaded(module: str) -> bool:
    return module in sys.modules


def environment() -> dict[str, str]:
    return dict(os.environ)


def loop_in_python() -> None:
    while True:
        pass


def loop_in_c() -> None:
    re.match(r"(a+)+b", "a" * 60)


def sleep() -> None:
    time.sleep(60)


def ignore_the_cpu_limit() -> None:
    signal.signal(signal.SIGXCPU, signal.SIG_IGN)
    loop_in_python()


def close_the_pipe_and_stay() -> None:
    os.closerange(3, 64)
    time.sleep(60)


def eat_memory() -> int:
    return len([bytearray(1 << 24) for _ in range(1000)])


def crash() -> None:
    ctypes.string_at(0)


def raise_unreadable() -> None:
    raise UnreadableDocument("page 3 is torn", code="torn")


def raise_with_content() -> None:
    raise RuntimeError("the secret sentence of the document")


def answer_with_rubbish() -> None:
    for descriptor in range(3, 64):
        try:
            os.write(descriptor, b"cos\nsystem\n(S'id'\ntR.")
        except OSError:
            continue
    os._exit(0)


def answer_with_too_much() -> str:
    return "x" * (8 << 20)


def open_socket() -> None:
    socket.socket(socket.AF_INET, socket.SOCK_STREAM)


def native_refusals() -> dict[str, int]:
    """Return the errno of calls made past Python; 0 means that the kernel let them pass."""
    library = ctypes.CDLL(None, use_errno=True)
    results = {}
    for name, arguments in {
        "socket": (socket.AF_INET, socket.SOCK_STREAM, 0),
        "fork": (),
        "execv": (b"/bin/true", (ctypes.c_char_p * 2)(b"/bin/true", None)),
        "kill": (os.getppid(), 0),
    }.items():
        ctypes.set_errno(0)
        answer = getattr(library, name)(*arguments)
        if name == "fork" and answer == 0:
            os._exit(0)
        results[name] = ctypes.get_errno() if answer == -1 else 0
    return results


def fork_bomb() -> None:
    while True:
        os.fork()


def start_program() -> None:
    subprocess.run(["true"], check=True)


def use_threads() -> int:
    results: list[int] = []
    threads = [threading.Thread(target=results.append, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(results)


def write_much(path: str) -> None:
    with Path(path).open("wb") as file:
        file.writelines(bytes(1 << 20) for _ in range(64))


def write_pid_and_sleep(path: str) -> None:
    Path(path).write_text(str(os.getpid()), encoding="ascii")
    time.sleep(60)
