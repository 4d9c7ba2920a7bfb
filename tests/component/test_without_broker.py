"""Every function starts while the broker is absent, lives on, and says so in readiness."""

import importlib
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import functions_framework
import pytest
from flask.testing import FlaskClient

from lectern.catalog import migrate, open_catalog
from lectern.local.wiring import function_source
from lectern.settings import Settings

EVENT_FUNCTIONS = ("parse", "embed", "graph-extract")
WITHOUT_BROKER_OF_USE = ("intake", "catalog", "maintain")
NO_PUBLISHERS = ("retrieve", "answer")


@contextmanager
def served(function: str) -> Iterator[FlaskClient]:
    """The function as its container makes it from the environment; what it opened is closed."""
    target, source = function_source(function)
    wiring: Any = importlib.import_module(f"functions.{target}.wiring")
    caches = [each for each in vars(wiring).values() if hasattr(each, "cache_clear")]
    for cached in caches:
        cached.cache_clear()
    yield functions_framework.create_app(target, str(source)).test_client()
    if function == "parse":
        wiring.dependencies().stage.parsing.sandbox.close()
    for cached in caches:
        cached.cache_clear()


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("LECTERN_HOME", str(tmp_path))
    monkeypatch.delenv("K_SINK", raising=False)
    settings = Settings()
    migrate(settings)
    yield
    open_catalog(settings).close()


@pytest.mark.parametrize("function", EVENT_FUNCTIONS)
def test_what_lives_from_events_is_not_ready_without_a_broker_and_not_killed(function: str) -> None:
    with served(function) as client:
        alive, ready = client.get("/healthz"), client.get("/readyz")

    assert alive.status_code == 204
    assert ready.status_code == 503
    assert ready.json is not None
    assert (ready.json["code"], "K_SINK" in ready.json["detail"]) == ("no_broker", True)


@pytest.mark.parametrize("function", WITHOUT_BROKER_OF_USE)
def test_what_is_of_use_without_a_broker_is_ready_and_says_what_it_lacks(function: str) -> None:
    with served(function) as client:
        ready = client.get("/readyz")

    assert ready.status_code == 200
    assert ready.json is not None
    assert "K_SINK" in ready.json["lacks"]


@pytest.mark.parametrize("function", NO_PUBLISHERS)
def test_what_publishes_nothing_does_not_ask_for_a_broker(function: str) -> None:
    with served(function) as client:
        ready = client.get("/readyz")

    assert ready.json == {"function": function, "ready": True}


def test_readiness_follows_a_broker_that_goes_and_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as broker:
        port = broker.getsockname()[1]
        monkeypatch.setenv("K_SINK", f"http://127.0.0.1:{port}/lectern/lectern")
        with served("embed") as client:
            there = client.get("/readyz")
            broker.close()
            gone = client.get("/readyz")
            with socket.create_server(("127.0.0.1", port)):
                back = client.get("/readyz")

    assert (there.status_code, gone.status_code, back.status_code) == (200, 503, 200)
    assert gone.json is not None
    assert f"127.0.0.1:{port} cannot be reached" in gone.json["detail"]


def test_the_dead_letter_sink_is_ready_while_the_catalog_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LECTERN_DATABASE_URL", "postgresql://lectern@127.0.0.1:9/lectern")
    with served("maintain") as client:
        ready = client.get("/readyz")

    assert ready.status_code == 200
