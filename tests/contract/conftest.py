"""What the contract suites share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from lectern.catalog import migrate, open_catalog
from lectern.catalog.port import Catalog
from tests.postgres import BACKENDS, postgres_server, settings_of


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of one PostgreSQL server for the whole run; see `tests.postgres`."""
    with postgres_server() as url:
        yield url


@pytest.fixture(params=BACKENDS)
def empty_catalog(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Catalog]:
    """A database without anybody in it, of the test's own."""
    with settings_of(request.param, request, tmp_path) as settings:
        migrate(settings)
        catalog = open_catalog(settings)
        yield catalog
        catalog.close()
