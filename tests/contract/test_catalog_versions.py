"""Schema versions: down and up again with data, and old code beside a newer database."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, inspect, text

from lectern.catalog import migrate, open_catalog
from lectern.catalog.database import Database
from lectern.catalog.migrating import configuration, move, upgrade, versions
from lectern.catalog.port_models import ModelEntry
from lectern.catalog.schema import SCHEMA_VERSION
from lectern.catalog.versions import generation, require_usable, stored_version
from lectern.errors import InvalidRequest, PermanentError, TransientError
from lectern.settings import Settings
from tests.catalog_rows import fill, rows_of
from tests.postgres import BACKENDS, settings_of

FIRST_RELEASED = "0004"
NOT_KEPT = {("documents", "state"), ("users", "name_folded")}
"""What going down changes on purpose: what is in the trash is deleted; names are folded anew."""


@pytest.fixture(params=BACKENDS)
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    with settings_of(request.param, request, tmp_path) as settings:
        migrate(settings)
        yield settings


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    database = Database(settings.resolved_database_url())
    yield database
    database.close()


Rows = dict[str, list[dict[str, Any]]]


def found_in(database: Database) -> Rows:
    """Return the rows of the tables as the database describes them."""

    def read(connection: Connection) -> Rows:
        known = MetaData()
        known.reflect(connection)
        known.remove(known.tables["alembic_version"])
        return rows_of(connection, known)

    return database.read(read)


def shared(before: Rows, after: Rows) -> tuple[Rows, Rows]:
    """Return of both what tables and columns they have in common."""

    def cut(rows: Rows, other: Rows) -> Rows:
        return {
            name: [
                {
                    column: value
                    for column, value in row.items()
                    if other[name] and column in other[name][0] and (name, column) not in NOT_KEPT
                }
                for row in rows[name]
            ]
            for name in sorted(rows.keys() & other.keys())
        }

    return cut(before, after), cut(after, before)


def test_every_step_down_keeps_what_the_older_version_can_hold(
    settings: Settings, database: Database
) -> None:
    url = settings.resolved_database_url()
    database.write(fill)
    known = [*versions()]

    for version in reversed(known[:-1]):
        before = found_in(database)
        move(url, target=version, accept_loss=True)
        kept, left = shared(before, found_in(database))
        assert left == kept, f"going down to {version}"
        assert database.read(stored_version) == version

    assert len(found_in(database)["members"]) == 2, "the rights of users, not that of everyone"
    bottom = found_in(database)
    upgrade(url)
    kept, left = shared(bottom, found_in(database))
    assert left == kept
    assert len(found_in(database)["grants"]) == 2


def test_going_down_says_what_is_lost_and_waits_for_consent(
    settings: Settings, database: Database
) -> None:
    url = settings.resolved_database_url()
    database.write(fill)

    with pytest.raises(PermanentError, match=r"conversations with their messages.*Back up first"):
        move(url, target="0003")

    assert database.read(stored_version) == SCHEMA_VERSION
    assert move(url, target="0003", accept_loss=True) == SCHEMA_VERSION
    assert move(url, target=SCHEMA_VERSION) == "0003"


def test_an_unknown_version_is_refused_with_those_that_there_are(settings: Settings) -> None:
    with pytest.raises(InvalidRequest, match=r"'0000'.*0001, 0002"):
        move(settings.resolved_database_url(), target="0000")


def test_every_migration_says_what_its_downgrade_loses(database: Database) -> None:
    scripts = database.read(
        lambda connection: list(
            ScriptDirectory.from_config(configuration(connection)).walk_revisions()
        )
    )

    assert all(isinstance(script.module.LOSES, str) for script in scripts)


def test_the_guide_tells_what_each_older_version_cannot_hold() -> None:
    guide = Path(__file__).resolve().parents[2] / "docs" / "operations" / "backup.md"
    text = guide.read_text(encoding="utf-8")

    assert [version for version in versions()[:-1] if f"\n| {version} | " not in text] == []


def test_code_works_beside_a_later_step_of_its_generation(
    settings: Settings, database: Database
) -> None:
    later = f"{generation(SCHEMA_VERSION)}99"
    _pretend(database, later, "ALTER TABLE users ADD COLUMN nickname VARCHAR(50)")

    migrate(settings)
    catalog = open_catalog(settings)
    owner = catalog.people.ensure_owner("owner")
    collection = catalog.collections.create("Papers", owner.user_id)
    catalog.close()
    open_catalog.cache_clear()

    assert collection.owner_id == owner.user_id
    assert database.read(stored_version) == later, "a rollback's migration job changes nothing"


def test_code_refuses_the_next_generation_and_says_how_to_go_on(
    settings: Settings, database: Database
) -> None:
    _pretend(database, "0100", "DROP TABLE user_settings")

    with pytest.raises(TransientError, match=r"'0100'.*does not understand") as refused:
        open_catalog(settings)
    with pytest.raises(PermanentError, match="use the newer Lectern") as stopped:
        migrate(settings)

    assert refused.value.code == "catalog_schema"
    assert f"lectern migrate --to {SCHEMA_VERSION}" in refused.value.detail
    assert stopped.value.code == "catalog_newer"


@pytest.mark.parametrize("version", ["", "0001", "0003"])
def test_code_refuses_older_tables(version: str) -> None:
    with pytest.raises(TransientError, match="run `lectern up` or the migration job"):
        require_usable(version)


def test_within_a_generation_migrations_only_add(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'catalog.db'}"
    database = Database(url)
    breaks = {}
    known = versions()

    upgrade(url, target=known[0])
    for _, after in pairwise(known):
        old = database.read(_described)
        upgrade(url, target=after)
        breaks[after] = _broken(old, database.read(_described))
    database.close()

    assert breaks["0003"] == ["members is gone"], "the check sees what older code cannot live with"
    assert not {
        after: broken
        for before, after in pairwise(known)
        if before >= FIRST_RELEASED
        and generation(before) == generation(after)
        and (broken := breaks[after])
    }


Tables = dict[str, dict[str, Any]]


def _described(connection: Connection) -> Tables:
    inspector = inspect(connection)
    return {
        table: {column["name"]: column for column in inspector.get_columns(table)}
        for table in inspector.get_table_names()
    }


def _broken(old: Tables, new: Tables) -> Sequence[str]:
    """Return what code made for the tables `old` would stumble over in `new`."""
    found = [f"{table} is gone" for table in old if table not in new]
    for table in old.keys() & new.keys():
        found += [f"{table}.{name} is gone" for name in old[table] if name not in new[table]]
        found += [
            f"{table}.{name} must be given"
            for name, column in new[table].items()
            if name not in old[table] and not column["nullable"] and column["default"] is None
        ]
    return found


def _pretend(database: Database, version: str, change: str) -> None:
    """Make the database look as a later Lectern left it."""

    def alter(connection: Connection) -> None:
        connection.execute(text(change))
        connection.execute(text("UPDATE alembic_version SET version_num = :v"), {"v": version})

    database.write(alter)


def test_releases_without_a_registry_of_embedders_can_read_what_is_set(
    settings: Settings, database: Database
) -> None:
    catalog = open_catalog(settings)
    owner = catalog.people.create_user("ada")
    made = catalog.collections.create("Travel", owner.user_id).collection_id

    def kept() -> dict[str, Any]:
        [row] = found_in(database)["collections"]
        return dict(row["settings"])

    catalog.collections.change_settings(made, {"embedder": "0123456789abcdefghjk"})
    of_registry = kept()
    changed = catalog.collections.change_settings(made, {"language": "ko"})
    catalog.collections.change_settings(made, {"embedder": "offline"})

    assert of_registry == {"embedding_model": "0123456789abcdefghjk"}
    assert changed.settings.embedder == "0123456789abcdefghjk"
    assert kept() == {"embedder": "offline", "language": "ko"}
    catalog.close()
    open_catalog.cache_clear()


def test_going_back_takes_embedding_models_along_and_leaves_the_others(
    settings: Settings, database: Database
) -> None:
    catalog = open_catalog(settings)
    chat = ModelEntry("", "chat", "chat", "http://127.0.0.1:9/v1", "m")
    kept = catalog.models.create(chat)
    gone = catalog.models.create(replace(chat, name="embedding", kind="embedding"))
    catalog.models.choose("answer", [kept.model_id])
    catalog.models.choose("embedding", [gone.model_id, "offline"])
    catalog.close()
    open_catalog.cache_clear()

    move(settings.resolved_database_url(), target="0007", accept_loss=True)

    rows = found_in(database)
    assert [each["name"] for each in rows["model_entries"]] == ["chat"]
    assert [each["use"] for each in rows["model_choices"]] == ["answer"]
