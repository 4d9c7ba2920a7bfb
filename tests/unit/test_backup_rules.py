"""Which backups stay, what they are called, and which files make up a copy of a table."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lectern.backup.names import moment_of, name_of
from lectern.backup.retention import Retention
from lectern.index.copying import newest_manifests, table_copies

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
moments = st.timedeltas(timedelta(0), timedelta(days=900)).map(lambda age: NOW - age)


def ago(**time: float) -> str:
    return name_of(NOW - timedelta(**time))


@given(st.lists(moments, min_size=2, max_size=2))
def test_names_sort_as_the_moments_they_say(times: list[datetime]) -> None:
    first, second = (name_of(time) for time in sorted(times))

    assert first <= second
    assert moment_of(first) == min(times).replace(microsecond=min(times).microsecond // 1000 * 1000)


@pytest.mark.parametrize(
    "name", ["", "identity", "20261122T120000Z", "20269922T120000.000Z", "../x"]
)
def test_what_is_no_name_of_a_backup_has_no_moment(name: str) -> None:
    assert moment_of(name) is None


def test_the_newest_of_each_day_and_week_stays() -> None:
    hours = [ago(hours=hour) for hour in range(0, 24 * 60, 6)]

    outdated = Retention(daily=3, weekly=4).outdated(hours, NOW)

    assert sorted(set(hours) - set(outdated)) == [
        "20261101T180000.000Z",  # the last of three weeks
        "20261108T180000.000Z",
        "20261115T180000.000Z",
        "20261120T180000.000Z",  # the last of Friday
        "20261121T180000.000Z",  # and all of the last 24 hours
        "20261122T000000.000Z",
        "20261122T060000.000Z",
        "20261122T120000.000Z",
    ]


@given(st.lists(moments, unique=True, max_size=40), st.integers(0, 5), st.integers(0, 5))
def test_retention_keeps_enough_and_the_newest(
    times: list[datetime], daily: int, weekly: int
) -> None:
    existing = [name_of(time) for time in times]

    outdated = Retention(daily, weekly).outdated([*existing, "identity"], NOW)
    kept = set(existing) - set(outdated)

    assert set(outdated) <= set(existing)
    assert not existing or max(existing) in kept
    days = {time.date() for time in times}
    assert len({name[:8] for name in kept}) >= min(daily, len(days))
    assert Retention(daily, weekly).outdated(kept, NOW) == [], "a second look removes nothing more"


def manifest(table: str, version: int) -> str:
    return f"index/c/{table}.lance/_versions/{2**64 - 1 - version:020}.manifest"


def test_a_table_is_copied_with_its_newest_manifest_alone_and_last() -> None:
    files = ["index/c/chunks.lance/data/a.lance", "index/c/chunks.lance/_indices/u/i.lance"]
    versions = [manifest("chunks", version) for version in (1, 9, 10)]
    hint = "index/c/chunks.lance/_versions/latest_version_hint.json"
    later = [manifest("chunks", 11), "index/c/chunks.lance/data/b.lance"]

    newest = newest_manifests([*files, *versions, hint])
    (copy,) = table_copies(newest, [*files, *versions, hint, *later])

    assert copy.manifest == manifest("chunks", 10)
    assert set(copy.files) == {*files, later[1]}


def test_tables_named_alike_are_kept_apart_and_old_names_of_manifests_are_known() -> None:
    old = ["index/c/a.lance/_versions/2.manifest", "index/c/a.lance/_versions/10.manifest"]
    other = manifest("a.lance2", 3)

    newest = newest_manifests([*old, other, "index/c/a.lance/data/_versions"])
    copies = table_copies(newest, ["index/c/a.lance/data/1", "index/c/a.lance2.lance/data/2"])

    assert newest == {"index/c/a.lance/": old[1], "index/c/a.lance2.lance/": other}
    assert [copy.files for copy in copies] == [
        ["index/c/a.lance/data/1"],
        ["index/c/a.lance2.lance/data/2"],
    ]
