"""The program of the front: every function that people and programs call, in one process.

    python -m lectern.local.front FD

FD is the listening socket of `http://127.0.0.1:8080`. Each function is the WSGI application that
its container would serve, below its name. Functions that run as workers are reached through the
internal listener (its address is K_SINK without the last part), and only their `/v1/` and
OpenAPI document: on a cluster nobody but the broker can post events to them either.
"""

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from lectern import __version__
from lectern.errors import Forbidden, LecternError, NotFound, TransientError, problem
from lectern.local.addresses import is_loopback
from lectern.local.wiring import Wiring, load_wiring
from lectern.local.worker import load_function, watch_supervisor

if TYPE_CHECKING:
    from lectern.settings import Settings

WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

_SPARE_THREADS = 8
_GRACEFUL_S = 8
_KEEP_ALIVE_S = 15
_LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})


def build(wiring: Wiring, settings: "Settings") -> WsgiApp:
    """Return the whole front as one WSGI application."""
    from werkzeug.middleware.dispatcher import DispatcherMiddleware

    mounts: dict[str, WsgiApp] = {}
    for name, function in wiring.functions.items():
        if name in wiring.event_driven:
            internal_url = settings.broker_url.rpartition("/")[0]
            app = worker_api(_forwarding(f"{internal_url}/functions/{name}"))
        else:
            app = load_function(name)
        mounts[f"/{name}"] = _bounded(name, app, function.concurrency)
    front: WsgiApp = DispatcherMiddleware(_index(wiring), mounts)
    return _for_loopback_names(front) if is_loopback(settings.host) else front


def prepare(settings: "Settings") -> None:
    """Bring the catalog up to date and make sure that the owner's token opens it."""
    from lectern.catalog import migrate, open_catalog
    from lectern.local.home import Home

    migrate(settings)
    people = open_catalog(settings).people
    owner = people.ensure_owner("owner")
    people.create_token(owner.user_id, "this machine", secret=Home(settings.home).owner_token())


def _bounded(name: str, app: WsgiApp, limit: int) -> WsgiApp:
    """Let in `limit` requests at once, so that no function can take every thread.

    An answer asks retrieve through this very front: with threads for the limits of all functions
    together, it always finds one.
    """
    from werkzeug.wsgi import ClosingIterator

    room = threading.BoundedSemaphore(limit)

    def bounded(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        if not room.acquire(timeout=1.0):
            busy = TransientError(f"{name} has its hands full", code="busy", retry_after_s=1)
            return _problem(busy, environ, start)
        try:
            return ClosingIterator(app(environ, start), room.release)
        except BaseException:
            room.release()
            raise

    return bounded


def worker_api(app: WsgiApp) -> WsgiApp:
    """Let through to a worker what people may ask of it; events come from the broker alone."""

    def guarded(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        path = str(environ.get("PATH_INFO", ""))
        if path.startswith("/v1/") or path == "/openapi.json":
            return app(environ, start)
        return _problem(NotFound(f"there is no {path!r} here"), environ, start)

    return guarded


def _forwarding(base_url: str) -> WsgiApp:
    import httpx
    from werkzeug.wrappers import Request, Response

    client = httpx.Client(timeout=httpx.Timeout(600.0, connect=5.0), trust_env=False)
    kept = ("Authorization", "Content-Type", "Accept", "traceparent")

    def forward(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        request = Request(environ)
        query = f"?{request.query_string.decode()}" if request.query_string else ""
        try:
            answer = client.request(
                request.method,
                base_url + request.path + query,
                headers={name: request.headers[name] for name in kept if name in request.headers},
                content=request.get_data(),
            )
        except httpx.HTTPError:
            gone = TransientError("the worker cannot be reached", code="no_worker")
            return _problem(gone, environ, start)
        response = Response(answer.content, status=answer.status_code)
        for name in ("Content-Type", "Retry-After"):
            if name in answer.headers:
                response.headers[name] = answer.headers[name]
        return response(environ, start)

    return forward


def _index(wiring: Wiring) -> WsgiApp:
    from werkzeug.wrappers import Request, Response

    def index(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        if Request(environ).path != "/":
            return _problem(NotFound("there is no such function"), environ, start)
        from flask import json

        functions = {name: f"/{name}/openapi.json" for name in wiring.functions}
        instance = os.environ.get("LECTERN_INSTANCE", "")
        about = {"lectern": __version__, "instance": instance, "functions": functions}
        return Response(json.dumps(about), content_type="application/json")(environ, start)

    return index


def _for_loopback_names(app: WsgiApp) -> WsgiApp:
    """Refuse other host names: a web page whose name is made to point here (DNS rebinding)."""

    def guarded(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        host = str(environ.get("HTTP_HOST", ""))
        name = host if host.endswith("]") else host.rpartition(":")[0] or host
        if name.lower() not in _LOCAL_NAMES:
            return _problem(
                Forbidden(f"the host name {host[:100]!r} is not one of this machine's"),
                environ,
                start,
            )
        return app(environ, start)

    return guarded


def _problem(
    error: LecternError, environ: dict[str, Any], start: Callable[..., Any]
) -> Iterable[bytes]:
    from flask import json
    from werkzeug.wrappers import Response

    headers: Mapping[str, str] = (
        {"Retry-After": str(error.retry_after_s)} if isinstance(error, TransientError) else {}
    )
    return Response(
        json.dumps(dict(problem(error))),
        status=error.status,
        content_type="application/problem+json",
        headers=dict(headers),
    )(environ, start)


def main() -> None:
    """Run the program."""
    from gunicorn.app.base import BaseApplication

    from lectern.settings import Settings

    settings = Settings()
    wiring = load_wiring()
    threads = sum(f.concurrency for f in wiring.functions.values()) + _SPARE_THREADS
    options = {
        "bind": f"fd://{sys.argv[1]}",
        "worker_class": "gthread",
        "threads": threads,
        "timeout": 0,  # an answer may take its time
        "graceful_timeout": _GRACEFUL_S,
        "keepalive": _KEEP_ALIVE_S,
        "loglevel": "warning",
        "control_socket_disable": True,
        "post_worker_init": lambda _: watch_supervisor(
            lambda: os.kill(os.getppid(), signal.SIGTERM)
        ),
    }

    class Front(BaseApplication):  # type: ignore[misc]
        """Loads the functions in the worker, after the fork: LanceDB does not survive one."""

        def load_config(self) -> None:
            """See `BaseApplication.load_config`."""
            for name, value in options.items():
                self.cfg.set(name, value)

        def load(self) -> WsgiApp:
            """See `BaseApplication.load`."""
            prepare(settings)
            return build(wiring, settings)

    Front().run()


if __name__ == "__main__":
    main()
