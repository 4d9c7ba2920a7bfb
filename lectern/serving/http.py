"""A function that serves an HTTP API: a Flask application behind one entry point.

Every error leaves as problem JSON; every endpoint is described in `/openapi.json`.
"""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from flask import Flask, Request, Response, jsonify, request
from pydantic import BaseModel, ValidationError
from werkzeug.exceptions import HTTPException

from lectern import telemetry
from lectern.errors import (
    InvalidRequest,
    LecternError,
    PermanentError,
    TransientError,
    Unauthorized,
    problem,
)
from lectern.serving.openapi import Endpoint, describe
from lectern.serving.probes import PROBE_PATHS, Probes
from lectern.serving.process import prepare

M = TypeVar("M", bound=BaseModel)
View = Callable[..., Any]

MAX_JSON_BYTES = 4 << 20


class Api:
    """The HTTP side of one function.

    Args:
        function: Its name, as in the chart.
        warm_up: See `Probes`.
        wants: See `Probes`: the broker, without which people can still read.
    """

    def __init__(
        self,
        function: str,
        warm_up: Callable[[], object],
        *,
        wants: Callable[[], None] | None = None,
    ) -> None:
        self.function = function
        self.app = Flask(function, static_folder=None)
        self._probes = Probes(function, warm_up, wants=wants)
        self._endpoints: list[Endpoint] = []
        self.app.register_error_handler(Exception, _answer_error)
        self.app.add_url_rule("/openapi.json", "openapi", self._openapi)

    def route(
        self,
        method: str,
        path: str,
        *,
        body: type[BaseModel] | None = None,
        query: type[BaseModel] | None = None,
        reply: type[BaseModel] | None = None,
        status: int = 200,
    ) -> Callable[[View], View]:
        """Register a view; `body`, `query` and `reply` are its models in the OpenAPI document.

        The view receives the path's variables, returns a model (sent as JSON with `status`) or a
        Flask response, and reads its input with `read_body` and `read_query`.
        """

        def decorate(view: View) -> View:
            def endpoint(**variables: Any) -> Response:
                result = view(**variables)
                if isinstance(result, BaseModel):
                    return Response(
                        result.model_dump_json(), status=status, content_type="application/json"
                    )
                return Response("", status=204) if result is None else result

            name = f"{method} {path}".replace(".", "-")
            self.app.add_url_rule(path, name, endpoint, methods=[method])
            self._endpoints.append(
                Endpoint(
                    method, path, view.__name__, view.__doc__ or "", body, query, reply, status
                )
            )
            return view

        return decorate

    def __call__(self, outer: Request) -> Response:
        """Serve one request that functions-framework hands over."""
        if outer.method in {"GET", "HEAD"} and outer.path in PROBE_PATHS:
            return self._probes.answer(outer.path)
        prepare(self.function)
        fields = {"method": outer.method}
        trace = outer.headers.get("traceparent")
        with telemetry.canonical_line(self.function, "request", trace, fields) as line:
            inner = cast("Any", self.app.wsgi_app)  # force_type runs any WSGI application
            response = cast("Response", Response.force_type(inner, outer.environ))
            outcome = _outcome(response.status_code)
            line["status"] = response.status_code
            line["outcome"] = line.get("outcome", outcome) if outcome == "done" else outcome
        return response

    def _openapi(self) -> Response:
        return jsonify(describe(self.function, self._endpoints))


def read_body(model: type[M]) -> M:
    """Return the JSON body of the current request as `model`.

    Raises:
        InvalidRequest: It is no JSON, too large, or does not fit; the detail names the field.
    """
    data = request.stream.read(MAX_JSON_BYTES + 1)
    if len(data) > MAX_JSON_BYTES:
        raise InvalidRequest(f"the JSON body is larger than {MAX_JSON_BYTES} bytes")
    return _validated(lambda: model.model_validate_json(data or b"{}"), "body")


def read_query(model: type[M]) -> M:
    """Return the query string of the current request as `model`; repeated keys make lists.

    Raises:
        InvalidRequest: It does not fit; the detail names the parameter.
    """
    lists = {
        name
        for name, field in model.model_fields.items()
        if "list" in str(field.annotation) or "tuple" in str(field.annotation)
    }
    values = {
        key: request.args.getlist(key) if key in lists else request.args[key]
        for key in request.args
    }
    return _validated(lambda: model.model_validate(values), "query")


def _validated(validate: Callable[[], M], place: str) -> M:
    try:
        return validate()
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"])) or place
        raise InvalidRequest(f"{place} is invalid at {where!r}: {first['msg']}") from error


def _answer_error(error: Exception) -> Response:
    if isinstance(error, HTTPException):
        code = (error.name or "error").lower().replace(" ", "_")
        known = LecternError(error.description or error.name, code=code)
        response = _problem_response(known, error.code or 500)
        response.headers.extend(
            (name, value) for name, value in error.get_headers() if name != "Content-Type"
        )  # Allow, Content-Range: what the status needs to make sense
        return response
    if isinstance(error, LecternError):
        return _problem_response(error, error.status)
    telemetry.logger.error("unexpected error", exc_info=error)
    return _problem_response(
        LecternError("unexpected error; the log of the function has it under this trace id"), 500
    )


def _problem_response(error: LecternError, status: int) -> Response:
    telemetry.note(code=error.code, **({"reason": error.reason} if error.reason else {}))
    body = dict(problem(error)) | {"status": status, "trace_id": telemetry.trace_id()}
    response = jsonify(body)
    response.status_code = status
    response.content_type = "application/problem+json"
    if isinstance(error, Unauthorized):
        response.headers["WWW-Authenticate"] = 'Bearer realm="lectern"'
    if isinstance(error, TransientError):
        response.headers["Retry-After"] = str(error.retry_after_s)
    return response


def _outcome(status: int) -> str:
    if status >= LecternError.status:
        return "transient" if status == TransientError.status else "error"
    return "permanent" if status >= PermanentError.status // 100 * 100 else "done"
