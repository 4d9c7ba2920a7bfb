"""Tests that render ask for the fixture `helm`; without one they are skipped and say so."""

import pytest

from tests.chart.helm import helm_binary


@pytest.fixture(scope="session")
def helm() -> None:
    """Skip where there is no helm."""
    if helm_binary() is None:
        pytest.skip("there is no helm on PATH, nor in the development dependencies")
