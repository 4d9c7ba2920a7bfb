"""The same functions in this very process, for commands without a running server.

Nothing is imitated: every function is the WSGI application its container serves, reached over
loopback by the client, by the broker and by the other functions. Only the processes are missing.
"""

import os
import secrets
import threading
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Any, Self

from lectern.client import Lectern
from lectern.errors import InvalidEvent, TooLarge
from lectern.local.broker import Broker
from lectern.local.exchange import request
from lectern.local.front import WsgiApp, prepare, worker_api
from lectern.local.home import Home
from lectern.local.lanes import ThreadLanes
from lectern.local.rules import MAX_EVENT_BYTES, Answer, Message
from lectern.local.wiring import load_wiring
from lectern.local.worker import Server, load_function
from lectern.settings import Settings

_READ_TIMEOUT_S = 600.0
_NUMERIC = frozenset({"answer", "embed", "graph-extract", "maintain", "retrieve"})
"""Functions that use NumPy, which two threads must not import at the same time."""


class InProcess:
    """Every function, a broker and a client, between entering and leaving the context.

    Sets the environment variables that tell functions where the others are; so there is one per
    process.
    """

    def __init__(self) -> None:
        self._wiring = load_wiring()
        self._secret = secrets.token_urlsafe(24)
        self._lanes = ThreadLanes(
            {
                name: function.concurrency * function.instances
                for name, function in self._wiring.functions.items()
            }
        )
        self.broker = Broker(self._wiring, self._deliver, self._lanes)
        self._server = Server(self._application())
        self._thread = threading.Thread(
            target=self._server.serve_forever, name="functions", daemon=True
        )

    def __enter__(self) -> Self:
        function_url = f"http://127.0.0.1:{self._server.port}/{{function}}"
        home = Home(Settings().home)
        os.environ |= {
            "LECTERN_HOME": str(home.path),
            "LECTERN_FUNCTION_URL": function_url,
            "LECTERN_PUBLIC_URL": function_url,
            "K_SINK": f"http://127.0.0.1:{self._server.port}/{self._secret}/broker",
            "NO_PROXY": ",".join(filter(None, (os.environ.get("NO_PROXY"), "127.0.0.1"))),
        }
        try:
            prepare(Settings())
        except BaseException:
            self._lanes.close()
            self._server.server_close()
            raise
        self._thread.start()
        self.lectern = Lectern(function_url, home.owner_token(), timeout_s=_READ_TIMEOUT_S)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.lectern.close()
        self._lanes.close()
        self._server.shutdown()
        self._server.server_close()

    def _application(self) -> WsgiApp:
        from werkzeug.exceptions import NotFound
        from werkzeug.middleware.dispatcher import DispatcherMiddleware

        mounts: dict[str, WsgiApp] = {f"/{self._secret}/broker": self._ingress}
        for name in self._wiring.functions:
            app = _Lazy(name)
            event_driven = name in self._wiring.event_driven
            mounts[f"/{name}"] = worker_api(app) if event_driven else app
            mounts[f"/{self._secret}/functions/{name}"] = app
        application: WsgiApp = DispatcherMiddleware(NotFound(), mounts)
        return application

    def _ingress(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        from werkzeug.wrappers import Request, Response

        asked = Request(environ)
        headers = {name.lower(): value for name, value in asked.headers.items()}
        try:
            self.broker.accept(headers, asked.stream.read(MAX_EVENT_BYTES + 1))
        except (InvalidEvent, TooLarge) as error:
            return Response(error.detail, status=error.status)(environ, start)
        return Response("", status=202)(environ, start)

    def _deliver(self, function: str, message: Message, timeout_s: float) -> Answer:
        return request(
            ("127.0.0.1", self._server.port),
            "POST",
            f"/{self._secret}/functions/{function}/",
            headers=message.headers,
            body=message.body,
            timeout_s=timeout_s,
        )


class _Lazy:
    """A function that is loaded for its first request: `ask` never imports a PDF library."""

    _loading = threading.Lock()  # one at a time: functions-framework keeps state of the process

    def __init__(self, function: str) -> None:
        self._function = function
        self._app: WsgiApp | None = None

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        with self._loading:
            if self._app is None:
                if self._function in _NUMERIC:
                    import numpy  # noqa: F401, ICN001 - see _NUMERIC
                self._app = load_function(self._function)
        return self._app(environ, start)
