"""The broker of one machine: Knative's rules, in memory, without a network of its own.

At least once, unordered, gone with the process. That is enough: the catalog knows every document
that has not arrived, and the sweeper publishes its event again (docs/adr/0008-one-machine.md).
"""

import logging
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from lectern.errors import PermanentError
from lectern.local.rules import (
    Answer,
    Message,
    Verdict,
    dead_letter,
    judge,
    outgoing,
    receive,
    reply_of,
)
from lectern.local.wiring import DeliveryPolicy, Wiring

_DESTINATION = "http://{function}.local/"

log = logging.getLogger("lectern.local")


class Deliver(Protocol):
    """Sends a message to a function and returns its answer; never raises."""

    def __call__(self, function: str, message: Message, timeout_s: float) -> Answer:
        """Return the answer, or one with status 0 when none came within `timeout_s` seconds."""
        ...


class Lanes(Protocol):
    """Where deliveries run: one lane per function, with as many at once as it takes requests."""

    def run(self, lane: str, job: Callable[[], None]) -> None:
        """Run `job` in the lane as soon as it has room. Does not wait."""
        ...

    def later(self, delay_s: float, job: Callable[[], None]) -> None:
        """Run `job`, which is quick, after `delay_s` seconds. Does not wait."""
        ...


@dataclass(frozen=True, slots=True)
class _Delivery:
    """One event for one function; `buried` marks the road to the dead letter sink."""

    message: Message
    function: str
    policy: DeliveryPolicy
    attempt: int = 0
    buried: bool = False


class Broker:
    """Takes events and delivers each to every function that wants its type.

    Args:
        wiring: Who wants what, under which rules.
        deliver: See `Deliver`.
        lanes: See `Lanes`.
    """

    def __init__(self, wiring: Wiring, deliver: Deliver, lanes: Lanes) -> None:
        self._wiring = wiring
        self._deliver = deliver
        self._lanes = lanes
        self._changed = threading.Condition()
        self._open = 0
        self._lost = 0
        self._accepted: Counter[str] = Counter()

    @property
    def open_deliveries(self) -> int:
        """How many deliveries are neither done nor given up."""
        return self._open

    @property
    def lost(self) -> int:
        """How many events were given up without even the dead letter sink taking them."""
        return self._lost

    def accepted(self) -> Mapping[str, int]:
        """Return how many events of each type were accepted so far."""
        with self._changed:
            return dict(self._accepted)

    def accept(self, headers: Mapping[str, str], body: bytes) -> None:
        """Take an event: the ingress' 202. Returns before it is delivered.

        Raises:
            InvalidEvent: See `receive`.
            TooLarge: See `receive`.
        """
        message = receive(headers, body)
        with self._changed:
            self._accepted[message.event_type] += 1
        for function in self._wiring.subscribers(message.event_type):
            self._begin(_Delivery(message, function, self._wiring.policy_of(function)))

    def wait_quiet(self, timeout_s: float) -> bool:
        """Wait until nothing is left to deliver; return whether that came true in time."""
        with self._changed:
            return self._changed.wait_for(lambda: self._open == 0, timeout_s)

    def _begin(self, delivery: _Delivery) -> None:
        with self._changed:
            self._open += 1
        self._lanes.run(delivery.function, lambda: self._attempt(delivery))

    def _end(self) -> None:
        with self._changed:
            self._open -= 1
            self._changed.notify_all()

    def _attempt(self, delivery: _Delivery) -> None:
        timeout_s = delivery.policy.timeout.total_seconds()
        message = delivery.message if delivery.buried else outgoing(delivery.message)
        answer = self._deliver(delivery.function, message, timeout_s)
        verdict = _verdict_of_sink(answer) if delivery.buried else judge(answer)
        if verdict is Verdict.RETRY and delivery.attempt < delivery.policy.retry:
            self._retry(delivery, answer)
            return
        if verdict is Verdict.REPLY:
            self._forward_reply(delivery, answer)
        elif verdict is not Verdict.DONE:
            self._give_up(delivery, answer)
        self._end()

    def _retry(self, delivery: _Delivery, answer: Answer) -> None:
        delay_s = delivery.policy.backoff_s(delivery.attempt)
        again = replace(delivery, attempt=delivery.attempt + 1)
        log.info("delivery is tried again", extra=_fields(delivery, answer) | {"delay_s": delay_s})
        self._lanes.later(
            delay_s, lambda: self._lanes.run(again.function, lambda: self._attempt(again))
        )

    def _forward_reply(self, delivery: _Delivery, answer: Answer) -> None:
        headers, body = reply_of(answer, delivery.message)
        try:
            self.accept(headers, body)
        except PermanentError as error:  # then the original event is buried (event_dispatcher.go)
            refused = Answer(error.status, {}, error.detail.encode())
            self._give_up(delivery, refused)

    def _give_up(self, delivery: _Delivery, answer: Answer) -> None:
        if delivery.buried:
            with self._changed:
                self._lost += 1
            log.error("an event is lost", extra=_fields(delivery, answer))
            return
        log.warning("an event becomes a dead letter", extra=_fields(delivery, answer))
        destination = _DESTINATION.format(function=delivery.function)
        self._begin(
            _Delivery(
                dead_letter(delivery.message, destination, answer),
                self._wiring.dead_letter_sink,
                delivery.policy,
                buried=True,
            )
        )


def _verdict_of_sink(answer: Answer) -> Verdict:
    """Return the verdict on the sink's answer: any 2xx is fine, whatever its body.

    The dispatcher sends dead letters directly, past the filter that looks at bodies
    (`pkg/kncloudevents/event_dispatcher.go`, `send`).
    """
    if 200 <= answer.status < 300:  # noqa: PLR2004 - what HTTP calls success
        return Verdict.DONE
    return judge(answer)


def _fields(delivery: _Delivery, answer: Answer) -> dict[str, object]:
    return {
        "function": delivery.function,
        "event_id": delivery.message.event_id,
        "event_type": delivery.message.event_type,
        "attempt": delivery.attempt + 1,
        "status": answer.status,
        "error": answer.error,
    }
