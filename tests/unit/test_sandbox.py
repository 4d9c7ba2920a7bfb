"""What hostile input can and cannot do to the process that asked for it to be parsed."""

import errno
import os
import platform
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lectern.errors import LecternError, TooLarge, UnreadableDocument
from lectern.sandbox import Sandbox, scratch_folder
from tests.unit import hostile_functions as hostile

SECCOMP = sys.platform == "linux" and platform.machine() in {"x86_64", "aarch64"}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    sandbox = Sandbox(
        preload=("fractions",), cpu_s=1, wall_s=5, memory_bytes=192 << 20, file_bytes=8 << 20
    )
    yield sandbox
    sandbox.close()


@pytest.fixture(scope="module")
def hasty() -> Iterator[Sandbox]:
    sandbox = Sandbox(cpu_s=30, wall_s=0.5, memory_bytes=512 << 20)
    yield sandbox
    sandbox.close()


def test_a_result_comes_back_as_json(sandbox: Sandbox) -> None:
    result = sandbox.run(hostile.echo, {"pages": [1, 2], "name": "보고서"})

    assert result == {"pages": [1, 2], "name": "보고서"}


def test_preloaded_modules_are_there_before_the_call(sandbox: Sandbox) -> None:
    assert sandbox.run(hostile.loaded, "fractions")


def test_secrets_of_the_environment_are_not_visible(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("LECTERN_S3_SECRET_KEY", "s3cret")
    sandbox = Sandbox(cpu_s=1, wall_s=5, memory_bytes=512 << 20)
    try:
        seen = sandbox.run(hostile.environment)
    finally:
        sandbox.close()

    assert not [name for name in seen if name.startswith("LECTERN_")]


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")
def test_the_memory_of_the_caller_is_sealed_before_anything_hostile_runs() -> None:
    program = (
        "import ctypes\n"
        "from lectern.sandbox import Sandbox\n"
        "dumpable = lambda: ctypes.CDLL(None).prctl(3, 0, 0, 0, 0)\n"
        "before = dumpable()\n"
        "Sandbox(cpu_s=1, wall_s=5, memory_bytes=512 << 20).start()\n"
        "print(before, dumpable())\n"
    )

    seen = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)

    assert seen.stdout.split() == [b"1", b"0"]


@pytest.mark.parametrize(
    ("function", "code", "words"),
    [
        pytest.param(hostile.loop_in_python, "parse_timeout", "1 s of CPU", id="loop in Python"),
        pytest.param(hostile.loop_in_c, "parse_timeout", "1 s of CPU", id="loop in C"),
        pytest.param(hostile.ignore_the_cpu_limit, "parse_timeout", "CPU", id="signal ignored"),
        pytest.param(hostile.eat_memory, "parse_memory", "192 MiB", id="memory bomb"),
    ],
)
def test_limits_end_the_work(
    sandbox: Sandbox, function: Callable[[], object], code: str, words: str
) -> None:
    with pytest.raises(TooLarge, match=words) as caught:
        sandbox.run(function)

    assert caught.value.code == code


@pytest.mark.parametrize("function", [hostile.sleep, hostile.close_the_pipe_and_stay])
def test_the_wall_clock_ends_what_uses_no_cpu(
    hasty: Sandbox, function: Callable[[], object]
) -> None:
    with pytest.raises(TooLarge, match=r"0\.5 s of wall") as caught:
        hasty.run(function)

    assert caught.value.code == "parse_timeout"


@pytest.mark.parametrize(
    "function",
    [
        pytest.param(hostile.crash, id="segmentation fault"),
        pytest.param(hostile.raise_with_content, id="unexpected exception"),
        pytest.param(hostile.answer_with_rubbish, id="a forged reply"),
        pytest.param(hostile.answer_with_too_much, id="a huge reply"),
    ],
)
def test_a_crash_is_the_document_s_fault_and_does_not_quote_it(
    sandbox: Sandbox, function: Callable[[], object]
) -> None:
    with pytest.raises(UnreadableDocument) as caught:
        sandbox.run(function)

    assert caught.value.code == "parser_crashed"
    assert "secret" not in caught.value.detail


def test_errors_of_the_taxonomy_pass_through(sandbox: Sandbox) -> None:
    with pytest.raises(UnreadableDocument, match="page 3 is torn") as caught:
        sandbox.run(hostile.raise_unreadable)

    assert caught.value.code == "torn"


@pytest.mark.parametrize(
    "function", [hostile.open_socket, hostile.fork_bomb, hostile.start_program]
)
def test_network_processes_and_programs_are_refused(
    sandbox: Sandbox, function: Callable[[], object]
) -> None:
    with pytest.raises(UnreadableDocument, match="PermissionError"):
        sandbox.run(function)


@pytest.mark.skipif(not SECCOMP, reason="the kernel filter is for Linux on x86-64 and arm64")
def test_the_kernel_refuses_what_native_code_tries(sandbox: Sandbox) -> None:
    refusals = sandbox.run(hostile.native_refusals)

    assert refusals == dict.fromkeys(("socket", "fork", "execv", "kill"), errno.EPERM)


def test_threads_are_allowed(sandbox: Sandbox) -> None:
    assert sandbox.run(hostile.use_threads) == 6


def test_a_file_cannot_grow_beyond_its_limit(sandbox: Sandbox, tmp_path: Path) -> None:
    target = tmp_path / "bulk"

    with pytest.raises(LecternError):
        sandbox.run(hostile.write_much, str(target))

    assert target.stat().st_size <= 8 << 20


def test_two_calls_run_at_once(hasty: Sandbox) -> None:
    errors: list[str] = []

    def call() -> None:
        with pytest.raises(TooLarge) as caught:
            hasty.run(hostile.sleep)
        errors.append(caught.value.code)

    started = time.monotonic()
    threads = [threading.Thread(target=call) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert errors == ["parse_timeout"] * 3
    assert time.monotonic() - started < 1.4


def test_a_killed_zygote_is_replaced(sandbox: Sandbox) -> None:
    sandbox.run(hostile.echo, 1)
    sandbox.close()

    assert sandbox.run(hostile.echo, 2) == 2


def test_a_killed_caller_leaves_nothing_running(tmp_path: Path) -> None:
    marker = tmp_path / "pid"
    program = (
        "from lectern.sandbox import Sandbox; from tests.unit import hostile_functions as h;"
        "s = Sandbox(cpu_s=9, wall_s=60, memory_bytes=1 << 29);"
        f"s.run(h.write_pid_and_sleep, {str(marker)!r})"
    )
    caller = subprocess.Popen([sys.executable, "-c", program])
    worker = int(_wait_for(lambda: marker.exists() and marker.read_text(encoding="ascii")))

    caller.send_signal(signal.SIGKILL)
    caller.wait()

    assert _wait_for(lambda: not _alive(worker))


def test_a_call_that_is_ended_from_another_thread_is_killed(tmp_path: Path) -> None:
    patient = Sandbox(cpu_s=30, wall_s=60, memory_bytes=512 << 20)
    marker = tmp_path / "pid"
    enders: list[Callable[[], None]] = []
    raised: list[LecternError] = []

    def call() -> None:
        try:
            patient.run(hostile.write_pid_and_sleep, str(marker), on_cancel=enders.append)
        except LecternError as error:
            raised.append(error)

    thread = threading.Thread(target=call)
    thread.start()
    assert _wait_for(lambda: marker.exists() and marker.read_text(encoding="ascii") != "")
    worker = int(marker.read_text(encoding="ascii"))
    enders[0]()
    thread.join(10)

    try:
        assert [error.code for error in raised] == ["cancelled"]
        assert _wait_for(lambda: not _alive(worker))
        assert patient.run(hostile.echo, 1, on_cancel=enders.append) == 1, "the zygote went too"
        enders[1]()
    finally:
        patient.close()


def test_a_call_may_have_less_time_than_others_and_not_more(hasty: Sandbox) -> None:
    for wall_s, longest_s in ((0.05, 0.4), (60.0, 5.0)):
        began = time.monotonic()
        with pytest.raises(TooLarge) as raised:
            hasty.run(hostile.sleep, wall_s=wall_s)
        assert raised.value.code == "parse_timeout"
        assert time.monotonic() - began < longest_s


def test_the_sandbox_ends_without_a_word() -> None:
    run = (
        "from lectern.sandbox import Sandbox; from tests.unit import hostile_functions as h; "
        "s = Sandbox(preload=['duckdb'], cpu_s=5, wall_s=5, memory_bytes=1 << 30); "
        "print(s.run(h.echo, 1)); s.close()"
    )
    done = subprocess.run(
        [sys.executable, "-c", run], capture_output=True, text=True, timeout=60, check=True
    )

    assert (done.stdout, done.stderr) == ("1\n", "")


def test_scratch_folders_are_removed_also_after_a_kill(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    program = (
        "import os, signal; from lectern.sandbox import scratch_folder\n"
        "with scratch_folder('test') as folder:\n"
        "    (folder / 'left').touch(); os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    subprocess.run(
        [sys.executable, "-c", program], env=os.environ | {"TMPDIR": str(tmp_path)}, check=False
    )
    assert list(tmp_path.rglob("left"))

    with scratch_folder("test") as mine, scratch_folder("test") as neighbour:
        assert mine.is_dir()
        assert neighbour.is_dir()
        assert not list(tmp_path.rglob("left"))

    assert not [path for path in tmp_path.rglob("*") if path.parent != tmp_path]


def _wait_for(condition: Callable[[], object], *, seconds: float = 10) -> object:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if result := condition():
            return result
        time.sleep(0.01)
    return condition()


def _alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state not in {"Z", "X"}
