"""Two versions of an event side by side, as in a rollout: nothing is lost, whoever gets what."""

import json
from pathlib import Path
from typing import Any

import flask
import functions_framework
import pytest
from flask.testing import FlaskClient

from functions.maintain.wiring import dependencies, letters
from functions.maintain.wiring import settings as maintain_settings
from lectern.catalog import migrate, open_catalog
from lectern.errors import InvalidEvent, TransientError
from lectern.events import EVENT_MODELS, Envelope, Event, MaintenanceDue, PartParsed, encode
from lectern.local.broker import Broker
from lectern.local.rules import Answer, Message
from lectern.local.wiring import load_wiring
from lectern.serving import consumes
from lectern.settings import Settings

PART = {
    "collection_id": "c",
    "document_id": "d",
    "revision": 1,
    "part": 1,
    "parts": 1,
    "chunks_key": "parsed/c/d/1/part-0001.jsonl.zst",
    "chunk_count": 3,
}
MAINTAIN = Path(__file__).resolve().parents[2] / "functions" / "maintain" / "main.py"


def envelope(event_type: str, data: dict[str, Any], event_id: str = "e1") -> Envelope:
    return Envelope(event_id, event_type, "/lectern/parse", "d", json.dumps(data).encode())


def function() -> tuple[FlaskClient, list[Event]]:
    """Return a function that understands version 1 of part.parsed, and what it was given."""
    seen: list[Event] = []
    serve = consumes(PartParsed, function="embed", warm_up=lambda: None)(seen.append)
    app = flask.Flask("embed")
    app.add_url_rule("/", "root", lambda: serve(flask.request), methods=["POST"])
    return app.test_client(), seen


@pytest.mark.parametrize("model", EVENT_MODELS.values(), ids=lambda model: model.event_type)
def test_a_field_that_only_a_newer_publisher_knows_is_ignored(model: type[Event]) -> None:
    fields = PART | {"first_page": 1, "last_page": 2, "pages": 1, "chunks": 1, "task": "sweep"}
    fields |= {"object_key": "k", "size_bytes": 1, "name": "n", "tick": "t"}
    fields |= {"stage": "s", "code": "c", "detail": "d"}

    plain = envelope(model.event_type, fields).read(model)
    newer = envelope(model.event_type, fields | {"added_later": {"deep": [1]}}).read(model)

    assert newer == plain


@pytest.mark.parametrize("model", EVENT_MODELS.values(), ids=lambda model: model.event_type)
def test_a_newer_version_of_a_type_is_left_for_a_newer_instance(model: type[Event]) -> None:
    newer = model.event_type.removesuffix("v1") + "v2"

    with pytest.raises(TransientError) as refused:
        envelope(newer, {"another": "shape"}).read(model)

    assert refused.value.code == "newer_event"
    assert newer in refused.value.detail


@pytest.mark.parametrize("unknown", ["part.parsed.v0", "part.parsedv2", "part.parsed.vx", "x.v2"])
def test_a_type_that_is_no_newer_version_is_final(unknown: str) -> None:
    with pytest.raises(InvalidEvent, match="not handled here"):
        envelope(f"dev.lectern.{unknown}", PART).read(PartParsed)


def test_the_broker_comes_again_until_the_rollout_has_come_so_far() -> None:
    client, seen = function()
    headers, body = encode(envelope("dev.lectern.part.parsed.v2", PART))

    answer = client.post("/", headers=headers, data=body)

    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert seen == []


class Now:
    """Lanes that run everything at once."""

    def run(self, lane: str, job: Any) -> None:
        del lane
        job()

    def later(self, delay_s: float, job: Any) -> None:
        del delay_s
        job()


def test_without_a_newer_instance_it_becomes_a_dead_letter_that_can_be_replayed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LECTERN_HOME", str(tmp_path))
    migrate(Settings())
    for cached in (dependencies, letters, maintain_settings):
        cached.cache_clear()
    old, _ = function()
    sink = functions_framework.create_app("maintain", str(MAINTAIN)).test_client()
    wiring = load_wiring()
    newer = "dev.lectern.part.parsed.v2"
    functions = dict(wiring.functions)
    functions["embed"] = functions["embed"].model_copy(update={"events": (newer,)})
    tries: list[str] = []

    def deliver(name: str, message: Message, timeout_s: float) -> Answer:
        del timeout_s
        tries.append(name)
        client = sink if name == wiring.dead_letter_sink else old
        reply = client.post("/", headers=dict(message.headers), data=message.body)
        return Answer(reply.status_code, dict(reply.headers), reply.data)

    broker = Broker(wiring.model_copy(update={"functions": functions}), deliver, Now())
    headers, body = encode(envelope(newer, PART | {"shape": 2}))
    broker.accept({name.lower(): value for name, value in headers.items()}, body)

    (letter,) = letters().newest(10)
    kept = letters().open(letter.letter_id)
    assert tries.count("embed") > 1, "it was delivered again before it was given up"
    assert (letter.event_type, letter.error_code) == (newer, "503")
    assert "is newer than this function; finish the rollout" in letter.error_detail
    assert json.loads(kept.data) == PART | {"shape": 2}
    dependencies().catalog.close()
    open_catalog.cache_clear()


def test_ticks_of_a_timer_that_says_always_the_same_are_told_apart_by_their_ids() -> None:
    ping, named = {"task": "backup"}, {"task": "backup", "tick": "t1"}

    ticks = [
        envelope("dev.knative.sources.ping", data, event_id).read(MaintenanceDue).tick
        for data, event_id in [(ping, "a"), (ping, "a"), (ping, "b"), (named, "c")]
    ]

    assert ticks == ["a", "a", "b", "t1"]
