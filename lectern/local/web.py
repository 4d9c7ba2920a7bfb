"""The web UI of this machine: one more process below `lectern up`, when it is installed."""

import importlib.util
import logging
import socket
import time
from collections.abc import Mapping

from lectern.local.addresses import listening_socket
from lectern.local.home import Home
from lectern.local.process import ChildProcess
from lectern.settings import Settings

_STOP_TIMEOUT_S = 8.0
_RESTARTS = 3
_RESTARTS_WITHIN_S = 60.0

log = logging.getLogger("lectern.local")


class WebUi:
    """The process that serves the web UI; without it everything else goes on.

    Args:
        settings: Of this machine.
        home: Where the owner's token and the logs are.
    """

    def __init__(self, settings: Settings, home: Home) -> None:
        self._settings = settings
        self._home = home
        self.address = ""
        self._listener: socket.socket | None = None
        self._process: ChildProcess | None = None
        self._environment: Mapping[str, str] = {}
        self._restarts: list[float] = []

    @property
    def process(self) -> ChildProcess | None:
        """The process, while there is one."""
        return self._process

    def listen(self) -> None:
        """Take the port, which gives the address; a line says why there is none.

        Whoever connects before the process is up waits a moment.
        """
        if not self._settings.web:
            return
        missing = [name for name in ("streamlit", "web") if not importlib.util.find_spec(name)]
        if missing:
            log.warning(
                "no web UI: %s is not installed; `pip install 'lectern[web]'` adds it", missing[0]
            )
            return
        self._listener = self._bind()
        host, port = self._listener.getsockname()[:2]
        if host in {"0.0.0.0", "::"}:  # noqa: S104 - compared, not bound to
            host = "127.0.0.1"
        self.address = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    def start(self, environment: Mapping[str, str]) -> None:
        """Start the process, if there is a port for it.

        Args:
            environment: The children's.
        """
        if self._listener is None:
            return
        self._environment = {
            **environment,
            "LECTERN_WEB_HOST": self._settings.host,
            "LECTERN_WEB_OWNER_TOKEN_FILE": str(self._home.owner_token_file),
        }
        self._home.forget_sign_in_codes()
        self._process = self._start_process(self._listener)

    def tend(self) -> None:
        """Start the process again if it has ended, but not for ever."""
        process, listener, now = self._process, self._listener, time.monotonic()
        if process is None or listener is None or process.exit_code is None:
            return
        log.error("web ended with exit code %s\n%s", process.exit_code, process.tail())
        process.wait(0)
        self._restarts = [at for at in self._restarts if now - at < _RESTARTS_WITHIN_S] + [now]
        if len(self._restarts) > _RESTARTS:
            log.error("web ends again and again and stays down; see its log")
            self._process = None
            return
        self._process = self._start_process(listener)

    def stop(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(_STOP_TIMEOUT_S)
        if self._listener is not None:
            self._listener.close()

    def _start_process(self, listener: socket.socket) -> ChildProcess:
        return ChildProcess(
            "web",
            ["-m", "web"],
            listener.dup(),
            environment=self._environment,
            log_file=self._home.logs / "web.log",
        )

    def _bind(self) -> socket.socket:
        """Return the socket; another port than the usual one when that is taken."""
        host, port = self._settings.host, self._settings.web_port
        try:
            return listening_socket(host, port)
        except OSError as error:
            log.warning(
                "port %s is taken (%s): the web UI gets another; LECTERN_WEB_PORT chooses one",
                port,
                error.strerror,
            )
            return listening_socket(host, 0)


def sign_in_link(home: Home, web: str) -> str:
    """Return a link that signs this machine's owner in, once.

    Args:
        home: The folder whose owner it is for.
        web: The address of the web UI.
    """
    return f"{web}/login?code={home.sign_in_code()}"
