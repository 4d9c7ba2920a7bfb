"""The local runtime reads the chart's own wiring."""

from pathlib import Path

import pytest

from lectern.errors import InvalidRequest
from lectern.events import EVENT_MODELS
from lectern.local.wiring import function_source, load_wiring


def test_the_charts_values_are_the_local_wiring() -> None:
    wiring = load_wiring()

    assert wiring.subscribers("dev.lectern.document.uploaded.v1") == ("parse",)
    assert wiring.dead_letter_sink in wiring.functions
    assert wiring.policy_of("parse").backoff_s(0) > 0


def test_every_event_that_is_wired_exists() -> None:
    wired = {event for each in load_wiring().functions.values() for event in each.events}

    assert wired <= EVENT_MODELS.keys()


def test_every_function_of_the_chart_is_installed() -> None:
    for name in load_wiring().functions:
        target, source = function_source(name)

        assert source.is_file()
        assert source.parent.name == target


def test_a_missing_or_broken_file_says_which(tmp_path: Path) -> None:
    broken = tmp_path / "values.yaml"
    broken.write_text("functions: 3")

    for path in (broken, tmp_path / "absent.yaml"):
        with pytest.raises(InvalidRequest, match=path.name):
            load_wiring(path)
