"""The wire form of every event, so that versions can live side by side."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lectern.errors import InvalidEvent
from lectern.events import (
    EVENT_MODELS,
    MAX_DATA_BYTES,
    DocumentFailed,
    DocumentUploaded,
    Envelope,
    Event,
    MaintenanceDue,
    PartParsed,
    decode,
    encode,
)

RECORDED = json.loads((Path(__file__).parent / "recorded_events.json").read_text())
NAMES = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=60)


@pytest.mark.parametrize("recorded", RECORDED, ids=lambda recorded: recorded["id"])
def test_recorded_events_are_still_understood_and_have_the_same_id(recorded: dict) -> None:
    headers = {"content-type": "application/cloudevents+json"}

    envelope = decode(headers, json.dumps(recorded).encode())
    event = envelope.read(EVENT_MODELS[recorded["type"]])

    assert event.event_id() == recorded["id"]
    assert event.subject() == recorded["subject"]
    assert recorded["data"].items() <= event.model_dump(mode="json").items()


def test_every_event_type_has_been_recorded() -> None:
    assert {recorded["type"] for recorded in RECORDED} == set(EVENT_MODELS)


@pytest.mark.parametrize("model", EVENT_MODELS.values(), ids=lambda model: model.__name__)
def test_types_follow_the_naming_rule(model: type[Event]) -> None:
    prefix, subject, verb, version = model.event_type.rsplit(".", 3)

    assert prefix == "dev.lectern"
    assert version == "v1"
    assert subject.islower()
    assert verb.islower()


@given(name=NAMES, size=st.integers(0, 2**50), revision=st.integers(1, 10**6))
def test_events_survive_encoding(name: str, size: int, revision: int) -> None:
    event = DocumentUploaded(
        collection_id="c",
        document_id="d",
        revision=revision,
        object_key=f"uploads/c/d/{revision}/x",
        size_bytes=size,
        name=name,
    )

    headers, body = encode(Envelope.of(event, source="/lectern/intake"))

    assert decode(headers, body).read(DocumentUploaded) == event


def test_the_content_type_is_always_set() -> None:
    headers, _ = encode(Envelope.of(MaintenanceDue(task="sweep"), source="/lectern/timer"))

    assert headers["content-type"] == "application/json"


def test_the_trace_travels_as_an_extension() -> None:
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    event = MaintenanceDue(task="sweep", tick="1")

    headers, body = encode(
        Envelope.of(event, source="/lectern/timer", extensions={"traceparent": trace})
    )

    assert decode(headers, body).extensions["traceparent"] == trace


def test_content_does_not_fit_into_an_event() -> None:
    event = DocumentFailed(
        collection_id="c",
        document_id="d",
        revision=1,
        stage="parse",
        code="x",
        detail="y" * MAX_DATA_BYTES,
    )

    with pytest.raises(InvalidEvent, match="limit is 4096"):
        Envelope.of(event, source="/lectern/parse")


def test_two_publishers_of_one_fact_choose_the_same_id_and_other_facts_another() -> None:
    data = {"collection_id": "c", "document_id": "d", "revision": 1, "parts": 9, "chunk_count": 1}
    first = PartParsed(**data, part=1, chunks_key="k")

    assert first.event_id() == PartParsed(**data, part=1, chunks_key="other").event_id()
    assert first.event_id() != PartParsed(**data, part=2, chunks_key="k").event_id()
