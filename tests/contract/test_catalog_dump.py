"""A dump of the catalog says the same to both kinds of database."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import Connection, insert, update

from lectern.backup import names
from lectern.backup.catalog import dump_catalog, load_catalog, require_empty
from lectern.backup.manifest import Manifest
from lectern.backup.shelf import Shelf
from lectern.catalog import open_catalog
from lectern.catalog.database import Database
from lectern.catalog.dumping import LEFT_OUT
from lectern.catalog.migrating import upgrade, versions
from lectern.catalog.schema import metadata
from lectern.catalog.tables import users
from lectern.catalog.tables_accounts import audit_entries
from lectern.errors import PermanentError
from lectern.objects.folder import FolderStore
from lectern.settings import Settings
from tests.catalog_rows import fill, rows_of
from tests.postgres import new_database

PAIRS = [
    pytest.param(("sqlite", "sqlite"), id="sqlite"),
    pytest.param(("sqlite", "postgres"), id="sqlite to postgres", marks=pytest.mark.postgres),
    pytest.param(("postgres", "sqlite"), id="postgres to sqlite", marks=pytest.mark.postgres),
]


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    return FolderStore(
        tmp_path / "store", links_base_url="http://127.0.0.1", signing_secret=lambda: b""
    )


@pytest.fixture(params=PAIRS)
def urls(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, str]]:
    """A filled database and where to restore it, which is empty and has no tables."""
    with ExitStack() as stack:
        first, second = (
            f"sqlite:///{tmp_path / f'{place}.db'}"
            if kind == "sqlite"
            else stack.enter_context(new_database(request.getfixturevalue("postgres")))
            for place, kind in zip(("from", "to"), request.param, strict=True)
        )
        upgrade(first)
        write(first, fill)
        yield first, second


def write(url: str, work: object) -> None:
    database = Database(url)
    database.write(work)  # type: ignore[arg-type]
    database.close()


def read(url: str) -> dict[str, list[dict[str, object]]]:
    database = Database(url)
    rows = database.read(rows_of)
    database.close()
    return rows


def backup(url: str, store: FolderStore) -> Manifest:
    manifest = dump_catalog(url, store)
    Shelf(store).add(manifest)
    return Shelf(store).open(manifest.name)


def test_every_row_comes_back_but_those_of_sessions(
    urls: tuple[str, str], store: FolderStore
) -> None:
    source, target = urls

    manifest = backup(source, store)
    load_catalog(target, store, manifest, replace=False)

    expected = read(source) | {name: [] for name in LEFT_OUT - {"alembic_version"}}
    assert read(target) == expected
    assert {entry.table for entry in manifest.tables} == set(metadata.tables) - LEFT_OUT


def test_numbering_goes_on_where_it_was(urls: tuple[str, str], store: FolderStore) -> None:
    source, target = urls
    load_catalog(target, store, backup(source, store), replace=False)
    before = read(target)["audit_entries"]

    catalog = open_catalog(Settings(database_url=SecretStr(target)))
    catalog.audit.record("", "", "something.new")
    catalog.close()

    numbers = [row["entry"] for row in read(target)["audit_entries"]]
    assert len(set(numbers)) == len(before) + 1


def test_a_dump_is_of_one_moment(urls: tuple[str, str], store: FolderStore) -> None:
    source, target = urls

    class Busybody(FolderStore):
        """A store during whose first write somebody changes the database."""

        def write_stream(self, key: str, *args: object, **options: object) -> int:  # type: ignore[override]
            if not done:
                done.append(key)
                write(source, rename)
            return super().write_stream(key, *args, **options)  # type: ignore[arg-type]

    def rename(connection: Connection) -> None:
        connection.execute(update(users).values(display_name="changed"))
        connection.execute(insert(audit_entries).values(late))

    done: list[str] = []
    late = dict(read(source)["audit_entries"][0]) | {"entry": 99}
    before = read(source)
    busy = Busybody(store._root, links_base_url="", signing_secret=lambda: b"")

    manifest = dump_catalog(source, busy)
    load_catalog(target, store, manifest, replace=False)

    assert done, "the change came while the dump was written"
    assert read(target)["users"] == before["users"]
    assert read(target)["audit_entries"] == before["audit_entries"]


def test_a_filled_installation_is_replaced_only_on_request(
    urls: tuple[str, str], store: FolderStore
) -> None:
    source, _ = urls
    manifest = backup(source, store)
    write(source, lambda connection: connection.execute(update(users).values(display_name="new")))
    later = read(source)

    with pytest.raises(PermanentError, match="3 users, 3 collections, 3 documents") as refused:
        load_catalog(source, store, manifest, replace=False)
    with pytest.raises(PermanentError, match="--force"):
        require_empty(source)
    assert (refused.value.code, read(source)) == ("not_empty", later)

    load_catalog(source, store, manifest, replace=True)
    assert read(source)["users"] != later["users"]


@pytest.mark.parametrize("damage", ["cut", "changed", "gone", "emptied"])
def test_a_damaged_backup_changes_nothing(tmp_path: Path, store: FolderStore, damage: str) -> None:
    url = f"sqlite:///{tmp_path / 'catalog.db'}"
    upgrade(url)
    write(url, fill)
    manifest = backup(url, store)
    key = names.rows_key(manifest.name, "feedback")
    whole = store.read(key)
    if damage == "gone":
        store.delete([key])
    elif damage == "emptied":
        store.write(key, store.read(names.rows_key(manifest.name, "shares")))
    else:
        store.write(key, whole[:-4] if damage == "cut" else whole[:20] + b"\0\0" + whole[22:])
    before = read(url)

    with pytest.raises(PermanentError) as refused:
        load_catalog(url, store, manifest, replace=True)

    assert refused.value.code == "damaged_backup"
    assert manifest.name in refused.value.detail
    assert read(url) == before


def test_a_manifest_is_believed_only_as_it_was_written(tmp_path: Path, store: FolderStore) -> None:
    url = f"sqlite:///{tmp_path / 'catalog.db'}"
    upgrade(url)
    manifest = backup(url, store)
    key = names.manifest_key(manifest.name)
    store.write(key, store.read(key).replace(b'"rows": 0', b'"rows": 1', 1))

    with pytest.raises(PermanentError, match="its manifest is not as it was written"):
        Shelf(store).open(manifest.name)


@pytest.mark.parametrize("version", versions()[1:-1])
def test_a_backup_of_an_older_schema_is_brought_up_to_date(
    tmp_path: Path, store: FolderStore, version: str
) -> None:
    old, new = (f"sqlite:///{tmp_path / name}" for name in ("old.db", "new.db"))
    upgrade(old, target=version)
    database = Database(old)
    database.write(
        lambda connection: connection.exec_driver_sql(
            "INSERT INTO users (user_id, name, is_admin, created_at, name_folded) "
            "VALUES ('u1', 'Ada', 1, '2026-01-01 10:00:00.000000', 'ada')"
        )
    )
    database.close()

    manifest = backup(old, store)
    load_catalog(new, store, manifest, replace=False)

    assert manifest.schema_version == version
    catalog = open_catalog(Settings(database_url=SecretStr(new)))
    assert [user.name for user in catalog.people.users()] == ["Ada"]
    catalog.close()


def test_a_backup_of_a_newer_schema_is_refused(tmp_path: Path, store: FolderStore) -> None:
    url = f"sqlite:///{tmp_path / 'catalog.db'}"
    upgrade(url)
    newer = backup(url, store).model_copy(update={"schema_version": "0099", "lectern": "9.0"})

    with pytest.raises(PermanentError, match=r"made by Lectern 9\.0 with tables of version '0099'"):
        load_catalog(f"sqlite:///{tmp_path / 'new.db'}", store, newer, replace=False)

    assert not (tmp_path / "new.db").exists()
