"""Health, readiness and metrics, the same for every function."""

import threading
from collections.abc import Callable

from flask import Response, jsonify
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from lectern import telemetry
from lectern.errors import LecternError, TransientError, problem
from lectern.serving.process import prepare

PROBE_PATHS = frozenset({"/healthz", "/readyz", "/metrics"})


class Probes:
    """Answers the probe paths of one function.

    Args:
        function: Name of the function, as in the chart.
        warm_up: Loads what the first request needs; called in the worker, after the server forked.
        needs: Checks at each probe what the function can do nothing without; raises
            `TransientError` for what is missing, and the function is not ready.
        wants: Checks what it can do something without: it is ready, and says what it lacks.
    """

    def __init__(
        self,
        function: str,
        warm_up: Callable[[], object],
        *,
        needs: Callable[[], None] | None = None,
        wants: Callable[[], None] | None = None,
    ) -> None:
        self._function = function
        self._warm_up = warm_up
        self._needs = needs
        self._wants = wants
        self._lock = threading.Lock()
        self._ready = False
        self._told = ""

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
            if self._needs is not None:
                self._needs()
        except LecternError as error:
            return self._not_ready(error)
        except Exception:  # noqa: BLE001 - whatever is wrong, the answer is: not ready
            telemetry.logger.exception("not ready", extra={"function": self._function})
            unknown = TransientError("the function cannot load what it needs; see its log")
            return self._not_ready(unknown)
        return jsonify({"function": self._function, "ready": True} | self._lacks())

    def _lacks(self) -> dict[str, str]:
        try:
            if self._wants is not None:
                self._wants()
        except TransientError as error:
            return {"lacks": error.detail}
        return {}

    def _load(self) -> None:
        """Warm up once. One probe waits for it; others, which come every few milliseconds, do not.

        Raises:
            TransientError: Another probe is waiting.
        """
        if self._ready:
            return
        if not self._lock.acquire(blocking=False):
            raise TransientError("the function is loading what it needs", code="loading")
        try:
            if not self._ready:
                prepare(self._function)
                self._warm_up()
                self._ready = True
                seconds = telemetry.seconds_since_start()
                telemetry.READY_SECONDS.labels(self._function).set(seconds)
        finally:
            self._lock.release()

    def _not_ready(self, error: LecternError) -> Response:
        """Answer 503. It counts as an error: while no pod is ready, no request will tell why."""
        telemetry.count_error(self._function, error)
        if error.reason and error.reason != self._told:  # probes come every few milliseconds
            self._told = error.reason
            extra = {"function": self._function, "code": error.code, "reason": error.reason}
            telemetry.logger.warning("not ready", extra=extra)
        response = jsonify(problem(error))
        response.status_code = 503
        response.content_type = "application/problem+json"
        return response
