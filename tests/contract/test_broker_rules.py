"""The local broker keeps Knative's rules. Sources are files of knative/eventing, 1.22 and 1.23."""

import base64
import json
from collections.abc import Callable, Mapping
from datetime import timedelta

import pytest

from lectern.errors import InvalidEvent, TooLarge
from lectern.local.broker import Broker
from lectern.local.rules import MAX_EVENT_BYTES, Answer, Message, no_answer
from lectern.local.wiring import DeliveryPolicy, FunctionWiring, Wiring

UPLOADED = "dev.lectern.document.uploaded.v1"
EVENT = {
    "ce-specversion": "1.0",
    "ce-id": "e1",
    "ce-type": UPLOADED,
    "ce-source": "/lectern/intake",
    "content-type": "application/json",
}
DONE = Answer(204, {})
BROKEN = Answer(503, {})


class ClockedLanes:
    """Lanes on a clock that moves only by what it is asked to wait for."""

    def __init__(self) -> None:
        self.now = 0.0
        self._jobs: list[tuple[float, int, Callable[[], None]]] = []
        self._count = 0

    def run(self, lane: str, job: Callable[[], None]) -> None:
        del lane
        self.later(0, job)

    def later(self, delay_s: float, job: Callable[[], None]) -> None:
        self._count += 1
        self._jobs.append((self.now + delay_s, self._count, job))

    def run_until_quiet(self) -> None:
        while self._jobs:
            self._jobs.sort(key=lambda entry: entry[:2])
            due, _, job = self._jobs.pop(0)
            self.now = max(self.now, due)
            job()


class Cluster:
    """A broker in front of functions that answer what the test says, and remember what they got."""

    def __init__(
        self,
        answers: Mapping[str, list[Answer]] | None = None,
        *,
        policy: str = "exponential",
        retry: int = 3,
        own_policy: DeliveryPolicy | None = None,
    ) -> None:
        self.answers = {name: list(given) for name, given in (answers or {}).items()}
        self.got: dict[str, list[Message]] = {"parse": [], "watch": [], "maintain": []}
        self.times: list[float] = []
        self.timeouts: list[float] = []
        self.lanes = ClockedLanes()
        wiring = Wiring.model_validate(
            {
                "delivery": {
                    "retry": retry,
                    "backoffPolicy": policy,
                    "backoffDelay": "PT0.5S",
                    "timeout": "PT610S",
                },
                "deadLetterSink": "maintain",
                "functions": {
                    "parse": {"events": [UPLOADED], "concurrency": 1, "timeoutSeconds": 600},
                    "watch": {"events": ["other.v1"], "concurrency": 1, "timeoutSeconds": 600},
                    "maintain": {"events": [], "concurrency": 1, "timeoutSeconds": 600},
                },
            }
        )
        if own_policy:
            parse = wiring.functions["parse"].model_copy(update={"delivery": own_policy})
            functions: dict[str, FunctionWiring] = {**wiring.functions, "parse": parse}
            wiring = wiring.model_copy(update={"functions": functions})
        self.broker = Broker(wiring, self._deliver, self.lanes)

    def _deliver(self, function: str, message: Message, timeout_s: float) -> Answer:
        self.got[function].append(message)
        self.timeouts.append(timeout_s)
        if function == "parse":
            self.times.append(self.lanes.now)
        left = self.answers.get(function) or [DONE]
        return left.pop(0) if len(left) > 1 else left[0]

    def send(self, headers: Mapping[str, str] = EVENT, body: bytes = b"{}") -> None:
        self.broker.accept(headers, body)
        self.lanes.run_until_quiet()


# --- ingress: pkg/broker/ingress/ingress_handler.go ---


def test_an_event_goes_to_who_wants_its_type_and_to_nobody_else() -> None:
    cluster = Cluster()

    cluster.send()

    assert {name: len(got) for name, got in cluster.got.items()} == {
        "parse": 1,
        "watch": 0,
        "maintain": 0,
    }


def test_structured_mode_is_delivered_in_binary_mode() -> None:
    cluster = Cluster()
    event = {"specversion": "1.0", "id": "e1", "type": UPLOADED, "source": "s", "data": {"a": 1}}

    cluster.send(
        {"Content-Type": "application/cloudevents+json"},
        json.dumps(event | {"datacontenttype": "application/json"}).encode(),
    )

    (message,) = cluster.got["parse"]
    assert (message.headers["ce-id"], message.headers["ce-type"]) == ("e1", UPLOADED)
    assert message.headers["content-type"] == "application/json"
    assert json.loads(message.body) == {"a": 1}


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        pytest.param({"content-type": "application/json"}, b"{}", id="no event"),
        pytest.param({**EVENT, "ce-specversion": "9"}, b"{}", id="unknown version"),
        pytest.param({n: v for n, v in EVENT.items() if n != "ce-id"}, b"{}", id="no id"),
        pytest.param({"content-type": "application/cloudevents-batch+json"}, b"[]", id="batch"),
    ],
)
def test_what_is_no_single_event_is_refused(headers: dict[str, str], body: bytes) -> None:
    cluster = Cluster()

    with pytest.raises(InvalidEvent):
        cluster.send(headers, body)

    assert cluster.broker.open_deliveries == 0


def test_an_event_that_kafka_might_refuse_is_refused_here_too() -> None:
    cluster = Cluster()

    with pytest.raises(TooLarge):
        cluster.send(body=b"x" * (MAX_EVENT_BYTES + 1))


def test_only_a_few_headers_survive_the_broker() -> None:  # pkg/utils/headers.go
    cluster = Cluster()

    cluster.send(
        {
            **EVENT,
            "Authorization": "Bearer secret",
            "X-Tenant": "a",
            "X-Request-Id": "r1",
            "Knative-Foo": "b",
            "traceparent": "00-x",
        }
    )

    headers = cluster.got["parse"][0].headers
    assert not {"authorization", "x-tenant"} & headers.keys()
    assert (headers["x-request-id"], headers["knative-foo"]) == ("r1", "b")
    assert headers["traceparent"] == "00-x"


def test_attributes_and_extensions_arrive_unchanged() -> None:
    cluster = Cluster()

    cluster.send({**EVENT, "ce-time": "2026-01-01T00:00:00Z", "ce-mine": "x"})

    headers = cluster.got["parse"][0].headers
    assert (headers["ce-time"], headers["ce-mine"]) == ("2026-01-01T00:00:00Z", "x")


def test_a_reply_is_asked_for_and_the_hop_counter_is_hidden() -> None:
    cluster = (
        Cluster()
    )  # pkg/kncloudevents/event_dispatcher.go; pkg/broker/filter/filter_handler.go

    cluster.send()

    headers = cluster.got["parse"][0].headers
    assert headers["prefer"] == "reply"
    assert "ce-knativebrokerttl" not in headers


# --- answers: pkg/broker/filter/filter_handler.go, writeResponse ---


@pytest.mark.parametrize("status", [200, 202, 204])
def test_success_with_an_empty_body_is_done(status: int) -> None:
    cluster = Cluster({"parse": [Answer(status, {})]})

    cluster.send()

    assert len(cluster.got["parse"]) == 1
    assert cluster.got["maintain"] == []


def test_success_with_a_body_that_is_no_event_counts_as_502_and_is_tried_again() -> None:
    cluster = Cluster({"parse": [Answer(200, {"Content-Type": "text/html"}, b"OK")]})

    cluster.send()

    assert len(cluster.got["parse"]) == 1 + 3
    assert cluster.got["maintain"][0].headers["ce-knativeerrorcode"] == "502"


def test_a_reply_event_goes_through_the_broker() -> None:
    reply = Answer(200, {**EVENT, "ce-type": "other.v1", "ce-id": "e2"}, b'{"b":2}')
    cluster = Cluster({"parse": [reply]})

    cluster.send()

    assert [message.headers["ce-id"] for message in cluster.got["watch"]] == ["e2"]


def test_a_reply_that_goes_in_circles_ends_after_255_hops_as_a_dead_letter() -> None:
    cluster = Cluster({"parse": [Answer(200, EVENT, b"{}")]})  # pkg/broker/ttl.go

    cluster.send()

    assert len(cluster.got["parse"]) == 255
    assert len(cluster.got["maintain"]) == 1


# --- retries: pkg/kncloudevents/retries.go, SelectiveRetry ---


@pytest.mark.parametrize("status", [0, 404, 408, 409, 429, 500, 502, 503, 504])
def test_these_answers_are_tried_again(status: int) -> None:
    failure = no_answer("connection refused") if status == 0 else Answer(status, {})
    cluster = Cluster({"parse": [failure, DONE]})

    cluster.send()

    assert len(cluster.got["parse"]) == 2
    assert cluster.got["maintain"] == []


@pytest.mark.parametrize("status", [301, 400, 401, 403, 410, 413, 422])
def test_these_answers_are_final(status: int) -> None:
    cluster = Cluster({"parse": [Answer(status, {})]})

    cluster.send()

    assert len(cluster.got["parse"]) == 1
    assert cluster.got["maintain"][0].headers["ce-knativeerrorcode"] == str(status)


def test_exponential_delays_double_from_the_first() -> None:  # RetryConfigFromDeliverySpec
    cluster = Cluster({"parse": [BROKEN]}, policy="exponential")

    cluster.send()

    assert cluster.times == [0, 0.5, 1.5, 3.5]


def test_linear_delays_grow_evenly_and_the_first_retry_is_immediate() -> None:
    cluster = Cluster({"parse": [BROKEN]}, policy="linear")

    cluster.send()

    assert cluster.times == [0, 0, 0.5, 1.5]


def test_retry_after_is_not_looked_at() -> None:
    """Knative honours it only with `retryAfterMax`, behind a flag that is off."""
    cluster = Cluster({"parse": [Answer(503, {"Retry-After": "100"}), DONE]})

    cluster.send()

    assert cluster.times == [0, 0.5]


def test_each_attempt_has_the_timeout_of_the_delivery() -> None:
    cluster = Cluster({"parse": [BROKEN, DONE]})

    cluster.send()

    assert cluster.timeouts == [610, 610]


def test_a_triggers_own_delivery_replaces_the_brokers() -> None:
    own = DeliveryPolicy(
        retry=0,
        backoffPolicy="linear",
        backoffDelay=timedelta(seconds=1),
        timeout=timedelta(seconds=9),
    )  # pkg/reconciler/broker/trigger/trigger.go; only the dead letter sink falls back
    cluster = Cluster({"parse": [BROKEN]}, own_policy=own)

    cluster.send()

    assert len(cluster.got["parse"]) == 1
    assert len(cluster.got["maintain"]) == 1


# --- dead letters: pkg/kncloudevents/event_dispatcher.go ---


def test_a_dead_letter_is_the_event_and_what_came_of_it() -> None:
    cluster = Cluster({"parse": [Answer(422, {}, b'{"code":"unreadable"}')]})

    cluster.send(body=b'{"a":1}')

    (letter,) = cluster.got["maintain"]
    assert letter.body == b'{"a":1}'
    assert letter.headers["ce-id"] == "e1"
    assert letter.headers["ce-type"] == UPLOADED
    assert "parse" in letter.headers["ce-knativeerrordest"]
    assert base64.b64decode(letter.headers["ce-knativeerrordata"]) == b'{"code":"unreadable"}'


def test_the_error_data_of_a_dead_letter_is_at_most_1024_characters() -> None:
    cluster = Cluster({"parse": [Answer(422, {}, b"x" * 5000)]})

    cluster.send()

    assert len(cluster.got["maintain"][0].headers["ce-knativeerrordata"]) == 1024


def test_no_answer_is_a_500_in_the_dead_letter() -> None:
    cluster = Cluster({"parse": [no_answer("connection refused")]})

    cluster.send()

    letter = cluster.got["maintain"][0].headers
    assert letter["ce-knativeerrorcode"] == "500"
    assert b"connection refused" in base64.b64decode(letter["ce-knativeerrordata"])


def test_a_failing_sink_is_tried_again_the_same_way_and_then_the_event_is_lost() -> None:
    cluster = Cluster({"parse": [Answer(422, {})], "maintain": [BROKEN]})

    cluster.send()

    assert len(cluster.got["maintain"]) == 1 + 3
    assert cluster.broker.lost == 1


def test_the_sink_may_answer_any_body() -> None:
    cluster = Cluster({"parse": [Answer(422, {})], "maintain": [Answer(200, {}, b"OK")]})

    cluster.send()

    assert len(cluster.got["maintain"]) == 1
    assert cluster.broker.lost == 0


def test_the_broker_knows_when_nothing_is_left_to_deliver() -> None:
    cluster = Cluster({"parse": [BROKEN, DONE]})
    cluster.broker.accept(EVENT, b"{}")
    before = cluster.broker.wait_quiet(0)

    cluster.lanes.run_until_quiet()

    assert before is False
    assert cluster.broker.wait_quiet(0) is True
