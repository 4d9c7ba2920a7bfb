"""What a Knative broker demands of every function that consumes events (Knative 1.23).

Sources: knative/eventing `pkg/kncloudevents/retries.go` (which statuses are delivered again) and
`pkg/broker/filter/filter_handler.go` (a 2xx body is empty or a CloudEvent).
"""

import json
import threading
from collections.abc import Callable

import flask
import pytest
from flask.testing import FlaskClient
from prometheus_client import REGISTRY

from lectern import errors
from lectern.errors import REDELIVERED_STATUSES, LecternError, PermanentError, TransientError
from lectern.events import Envelope, Event, PartParsed, encode
from lectern.serving import consumes
from lectern.serving.consumer import MAX_BODY_BYTES

EVENT = PartParsed(
    collection_id="c",
    document_id="d",
    revision=1,
    part=1,
    parts=2,
    chunks_key="parsed/c/d/1/part-0001.jsonl.zst",
    chunk_count=3,
)


METHODS = ["GET", "POST", "PUT", "DELETE"]


class Function:
    """A function under test whose handler is given per test."""

    def __init__(self) -> None:
        self.handle: Callable[[PartParsed], None] = lambda event: None
        self.warm_up: Callable[[], object] = lambda: None
        self.reported: list[PermanentError] = []
        self.seen: list[PartParsed] = []
        entry = consumes(
            PartParsed,
            function="embed",
            warm_up=self._warm_up,
            on_permanent_error=lambda event, error: self.reported.append(error),
        )(self._handle)
        app = flask.Flask("test")

        @app.route("/", methods=METHODS)
        @app.route("/<path:path>", methods=METHODS)
        def view(path: str = "") -> flask.Response:
            return entry(flask.request)

        self.client: FlaskClient = app.test_client()

    def _warm_up(self) -> None:
        self.warm_up()

    def _handle(self, event: PartParsed) -> None:
        self.seen.append(event)
        self.handle(event)

    def fail_with(self, error: Exception) -> None:
        def handle(event: PartParsed) -> None:
            raise error

        self.handle = handle

    def deliver(self, event: Event = EVENT, **headers: str) -> flask.Response:
        encoded, body = encode(Envelope.of(event, source="/lectern/parse"))
        extra = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.post("/", data=body, headers=encoded | extra)


@pytest.fixture
def function() -> Function:
    return Function()


def every(base: type[LecternError]) -> list[type[LecternError]]:
    found = [value for value in vars(errors).values() if isinstance(value, type)]
    return [value for value in found if issubclass(value, base)]


def test_success_has_an_empty_body_because_any_other_text_counts_as_a_failed_delivery(
    function: Function,
) -> None:
    response = function.deliver()

    assert response.status_code == 204
    assert response.data == b""
    assert function.seen == [EVENT]


@pytest.mark.parametrize("error", every(PermanentError), ids=lambda error: error.__name__)
def test_a_permanent_error_is_final(function: Function, error: type[LecternError]) -> None:
    function.fail_with(error("it is so"))

    response = function.deliver()

    assert 400 <= response.status_code < 500
    assert response.status_code not in REDELIVERED_STATUSES
    assert [type(reported) for reported in function.reported] == [error]


@pytest.mark.parametrize("error", every(TransientError), ids=lambda error: error.__name__)
def test_a_transient_error_is_delivered_again(
    function: Function, error: type[TransientError]
) -> None:
    function.fail_with(error("later", retry_after_s=7))

    response = function.deliver()

    assert response.status_code >= 500 or response.status_code in REDELIVERED_STATUSES
    assert response.headers["Retry-After"] == "7"
    assert function.reported == []


def test_a_bug_is_delivered_again_and_tells_the_sender_nothing(function: Function) -> None:
    function.fail_with(ZeroDivisionError("secret"))

    response = function.deliver()

    assert response.status_code == 500
    assert b"secret" not in response.data


def test_an_error_body_is_problem_json_that_fits_into_the_dead_letter(function: Function) -> None:
    function.fail_with(errors.UnreadableDocument("x" * 5000, code="damaged"))

    response = function.deliver()

    assert response.content_type == "application/problem+json"
    assert len(response.data) <= 1024, "knativeerrordata keeps 1024 characters"
    problem = json.loads(response.data)
    assert (problem["code"], problem["status"]) == ("damaged", 422)


def test_a_reporter_that_fails_for_now_makes_the_broker_come_again(function: Function) -> None:
    def refuse(event: Event, error: PermanentError) -> None:
        raise TransientError("catalog is away")

    entry = consumes(PartParsed, function="embed", warm_up=lambda: None, on_permanent_error=refuse)
    function.fail_with(errors.UnreadableDocument("bad"))
    served = entry(function.handle)
    app = flask.Flask("test")
    app.add_url_rule("/", "root", lambda: served(flask.request), methods=["POST"])
    headers, body = encode(Envelope.of(EVENT, source="/lectern/parse"))

    response = app.test_client().post("/", data=body, headers=headers)

    assert response.status_code == 503


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        pytest.param({}, b"", id="nothing at all"),
        pytest.param({"content-type": "application/json"}, b"{}", id="plain JSON"),
        pytest.param({"content-type": "application/cloudevents-batch+json"}, b"[]", id="a batch"),
        pytest.param({"content-type": "application/cloudevents+json"}, b"{", id="cut off"),
        pytest.param(
            {"ce-specversion": "0.3", "ce-id": "1", "ce-source": "s", "ce-type": "t"},
            b"{}",
            id="an old specification",
        ),
        pytest.param(
            {"ce-specversion": "1.0", "ce-id": "1", "ce-source": "s", "ce-type": "t"},
            b"{}",
            id="a type of somebody else",
        ),
        pytest.param(
            {
                "ce-specversion": "1.0",
                "ce-id": "1",
                "ce-source": "s",
                "ce-type": PartParsed.event_type,
            },
            b'{"part": "one"}',
            id="data that does not fit",
        ),
        pytest.param(
            {
                "ce-specversion": "1.0",
                "ce-id": "1",
                "ce-source": "s",
                "ce-type": PartParsed.event_type,
            },
            b"x" * (MAX_BODY_BYTES + 1),
            id="too large",
        ),
    ],
)
def test_what_is_not_our_event_is_refused_for_good(
    function: Function, headers: dict[str, str], body: bytes
) -> None:
    response = function.client.post("/", data=body, headers=headers)

    assert response.status_code == 400
    assert function.seen == []
    assert function.reported == [], "no document is known to have failed"


def test_structured_and_binary_mode_are_read_alike(function: Function) -> None:
    structured = {
        "specversion": "1.0",
        "id": EVENT.event_id(),
        "source": "/lectern/parse",
        "type": EVENT.event_type,
        "datacontenttype": "application/json",
        "data": EVENT.model_dump(),
    }

    response = function.client.post(
        "/", data=json.dumps(structured), content_type="application/cloudevents+json"
    )

    assert response.status_code == 204
    assert function.seen == [EVENT]


def test_fields_of_a_newer_version_are_ignored(function: Function) -> None:
    headers, body = encode(Envelope.of(EVENT, source="/lectern/parse"))
    newer = json.dumps(json.loads(body) | {"added_later": 1})

    response = function.client.post("/", data=newer, headers=headers)

    assert response.status_code == 204
    assert function.seen == [EVENT]


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_only_post_delivers_and_no_path_answers_404(function: Function, method: str) -> None:
    for path in ("/", "/anything"):
        response = function.client.open(path, method=method)

        assert response.status_code == 405
        assert response.headers["Allow"] == "POST"


def test_health_needs_nothing_and_readiness_loads_what_the_first_request_needs(
    function: Function,
) -> None:
    loaded: list[bool] = []
    function.warm_up = lambda: loaded.append(True)

    health = function.client.get("/healthz")
    assert (health.status_code, loaded) == (204, [])

    first, second = function.client.get("/readyz"), function.client.get("/readyz")
    assert (first.status_code, second.status_code) == (200, 200)
    assert loaded == [True]


def test_readiness_says_why_it_is_not_there_yet_and_recovers(function: Function) -> None:
    def broken() -> None:
        raise TransientError("the catalog cannot be reached", code="no_catalog")

    function.warm_up = broken
    waiting = function.client.get("/readyz")
    function.warm_up = lambda: None
    recovered = function.client.get("/readyz")

    assert (waiting.status_code, waiting.json["code"]) == (503, "no_catalog")
    assert recovered.status_code == 200


def test_a_function_that_cannot_get_ready_counts_why(function: Function) -> None:
    counted = {"function": "embed", "outcome": "transient", "code": "catalog_unavailable"}
    before = REGISTRY.get_sample_value("lectern_errors_total", counted) or 0.0

    def broken() -> None:
        raise TransientError("the catalog cannot be reached", code="catalog_unavailable")

    function.warm_up = broken
    function.client.get("/readyz")

    assert REGISTRY.get_sample_value("lectern_errors_total", counted) == before + 1


def test_a_probe_that_comes_while_another_waits_is_answered_at_once(function: Function) -> None:
    began, may_end = threading.Event(), threading.Event()

    def slow() -> None:
        began.set()
        may_end.wait(10)

    function.warm_up = slow
    first = threading.Thread(target=lambda: function.client.get("/readyz"))
    first.start()
    began.wait(10)
    second = function.client.application.test_client().get("/readyz")
    may_end.set()
    first.join()
    third = function.client.get("/readyz")

    assert (second.status_code, second.json["code"]) == (503, "loading")
    assert third.status_code == 200


def test_metrics_count_what_was_handled(function: Function) -> None:
    function.deliver()

    text = function.client.get("/metrics").get_data(as_text=True)

    assert 'lectern_handled_total{function="embed",kind="event",outcome="done"}' in text


@pytest.mark.parametrize(
    ("error", "labels"),
    [
        (TransientError("later", code="catalog_unavailable"), ("transient", "catalog_unavailable")),
        (errors.UnreadableDocument("no", code="damaged"), ("permanent", "damaged")),
        (ZeroDivisionError(), ("error", "internal")),
    ],
)
def test_metrics_count_errors_by_code(
    function: Function, error: Exception, labels: tuple[str, str]
) -> None:
    counted = {"function": "embed", "outcome": labels[0], "code": labels[1]}
    before = REGISTRY.get_sample_value("lectern_errors_total", counted) or 0.0
    function.fail_with(error)
    function.deliver()

    assert REGISTRY.get_sample_value("lectern_errors_total", counted) == before + 1
