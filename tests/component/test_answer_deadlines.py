"""How long an answer may take, whoever is slow: retrieve, the catalog, a model."""

import threading
import time

import pytest

from lectern.catalog import open_catalog
from lectern.catalog.port_models import ModelEntry
from lectern.settings import Settings
from tests.component.test_answer import DAYS, Start, post, whole
from tests.component.test_answer import provider as provider  # noqa: PLC0414 - a fixture
from tests.component.test_answer import retrieve as retrieve  # noqa: PLC0414 - a fixture
from tests.component.test_answer import start as start  # noqa: PLC0414 - a fixture
from tests.component.test_answer_figures import figure
from tests.provider.chat import Script, ScriptedChat
from tests.provider.retrieve import ScriptedRetrieve, passage

IN_TIME_S = 4.0  # for an answer that may take two seconds; a call by itself would take ten


@pytest.mark.parametrize("mode", ["simple", "decompose"])
def test_a_search_that_hangs_ends_by_the_deadline(
    start: Start, retrieve: ScriptedRetrieve, provider: ScriptedChat, mode: str
) -> None:
    provider.play(Script(text='{"questions": ["How much is a hotel?", "How much is a train?"]}'))
    retrieve.delay = threading.Event()
    client = start(provider, LECTERN_CHAT_TIMEOUT_S="2")
    started = time.monotonic()

    response = post(client, stream=False, reasoning=mode)

    took_s = time.monotonic() - started
    retrieve.delay.set()
    assert (response.status_code, response.get_json()["code"]) == (503, "timeout")
    assert took_s < IN_TIME_S


def test_pictures_that_do_not_come_leave_time_to_write(
    start: Start, retrieve: ScriptedRetrieve, provider: ScriptedChat
) -> None:
    retrieve.passages = (passage(DAYS, number=3), figure(4), figure(5))
    retrieve.page_delay = threading.Event()
    client = start(provider, LECTERN_CHAT_TIMEOUT_S="2", LECTERN_CHAT_SEES_IMAGES="true")
    started = time.monotonic()

    reply = whole(client)

    took_s = time.monotonic() - started
    retrieve.page_delay.set()
    assert reply.kind == "generated"
    assert took_s < IN_TIME_S


@pytest.mark.parametrize(
    ("setting", "entry_s", "kind"),
    [
        pytest.param("1", 30.0, "generated", id="longer than the setting"),
        pytest.param("120", 1.0, "extractive", id="shorter than the setting"),
    ],
)
def test_an_entry_of_the_registry_has_its_own_time_for_an_answer(
    start: Start, provider: ScriptedChat, setting: str, entry_s: float, kind: str
) -> None:
    client = start(LECTERN_CHAT_TIMEOUT_S=setting)
    models = open_catalog(Settings()).models
    made = models.create(ModelEntry("", "Slow", "chat", provider.url, "slow", timeout_s=entry_s))
    models.choose("answer", [made.model_id])
    provider.play(Script(text="Up to 140 euros a night [1].", first_token_s=2))

    assert whole(client).kind == kind
