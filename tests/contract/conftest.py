"""What the contract suites share."""

from collections.abc import Iterator

import pytest

from tests.postgres import postgres_server


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of one PostgreSQL server for the whole run; see `tests.postgres`."""
    with postgres_server() as url:
        yield url
