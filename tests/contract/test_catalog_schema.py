"""The catalog's database: migrations agree with the models, lost races are run again."""

import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from pydantic import SecretStr
from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import ProgrammingError

from lectern.catalog import migrate, open_catalog
from lectern.catalog.database import Database
from lectern.catalog.migrating import configuration, downgrade, upgrade
from lectern.catalog.schema import SCHEMA_VERSION, metadata
from lectern.errors import InvalidRequest, TransientError
from lectern.settings import Settings
from tests.postgres import new_database


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'catalog.db'}"
    else:
        with new_database(request.getfixturevalue("postgres")) as url:
            yield url


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    database = Database(url)
    yield database
    database.close()


def test_the_migrations_make_what_the_models_say(url: str, database: Database) -> None:
    upgrade(url)

    differences = database.read(
        lambda connection: compare_metadata(
            MigrationContext.configure(connection, opts={"compare_type": True}), metadata
        )
    )

    assert differences == []


def test_the_tables_go_down_and_up_again(url: str, database: Database) -> None:
    upgrade(url)
    downgrade(url, target="base")
    assert database.read(lambda c: inspect(c).get_table_names()) == ["alembic_version"]

    upgrade(url)
    upgrade(url)

    assert set(metadata.tables) < set(database.read(lambda c: inspect(c).get_table_names()))


def test_the_newest_migration_is_the_version_the_code_asks_for(database: Database) -> None:
    script = database.read(lambda c: ScriptDirectory.from_config(configuration(c)))

    assert script.get_current_head() == SCHEMA_VERSION


def test_migrations_that_start_at_once_take_turns(url: str, database: Database) -> None:
    gate = threading.Barrier(3)

    def migrate_with_the_others() -> None:
        gate.wait()
        upgrade(url)

    with ThreadPoolExecutor(3) as pool:
        for started in [pool.submit(migrate_with_the_others) for _ in range(3)]:
            started.result()

    assert set(metadata.tables) < set(database.read(lambda c: inspect(c).get_table_names()))


def test_a_catalog_without_tables_is_refused_and_not_created(url: str, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, database_url=SecretStr(url))

    with pytest.raises(TransientError, match="run `lectern up` or the migration job"):
        open_catalog(settings)

    assert not (tmp_path / "catalog.db").exists()
    migrate(settings)
    open_catalog(settings).close()


def test_another_database_than_the_two_is_refused(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, database_url=SecretStr("mysql://me:secret@host/db"))

    with pytest.raises(TransientError, match="'mysql'") as refused:
        open_catalog(settings)

    assert "secret" not in refused.value.detail


def test_a_server_that_is_away_is_a_transient_error(tmp_path: Path) -> None:
    away = SecretStr(f"postgresql://me:secret@/db?host={tmp_path}")

    with pytest.raises(TransientError) as refused:
        open_catalog(Settings(home=tmp_path, database_url=away))

    assert "secret" not in refused.value.detail


@pytest.mark.postgres
def test_a_transaction_that_lost_a_race_is_run_again(postgres: str) -> None:
    attempts: list[str] = []

    def work(connection: Connection) -> str:
        attempts.append("begun")
        if len(attempts) < 3:
            connection.execute(
                text("DO $$ BEGIN RAISE EXCEPTION 'lost' USING ERRCODE = '40001'; END $$")
            )
        return "done"

    with new_database(postgres) as url:
        database = Database(url)
        assert database.write(work) == "done"
        database.close()

    assert len(attempts) == 3


def test_another_error_of_the_database_is_not_run_again(database: Database) -> None:
    attempts: list[str] = []

    def work(connection: Connection) -> None:
        attempts.append("begun")
        connection.execute(text("SELECT * FROM nothing_of_that_name"))

    with pytest.raises((TransientError, ProgrammingError)):
        database.read(work)

    assert len(attempts) == 1


def test_a_writer_waits_for_the_one_before_it(tmp_path: Path) -> None:
    path = tmp_path / "catalog.db"
    upgrade(f"sqlite:///{path}")
    catalog = open_catalog(Settings(home=tmp_path))
    neighbour = sqlite3.connect(path, isolation_level=None)
    neighbour.execute("BEGIN IMMEDIATE")

    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(catalog.people.create_user, "patient")
        assert catalog.people.users() == [], "reading does not wait"
        with pytest.raises(TimeoutError):
            waiting.result(timeout=0.3)
        neighbour.execute("COMMIT")
        created = waiting.result()

    neighbour.close()
    assert catalog.people.users() == [created]
    catalog.close()


@pytest.mark.postgres
def test_values_that_postgres_cannot_hold_are_the_callers_mistake(
    postgres: str, tmp_path: Path
) -> None:
    with new_database(postgres) as url:
        upgrade(url)
        catalog = open_catalog(Settings(home=tmp_path, database_url=SecretStr(url)))

        with pytest.raises(InvalidRequest):
            catalog.documents.get("\0")
        with pytest.raises(InvalidRequest):
            catalog.documents.reserved("a", 1 << 40)
        catalog.close()
