"""Local copies of indexes in S3: as right as the store, and not slower to notice a change."""

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

import boto3
import pytest
from moto.server import ThreadedMotoServer
from pydantic import SecretStr

from lectern.index import collection_index
from lectern.index.mirror import Mirrors
from lectern.index.port import CollectionIndex
from lectern.index.rows import SearchFilter
from lectern.index.wiring import _local_index
from lectern.objects import ObjectStore, object_store
from lectern.settings import Settings
from tests.contract.test_index import row, texts

pytestmark = pytest.mark.filterwarnings("ignore:.*utcnow.*:DeprecationWarning")
T = TypeVar("T")


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    yield "http://{}:{}".format(*server.get_host_and_port())
    server.stop()


@pytest.fixture
def settings(endpoint: str, tmp_path: Path) -> Settings:
    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    client = boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1", **keys)
    client.create_bucket(Bucket="mirrored")
    client.close()
    return Settings(
        home=tmp_path,
        store=f"s3://mirrored/{tmp_path.name}",
        s3_endpoint=endpoint,
        s3_access_key="test",
        s3_secret_key=SecretStr("test"),
    )


class CountingStore:
    """The real store, and which objects were fetched from it."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store
        self.fetched: list[str] = []

    def list(self, prefix: str) -> Iterator[object]:
        return self._store.list(prefix)

    def stream(self, key: str) -> Iterator[bytes]:
        self.fetched.append(key)
        return self._store.stream(key)


@pytest.fixture
def store(settings: Settings) -> CountingStore:
    return CountingStore(object_store(settings))


Making = Callable[..., Mirrors]


@pytest.fixture
def mirrors_of(store: CountingStore, tmp_path: Path) -> Iterator[Making]:
    made = []

    def make(budget_bytes: int = 1 << 30) -> Mirrors:
        mirrors = Mirrors(
            store, tmp_path / "copies", reader_of=_local_index, budget_bytes=budget_bytes
        )
        made.append(mirrors)
        return mirrors

    yield make
    for mirrors in made:
        mirrors.close()


def eventually(look: Callable[[], T | None]) -> T:
    until = time.monotonic() + 30
    while (found := look()) is None:
        assert time.monotonic() < until
        time.sleep(0.02)
    return found


def found(index: CollectionIndex, question: str) -> Sequence[str]:
    return texts(index.search_text(question, where=SearchFilter(), limit=10))


def test_a_copy_answers_as_the_store_does(settings: Settings, mirrors_of: Making) -> None:
    index = collection_index(settings, "leave")
    index.replace_part("doc", 1, 1, [row(0, "annual leave is 25 days"), row(1, "sick leave")])
    mirrors = mirrors_of()

    before = mirrors.current("leave")
    copied = eventually(lambda: mirrors.current("leave"))

    assert before is None, "nothing is here yet; the store answers meanwhile"
    assert found(copied, "leave") == found(index, "leave")
    assert copied.count() == 2


def test_a_change_is_noticed_and_only_what_is_new_is_fetched(
    settings: Settings, mirrors_of: Making, store: CountingStore, tmp_path: Path
) -> None:
    index = collection_index(settings, "leave")
    index.replace_part("old", 1, 1, [row(0, "annual leave", document="old")])
    mirrors = mirrors_of()
    eventually(lambda: mirrors.current("leave"))
    first = list(store.fetched)

    index.replace_part("new", 1, 1, [row(0, "parental leave", document="new")])
    copied = eventually(lambda: (i := mirrors.current("leave")) and (i.count() == 2 or None) and i)

    assert sorted(found(copied, "leave")) == ["annual leave", "parental leave"]
    assert not set(first) & set(store.fetched[len(first) :])
    assert not list((tmp_path / "copies").rglob("*.part"))


def test_what_was_deleted_is_not_found_in_the_copy(settings: Settings, mirrors_of: Making) -> None:
    index = collection_index(settings, "leave")
    index.replace_part("doc", 1, 1, [row(0, "annual leave")])
    mirrors = mirrors_of()
    eventually(lambda: mirrors.current("leave"))

    index.delete_document("doc")
    copied = eventually(lambda: (i := mirrors.current("leave")) and (i.count() == 0 or None) and i)

    assert not found(copied, "leave")


def test_files_of_old_versions_do_not_pile_up(
    settings: Settings, mirrors_of: Making, tmp_path: Path
) -> None:
    index = collection_index(settings, "leave")
    mirrors = mirrors_of()
    for version in range(1, 4):
        index.replace_part("doc", version, 1, [row(0, f"leave {version}", revision=version)])
        eventually(
            lambda v=version: (i := mirrors.current("leave")) and (i.count() == v or None) and i
        )

    manifests = list((tmp_path / "copies").rglob("*.manifest"))
    assert len(manifests) == 2, "the newest, and the one before that searches may still read"


def test_an_index_beyond_the_budget_stays_in_the_store(
    settings: Settings, mirrors_of: Making, store: CountingStore
) -> None:
    collection_index(settings, "leave").replace_part("doc", 1, 1, [row(0, "annual leave")])
    mirrors = mirrors_of(budget_bytes=100)

    mirrors.current("leave")
    time.sleep(1.2)  # longer than it trusts its last look

    assert mirrors.current("leave") is None
    assert not store.fetched


def test_the_copy_used_longest_ago_makes_room(settings: Settings, mirrors_of: Making) -> None:
    sizes = []
    for name in ("first", "second"):
        collection_index(settings, name).replace_part("doc", 1, 1, [row(0, f"{name} leave")])
        stored = object_store(settings).list(f"index/{name}/")
        sizes.append(sum(o.size_bytes for o in stored if "/data/" in o.key or "/_ind" in o.key))
    mirrors = mirrors_of(budget_bytes=max(sizes))
    reader = eventually(lambda: mirrors.current("first"))

    eventually(lambda: mirrors.current("second"))

    assert mirrors.current("first") is None
    assert found(reader, "leave") == ["first leave"], "a search under way still has its files"


def test_an_index_that_is_not_there_is_no_copy(mirrors_of: Making, settings: Settings) -> None:
    mirrors = mirrors_of()

    assert mirrors.current("nothing") is None
    assert mirrors.current("nothing") is None
