"""Child processes: started with a listening socket, watched, stopped, their output kept."""

import contextlib
import json
import logging
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from logging.handlers import RotatingFileHandler
from pathlib import Path

_LOG_BYTES = 4 << 20
_LOG_FILES = 2
_TAIL_LINES = 40
_CANONICAL = "handled"  # what is wrong was said in a line of its own before
_SILENCE_S = 60.0  # an event that fails is tried many times; once is enough to see
_SAFE_EXTRA = ("function", "event_type", "status", "code", "detail")

log = logging.getLogger("lectern.local")


class ChildProcess:
    """A Python program of ours in a process of its own, with a socket it serves.

    Args:
        name: For logs and `lectern status`.
        arguments: Of the Python interpreter; the socket's descriptor is appended.
        listener: The socket; the child inherits it. While this process keeps it open too, nobody
            who connects is refused, whether the child is up or not.
        environment: The child's whole environment.
        log_file: Where its output goes, as JSON lines, bounded in size.
    """

    def __init__(
        self,
        name: str,
        arguments: Sequence[str],
        listener: socket.socket,
        *,
        environment: Mapping[str, str],
        log_file: Path,
    ) -> None:
        self.name = name
        self.listener = listener
        self._tail: deque[str] = deque(maxlen=_TAIL_LINES)
        self._shown: dict[str, float] = {}
        self._log_file = log_file
        self.address: tuple[str, int] = listener.getsockname()[:2]
        self._process = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, *arguments, str(listener.fileno())],
            stdin=subprocess.PIPE,  # its end tells the child that we are gone
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=dict(environment),
            pass_fds=(listener.fileno(),),
            start_new_session=True,  # Ctrl-C is ours to handle
        )
        self._reader = threading.Thread(target=self._keep_output, name=f"log-{name}", daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        """Process id."""
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """How it ended (negative: by which signal), or None while it runs."""
        return self._process.poll()

    def tail(self) -> str:
        """Return the end of its output that is no log line: a traceback, usually."""
        self._reader.join(timeout=1.0)
        return "\n".join(self._tail)

    def terminate(self) -> None:
        """Ask it to finish what it does and end. Does not wait."""
        with contextlib.suppress(OSError):
            self._process.send_signal(signal.SIGTERM)

    def wait(self, timeout_s: float) -> None:
        """Wait for its end; kill it, and what it started, when it takes longer. Then clean up."""
        try:
            self._process.wait(max(timeout_s, 0.0))
        except subprocess.TimeoutExpired:
            log.warning("%s did not end in time and is killed", self.name)
        with contextlib.suppress(OSError):
            os.killpg(self._process.pid, signal.SIGKILL)  # it leads a group of its own
        self._process.wait()
        if self._process.stdin is not None:
            self._process.stdin.close()
        self.listener.close()

    def _keep_output(self) -> None:
        output = self._process.stdout
        if output is None:
            return
        self._log_file.parent.mkdir(parents=True, exist_ok=True)
        keeper = RotatingFileHandler(
            self._log_file, maxBytes=_LOG_BYTES, backupCount=_LOG_FILES, encoding="utf-8"
        )
        with contextlib.closing(keeper), output:
            for raw in output:
                self._keep_line(raw.decode(errors="replace").rstrip("\n"), keeper)

    def _keep_line(self, line: str, keeper: RotatingFileHandler) -> None:
        fields = _json_object(line)
        if fields is None:
            self._tail.append(line)
            line = json.dumps({"level": "OUTPUT", "function": self.name, "message": line})
        elif fields.get("level") in {"WARNING", "ERROR", "CRITICAL"}:
            self._show(fields)
        keeper.emit(logging.makeLogRecord({"msg": "%s", "args": (line,)}))

    def _show(self, fields: Mapping[str, object]) -> None:
        """Show a warning or an error in the terminal, unless it was shown a moment ago."""
        if fields.get("message") == _CANONICAL:
            return
        text, now = readable(self.name, fields), time.monotonic()
        if now - self._shown.get(text, -_SILENCE_S) >= _SILENCE_S:
            self._shown = {t: at for t, at in self._shown.items() if now - at < _SILENCE_S}
            self._shown[text] = now
            log.log(logging.getLevelNamesMapping()[str(fields["level"])], "%s", text)


def readable(name: str, fields: Mapping[str, object]) -> str:
    """Return a JSON log line as a person reads it in a terminal, one line and no escape codes."""
    extra = ", ".join(f"{key}={fields[key]}" for key in _SAFE_EXTRA[1:] if fields.get(key))
    trace = str(fields.get("traceback", "")).strip().rsplit("\n", 1)[-1]
    text = f"{name}: {fields.get('message', '')}" + (f" ({extra})" if extra else "")
    return re.sub(r"[\x00-\x1f\x7f-\x9f]+", " ", f"{text}: {trace}" if trace else text)


def _json_object(line: str) -> dict[str, object] | None:
    if not line.startswith("{"):
        return None
    try:
        fields = json.loads(line)
    except ValueError:
        return None
    return fields if isinstance(fields, dict) else None
