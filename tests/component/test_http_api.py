"""What every HTTP function does alike: errors, validation, probes, OpenAPI, streaming."""

import json
import logging
from collections.abc import Iterator

import flask
import pytest
from flask.testing import FlaskClient
from pydantic import BaseModel, ConfigDict

from lectern import telemetry
from lectern.errors import Forbidden, RateLimited
from lectern.serving import Api
from lectern.serving.http import MAX_JSON_BYTES, read_body, read_query


class Greeting(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str
    times: int = 1


class Filter(BaseModel):
    model_config = ConfigDict(extra="forbid")

    tag: list[str] = []
    limit: int = 5


def build() -> Api:
    api = Api("greeter", warm_up=lambda: None)

    @api.route("POST", "/v1/greetings", body=Greeting, reply=Greeting, status=201)
    def greet() -> Greeting:
        """Greet somebody.

        Repeats as often as asked.
        """
        return read_body(Greeting)

    @api.route("GET", "/v1/greetings", query=Filter, reply=Filter)
    def find() -> Filter:
        """Find greetings."""
        return read_query(Filter)

    @api.route("DELETE", "/v1/greetings/<greeting_id>")
    def forget(greeting_id: str) -> None:
        """Forget a greeting."""

    @api.route("GET", "/v1/failures/<kind>")
    def fail(kind: str) -> None:
        """Fail in some way."""
        raise {
            "forbidden": Forbidden("not yours"),
            "limited": RateLimited("slow down", retry_after_s=9),
            "bug": ZeroDivisionError("secret"),
        }[kind]

    @api.route("GET", "/v1/stream")
    def stream() -> flask.Response:
        """Stream."""

        def pieces() -> Iterator[bytes]:
            yield b"one"
            yield b"two"

        return flask.Response(pieces(), content_type="text/event-stream")

    return api


@pytest.fixture
def client() -> FlaskClient:
    api = build()
    outer = flask.Flask("outer")

    @outer.route("/", methods=["GET", "POST", "DELETE"])
    @outer.route("/<path:path>", methods=["GET", "POST", "DELETE"])
    def view(path: str = "") -> flask.Response:
        return api(flask.request)

    return outer.test_client()


def test_a_reply_is_the_model_as_json_with_the_declared_status(client: FlaskClient) -> None:
    response = client.post("/v1/greetings", json={"name": "Kim", "times": 2})

    assert response.status_code == 201
    assert response.json == {"name": "Kim", "times": 2}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"", "name"),
        (b"{", "body"),
        (b'{"name": 5}', "name"),
        (b'{"name": "a", "typo": 1}', "typo"),
    ],
)
def test_a_bad_body_names_the_field(client: FlaskClient, body: bytes, field: str) -> None:
    response = client.post("/v1/greetings", data=body)

    assert response.status_code == 400
    assert response.content_type == "application/problem+json"
    assert repr(field) in response.json["detail"]


def test_a_huge_body_is_refused_without_reading_it_whole(client: FlaskClient) -> None:
    response = client.post("/v1/greetings", data=b" " * (MAX_JSON_BYTES + 2))

    assert response.status_code == 400
    assert "larger than" in response.json["detail"]


def test_repeated_query_parameters_make_lists_and_typos_are_errors(client: FlaskClient) -> None:
    good = client.get("/v1/greetings?tag=a&tag=b&limit=7")
    bad = client.get("/v1/greetings?tga=a")

    assert good.json == {"tag": ["a", "b"], "limit": 7}
    assert (bad.status_code, "'tga'" in bad.json["detail"]) == (400, True)


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/v1/failures/forbidden", 403, "forbidden"),
        ("/v1/failures/limited", 429, "rate_limited"),
        ("/v1/failures/bug", 500, "internal"),
        ("/v1/nothing", 404, "not_found"),
    ],
)
def test_every_error_is_problem_json_with_a_trace_id(
    client: FlaskClient, path: str, status: int, code: str
) -> None:
    response = client.get(path)

    assert (response.status_code, response.json["code"]) == (status, code)
    assert response.json["status"] == status
    assert len(response.json["trace_id"]) == 32
    assert b"secret" not in response.data


def test_a_rate_limit_says_when_to_come_back(client: FlaskClient) -> None:
    assert client.get("/v1/failures/limited").headers["Retry-After"] == "9"


def test_the_wrong_method_is_405(client: FlaskClient) -> None:
    assert client.delete("/v1/greetings").status_code == 405


def test_a_view_that_returns_nothing_answers_204(client: FlaskClient) -> None:
    response = client.delete("/v1/greetings/1")

    assert (response.status_code, response.data) == (204, b"")


def test_a_stream_is_passed_on_piece_by_piece(client: FlaskClient) -> None:
    response = client.get("/v1/stream", buffered=False)

    assert list(response.response) == [b"one", b"two"]


def test_probes_are_answered_beside_the_api(client: FlaskClient) -> None:
    assert client.get("/healthz").status_code == 204
    assert client.get("/readyz").json == {"function": "greeter", "ready": True}
    assert b"lectern_handled" in client.get("/metrics").data


def test_the_openapi_document_describes_every_route(client: FlaskClient) -> None:
    document = client.get("/openapi.json").json

    assert document["openapi"].startswith("3.1")
    post = document["paths"]["/v1/greetings"]["post"]
    assert post["summary"] == "Greet somebody."
    assert post["requestBody"]["content"]["application/json"]["schema"]["$ref"].endswith("Greeting")
    assert "201" in post["responses"]
    delete = document["paths"]["/v1/greetings/{greeting_id}"]["delete"]
    assert [parameter["name"] for parameter in delete["parameters"]] == ["greeting_id"]
    names = [p["name"] for p in document["paths"]["/v1/greetings"]["get"]["parameters"]]
    assert names == ["tag", "limit"]


class _Records(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.lines: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record)


@pytest.fixture
def log() -> Iterator[_Records]:
    handler = _Records()
    logging.getLogger("lectern").addHandler(handler)
    yield handler
    logging.getLogger("lectern").removeHandler(handler)


def test_one_log_line_per_request_without_its_content(client: FlaskClient, log: _Records) -> None:
    client.post("/v1/greetings", json={"name": "Confidential"})

    (line,) = (record for record in log.lines if record.message == "handled")
    assert (line.outcome, line.status, line.function) == ("done", 201, "greeter")
    assert "Confidential" not in json.dumps(line.__dict__, default=str)


def test_the_log_is_one_json_object_per_line_with_the_trace() -> None:
    telemetry.continue_trace("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
    record = logging.makeLogRecord({"msg": "handled", "levelname": "INFO", "status": 204})

    line = json.loads(telemetry.JsonFormatter().format(record))

    assert line["trace_id"] == "0af7651916cd43dd8448eb211c80319c"
    assert (line["message"], line["status"]) == ("handled", 204)
