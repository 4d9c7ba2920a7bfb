"""Health, readiness and metrics, the same for every function."""

import threading
from collections.abc import Callable

from flask import Response, jsonify
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from lectern import telemetry
from lectern.errors import LecternError, TransientError, problem

PROBE_PATHS = frozenset({"/healthz", "/readyz", "/metrics"})


class Probes:
    """Answers the probe paths of one function.

    Args:
        function: Name of the function, as in the chart.
        warm_up: Loads what the first request needs; called in the worker, after the server forked.
    """

    def __init__(self, function: str, warm_up: Callable[[], object]) -> None:
        self._function = function
        self._warm_up = warm_up
        self._lock = threading.Lock()
        self._ready = False

    def answer(self, path: str) -> Response:
        """Return the answer to a GET of one of `PROBE_PATHS`."""
        if path == "/healthz":
            return Response("", status=204)
        if path == "/metrics":
            return Response(generate_latest(), content_type=CONTENT_TYPE_LATEST)
        return self._readiness()

    def _readiness(self) -> Response:
        try:
            self._load()
        except LecternError as error:
            return _not_ready(error)
        except Exception:  # noqa: BLE001 - whatever is wrong, the answer is: not ready
            telemetry.logger.exception("not ready", extra={"function": self._function})
            return _not_ready(TransientError("the function cannot load what it needs; see its log"))
        return jsonify({"function": self._function, "ready": True})

    def _load(self) -> None:
        with self._lock:
            if self._ready:
                return
            self._warm_up()
            self._ready = True
            seconds = telemetry.seconds_since_start()
            telemetry.READY_SECONDS.labels(self._function).set(seconds)


def _not_ready(error: LecternError) -> Response:
    response = jsonify(problem(error))
    response.status_code = 503
    response.content_type = "application/problem+json"
    return response
