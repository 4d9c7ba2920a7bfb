"""The stream of an answer: never silent, always with an end, cancelled by its reader."""

import threading
from collections.abc import Iterator

import pytest
from prometheus_client import REGISTRY

from functions.answer.events import encoded, status, token
from functions.answer.streaming import Cancellation, event_stream
from lectern.api import AnswerEvent
from lectern.client.answers import events_of
from lectern.errors import TransientError


def raising(error: Exception) -> Iterator[AnswerEvent]:
    yield token("so far")
    raise error


def test_comments_keep_a_silent_stream_open() -> None:
    silence = threading.Event()

    def events() -> Iterator[AnswerEvent]:
        yield status("retrieving")
        silence.wait(10)
        yield AnswerEvent(event="done", data={})

    stream = event_stream(events(), Cancellation(), heartbeat_s=0.01)
    early = [next(stream) for _ in range(5)]
    silence.set()
    late = list(stream)

    assert early[0].startswith(b":")
    assert early[1].startswith(b"event: status")
    assert all(piece.startswith(b":") for piece in early[2:])
    assert late[-1].startswith(b"event: done")


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (TransientError("the provider is gone", code="stream_broken"), "stream_broken"),
        (RuntimeError("a bug with a secret in it"), "internal"),
    ],
)
def test_whatever_goes_wrong_is_said_in_the_last_event(error: Exception, code: str) -> None:
    stream = b"".join(event_stream(raising(error), Cancellation()))

    events = list(events_of([stream]))

    assert [event.event for event in events] == ["token", "error"]
    assert events[-1].data["code"] == code
    assert b"secret" not in stream


def test_errors_in_the_middle_of_a_stream_are_counted() -> None:
    labels = {"function": "answer", "outcome": "transient", "code": "stream_broken"}
    before = REGISTRY.get_sample_value("lectern_errors_total", labels) or 0.0
    list(event_stream(raising(TransientError("gone", code="stream_broken")), Cancellation()))

    assert REGISTRY.get_sample_value("lectern_errors_total", labels) == before + 1


def test_closing_the_stream_cancels_the_work() -> None:
    cancellation, cancelled = Cancellation(), threading.Event()
    cancellation.on_cancel(cancelled.set)
    stream = event_stream(raising(RuntimeError()), cancellation)
    next(stream)
    next(stream)

    stream.close()

    assert cancellation.cancelled
    assert cancelled.is_set()


def test_what_is_registered_after_the_cancellation_is_called_at_once() -> None:
    cancellation, cancelled = Cancellation(), threading.Event()
    cancellation.cancel()

    cancellation.on_cancel(cancelled.set)

    assert cancelled.is_set()


def test_an_event_has_no_line_break_inside_its_data() -> None:
    data = encoded(token("a\nb\u2028c\u0085d"))

    assert len(data.decode().splitlines()) == 3
    [event, _] = events_of([data, encoded(AnswerEvent(event="done", data={}))])
    assert event.data["text"] == "a\nb\u2028c\u0085d"
