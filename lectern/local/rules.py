"""What a Knative broker does with a message and with an answer, as pure functions.

Read from knative/eventing 1.22 and 1.23; each rule names its source. The tests in
`tests/contract/test_broker_rules.py` pin them, so that "works here" means "works on Knative".
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum, auto

from lectern.errors import REDELIVERED_STATUSES, InvalidEvent, TooLarge
from lectern.events import decode, encode

MAX_EVENT_BYTES = 64 * 1024
"""Largest event taken. The MT broker has no limit, Kafka's is 1 MiB, but CloudEvents 1.0 section
"Size Limits" promises only 64 KiB on every road; what passes here passes anywhere."""

MAX_HOPS = 255  # pkg/broker/ingress: the default of `knativebrokerttl`
_TTL = "ce-knativebrokerttl"
_ARRIVAL = "ce-knativearrivaltime"
_ERROR_DATA_MAX = 1024  # pkg/channel/attributes: KnativeErrorDataExtensionMaxLength

_PASSED_HEADERS = frozenset({"x-request-id", "retry-after", "traceparent", "tracestate"})
_PASSED_PREFIXES = ("knative-", "k-eventing-", "x-b3-")


@dataclass(frozen=True, slots=True)
class Message:
    """An event on its way: headers in lower case, in CloudEvents binary mode."""

    headers: Mapping[str, str]
    body: bytes

    @property
    def event_type(self) -> str:
        """The event's type."""
        return self.headers["ce-type"]

    @property
    def event_id(self) -> str:
        """The event's id."""
        return self.headers["ce-id"]

    def with_headers(self, **headers: str) -> "Message":
        """Return a copy; underscores in names stand for dashes."""
        changes = {name.replace("_", "-"): value for name, value in headers.items()}
        return Message({**self.headers, **changes}, self.body)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a subscriber answered; status 0 stands for no answer at all (`error` says why)."""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""
    error: str = ""


def no_answer(error: str) -> Answer:
    """Return the answer of a subscriber that gave none."""
    return Answer(0, {}, error=error)


class Verdict(Enum):
    """What an answer means for the delivery."""

    DONE = auto()
    REPLY = auto()
    RETRY = auto()
    FAILED = auto()


def receive(headers: Mapping[str, str], body: bytes) -> Message:
    """Return what the ingress makes of a request, to be handed to subscribers.

    Structured mode becomes binary. Of the HTTP headers only a few survive (`pkg/utils/headers.go`):
    neither Authorization nor anything of ours. The hop counter starts at 255 or counts down, and
    an event without hops left is refused (`pkg/broker/ttl.go`, `pkg/broker/ingress`).

    Raises:
        InvalidEvent: It is no single valid CloudEvent, or went in circles.
        TooLarge: It is larger than `MAX_EVENT_BYTES`.
    """
    if len(body) > MAX_EVENT_BYTES:
        raise TooLarge(f"the event is larger than {MAX_EVENT_BYTES} bytes; send a key instead")
    headers = {name.lower(): value for name, value in headers.items()}
    envelope = decode(headers, body)
    kept = {
        name: value
        for name, value in headers.items()
        if name in _PASSED_HEADERS or name.startswith(_PASSED_PREFIXES)
    }
    if headers.get("content-type", "").startswith("application/cloudevents"):
        event_headers, body = encode(envelope)
        kept |= {name.lower(): value for name, value in event_headers.items()}
    else:
        kept |= {n: v for n, v in headers.items() if n.startswith("ce-") or n == "content-type"}
    hops = envelope.extensions.get("knativebrokerttl", "")
    left = int(hops) - 1 if hops.isdecimal() else MAX_HOPS
    if left <= 0:
        raise InvalidEvent(f"event {envelope.event_id!r} went through the broker {MAX_HOPS} times")
    return Message(
        kept | {_TTL: str(left), _ARRIVAL: datetime.now(UTC).isoformat().replace("+00:00", "Z")},
        body,
    )


def outgoing(message: Message) -> Message:
    """Return what a subscriber gets: without the hop counter (`pkg/broker/filter`).

    `Prefer: reply` says that a CloudEvent in the answer would be taken
    (`pkg/kncloudevents/event_dispatcher.go`).
    """
    headers = {name: value for name, value in message.headers.items() if name != _TTL}
    return Message(headers | {"prefer": "reply"}, message.body)


def judge(answer: Answer) -> Verdict:
    """Return what an answer means.

    2xx: an empty body is done, a CloudEvent is a reply, anything else counts as a 502
    (`pkg/broker/filter/filter_handler.go`, `writeResponse`). Tried again: no answer, 5xx, 404,
    408, 409, 429 (`pkg/kncloudevents/retries.go`, `SelectiveRetry`). Everything else is final.
    """
    if 200 <= answer.status < 300:  # noqa: PLR2004 - what HTTP calls success
        if _is_event(answer):
            return Verdict.REPLY if _reply_is_valid(answer) else Verdict.RETRY
        return Verdict.RETRY if answer.body else Verdict.DONE
    if answer.status == 0 or answer.status >= 500 or answer.status in REDELIVERED_STATUSES:  # noqa: PLR2004
        return Verdict.RETRY
    return Verdict.FAILED


def reply_of(answer: Answer, message: Message) -> tuple[Mapping[str, str], bytes]:
    """Return headers and body of the event in `answer`, with the hops of the event it answers."""
    headers, body = encode(decode(_lower(answer), answer.body))
    return {**headers, _TTL: message.headers[_TTL]}, body


def dead_letter(message: Message, destination: str, answer: Answer) -> Message:
    """Return the event as the dead letter sink gets it: with what was tried and what came of it.

    `pkg/kncloudevents/event_dispatcher.go`, `dispatchExecutionInfoTransformers`: the answer's
    body in base64, cut at 1,024 characters; status 500 when there was no answer, 502 when the
    answer was no CloudEvent.
    """
    body = answer.body
    status = answer.status
    if status == 0:
        status, body = 500, f"dispatch error: {answer.error}".encode()
    elif judge(answer) is Verdict.RETRY and status < 300:  # noqa: PLR2004 - see `judge`
        status = 502
    return outgoing(message).with_headers(
        ce_knativeerrordest=destination,
        ce_knativeerrorcode=str(status),
        ce_knativeerrordata=base64.b64encode(body).decode()[:_ERROR_DATA_MAX],
    )


def _lower(answer: Answer) -> dict[str, str]:
    return {name.lower(): value for name, value in answer.headers.items()}


def _is_event(answer: Answer) -> bool:
    headers = _lower(answer)
    return "ce-specversion" in headers or headers.get("content-type", "").startswith(
        "application/cloudevents"
    )


def _reply_is_valid(answer: Answer) -> bool:
    try:
        decode(_lower(answer), answer.body)
    except InvalidEvent:
        return False
    return True
