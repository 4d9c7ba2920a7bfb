"""What a worker gives up before it touches hostile input.

On Linux (x86-64, arm64) a seccomp filter makes the kernel refuse sockets, new processes, programs
and the inspection of other processes; it needs no privilege and binds native code as well. Threads
stay possible. Elsewhere only the audit hook holds, which binds Python code and no native exploit.
"""

import ctypes
import os
import platform
import resource
import signal
import struct
import sys
from contextlib import suppress
from dataclasses import dataclass

_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4
_PR_SET_SECCOMP = 22
_PR_SET_NO_NEW_PRIVS = 38
_SECCOMP_MODE_FILTER = 2

# Classic BPF and seccomp return values (linux/bpf_common.h, linux/seccomp.h).
_LOAD, _IF_EQUAL, _IF_GREATER_EQUAL, _IF_BITS, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _REFUSE, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_EPERM, _ENOSYS = 1, 38
_CLONE_THREAD = 0x00010000
_OFFSET_NUMBER, _OFFSET_ARCHITECTURE, _OFFSET_FIRST_ARGUMENT = 0, 4, 16
_X32_BIT = 0x40000000

_NICENESS = 5
_OPEN_FILES = 128


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one call; sizes in bytes, times in seconds."""

    cpu_s: int
    wall_s: float
    memory_bytes: int
    file_bytes: int


# System calls a worker never needs: their numbers on x86-64 and on arm64 (None: not there).
_REFUSED_CALLS: dict[str, tuple[int, int | None]] = {
    "socket": (41, 198),
    "socketpair": (53, 199),
    "connect": (42, 203),
    "accept": (43, 202),
    "accept4": (288, 242),
    "bind": (49, 200),
    "listen": (50, 201),
    "sendto": (44, 206),
    "sendmsg": (46, 211),
    "execve": (59, 221),
    "execveat": (322, 281),
    "ptrace": (101, 117),
    "kill": (62, 129),
    "tkill": (200, 130),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "mount": (165, 40),
    "unshare": (272, 97),
    "setns": (308, 268),
    "bpf": (321, 280),
    "keyctl": (250, 219),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "userfaultfd": (323, 282),
    "perf_event_open": (298, 241),
    "io_uring_setup": (425, 425),
    "pidfd_open": (434, 434),
    "pidfd_getfd": (438, 438),
    "pidfd_send_signal": (424, 424),
    "fork": (57, None),
    "vfork": (58, None),
}
_CLONE = (56, 220)
_CLONE3 = 435  # on both
_ARCHITECTURES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}  # column, audit id

_REFUSED_AUDITS = frozenset(
    {"socket.__new__", "os.fork", "os.forkpty", "os.exec", "os.posix_spawn", "os.system"}
    | {"os.kill", "os.killpg", "subprocess.Popen"}
)


def confine(limits: Limits, warden: int) -> None:
    """Drop every right that parsing does not need; there is no way back.

    Raises:
        OSError: The kernel refused a limit; the call must not go on.
    """
    if sys.platform == "linux":
        _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != warden:
        os._exit(1)  # the warden died before the line above could bind us to it
    os.nice(_NICENESS)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_NOFILE, _OPEN_FILES)
    _limit(resource.RLIMIT_FSIZE, limits.file_bytes)
    _limit(resource.RLIMIT_CPU, limits.cpu_s, limits.cpu_s + 1)
    with suppress(ValueError):  # macOS knows the limit and refuses to set it
        _limit(resource.RLIMIT_AS, limits.memory_bytes)
    sys.addaudithook(_refuse)
    if sys.platform == "linux":
        seal_memory()
        _prctl(_PR_SET_NO_NEW_PRIVS, 1)
        if platform.machine() in _ARCHITECTURES:
            _install(_filter(*_ARCHITECTURES[platform.machine()]))


def seal_memory() -> None:
    """Make what this process has in memory and environment unreadable for others of its user.

    Linux alone: /proc shows both to every process of the same user otherwise, a confined one
    included. There are no core dumps of this process any more.
    """
    if sys.platform == "linux":
        _prctl(_PR_SET_DUMPABLE, 0)


def _limit(which: int, soft: int, hard: int | None = None) -> None:
    ceiling = resource.getrlimit(which)[1]
    wanted = soft if hard is None else hard
    hard = wanted if ceiling == resource.RLIM_INFINITY else min(wanted, ceiling)
    resource.setrlimit(which, (min(soft, hard), hard))


def _refuse(event: str, _: object) -> None:
    if event in _REFUSED_AUDITS:
        raise PermissionError(f"{event} is refused while a document is parsed")


def _filter(column: int, audit_id: int) -> bytes:
    """Return the seccomp program: refused calls fail with EPERM, everything else passes.

    `clone3` hides its flags behind a pointer; ENOSYS makes the C library fall back to `clone`,
    which is allowed for threads only.
    """
    program = [
        (_LOAD, 0, 0, _OFFSET_ARCHITECTURE),
        (_IF_EQUAL, 1, 0, audit_id),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _OFFSET_NUMBER),
        (_IF_GREATER_EQUAL, 0, 1, _X32_BIT),
        (_RETURN, 0, 0, _KILL),
        (_IF_EQUAL, 0, 1, _CLONE3),
        (_RETURN, 0, 0, _REFUSE | _ENOSYS),
        (_IF_EQUAL, 0, 3, _CLONE[column]),
        (_LOAD, 0, 0, _OFFSET_FIRST_ARGUMENT),
        (_IF_BITS, 1, 0, _CLONE_THREAD),
        (_RETURN, 0, 0, _REFUSE | _EPERM),
        (_LOAD, 0, 0, _OFFSET_NUMBER),
    ]
    for numbers in _REFUSED_CALLS.values():
        if (number := numbers[column]) is not None:
            program += [(_IF_EQUAL, 0, 1, number), (_RETURN, 0, 0, _REFUSE | _EPERM)]
    program.append((_RETURN, 0, 0, _ALLOW))
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in program)


def _install(program: bytes) -> None:
    """Bind this process and its threads to `program`, an array of `sock_filter`."""
    code = ctypes.create_string_buffer(program, len(program))
    count = len(program) // struct.calcsize("=HBBI")
    header = struct.pack("@HP", count, ctypes.addressof(code))
    _prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.create_string_buffer(header, len(header)))


def _prctl(option: int, *values: object) -> None:
    library = ctypes.CDLL(None, use_errno=True)
    arguments = [ctypes.c_ulong(v) if isinstance(v, int) else v for v in values]
    arguments += [ctypes.c_ulong(0)] * (4 - len(arguments))
    if library.prctl(ctypes.c_int(option), *arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"prctl({option}): {os.strerror(number)}")
