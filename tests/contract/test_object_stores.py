"""What every object store promises (`lectern.objects.port`), tried on a folder and on S3.

S3 is moto's server on loopback, and a real endpoint when `LECTERN_TEST_S3_ENDPOINT` names one
(with `LECTERN_TEST_S3_BUCKET`, `…_ACCESS_KEY` and `…_SECRET_KEY`).
"""

import io
import os
import string
import threading
import unicodedata
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lectern.errors import InvalidRequest, SourceGone
from lectern.objects import ObjectStore
from lectern.objects.folder import FolderStore
from lectern.objects.s3 import S3Store
from lectern.objects.s3_client import S3Connection

pytestmark = [
    # moto 5.2 and botocore use parts of the standard library that Python is about to drop
    pytest.mark.filterwarnings("ignore:.*utcnow.*:DeprecationWarning"),
]

ENDPOINT = os.environ.get("LECTERN_TEST_S3_ENDPOINT", "")
FIXED = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


class OneAtATime:
    """Lets one request at a time into moto, whose check of `If-None-Match` is not atomic."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self._lock = threading.Lock()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        with self._lock:
            return list(self._app(environ, start_response))


@pytest.fixture(scope="module")
def moto_connection() -> Iterator[S3Connection]:
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    server._server.app = OneAtATime(server._server.app)
    host, port = server.get_host_and_port()
    connection = S3Connection(f"http://{host}:{port}", "us-east-1", "key", "secret")
    connection.client().create_bucket(Bucket="lectern")
    yield connection
    server.stop()


BUCKETS = ["moto", *(["endpoint"] if ENDPOINT else [])]


@pytest.fixture(params=["folder", *BUCKETS])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ObjectStore]:
    prefix = uuid.uuid4().hex
    if request.param == "folder":
        yield FolderStore(
            tmp_path / "store",
            links_base_url="http://127.0.0.1/catalog",
            signing_secret=lambda: b"secret",
            keep_folders=("inbox",),
        )
        return
    bucket = "lectern"
    if request.param == "moto":
        connection = request.getfixturevalue("moto_connection")
    else:
        bucket = os.environ["LECTERN_TEST_S3_BUCKET"]
        connection = S3Connection(
            ENDPOINT,
            os.environ.get("LECTERN_TEST_S3_REGION", "us-east-1"),
            os.environ.get("LECTERN_TEST_S3_ACCESS_KEY", ""),
            os.environ.get("LECTERN_TEST_S3_SECRET_KEY", ""),
        )
    made = S3Store(bucket, f"tests/{prefix}", connection)
    yield made
    for folder in {info.key.split("/")[0] for info in made.list("")}:
        made.delete([folder])
        made.delete_prefix(f"{folder}/")


def keys(store: ObjectStore, prefix: str = "") -> list[str]:
    return [info.key for info in store.list(prefix)]


letters = st.sampled_from(string.ascii_letters + " .-_+%&=?#~'\"<>|:*éß한文😀\u0301")
component = (
    st.text(letters, min_size=1, max_size=12)
    .filter(lambda text: text not in {".", ".."})
    .map(lambda text: unicodedata.normalize("NFC", text))
)
object_key = st.lists(component, min_size=1, max_size=3).map(lambda parts: "k/" + "/".join(parts))


@FIXED
@given(key=object_key, data=st.binary(max_size=2000))
def test_a_store_returns_what_was_written(store: ObjectStore, key: str, data: bytes) -> None:
    store.write(key, data)
    try:
        with store.local_file(key) as path:
            assert path.read_bytes() == data
        assert store.read(key) == data
        assert b"".join(store.stream(key, chunk_bytes=7)) == data
        assert store.info(key).size_bytes == len(data)
        assert keys(store, key) == [key]
    finally:
        store.delete([key])

    assert keys(store) == []


@FIXED
@given(data=st.binary(max_size=50), start=st.integers(0, 60), end=st.integers(0, 60))
def test_a_range_is_a_slice(store: ObjectStore, data: bytes, start: int, end: int) -> None:
    store.write("a", data)

    assert store.read_range("a", start, end) == data[start:end]


def test_a_second_write_replaces_the_first(store: ObjectStore) -> None:
    store.write("a/b", b"first")
    before = store.info("a/b")
    store.write("a/b", b"second", content_type="text/plain")
    after = store.info("a/b")

    assert store.read("a/b") == b"second"
    assert before.etag != after.etag
    assert abs(after.modified - datetime.now(UTC)) < timedelta(minutes=5)


def test_what_is_missing_is_gone(store: ObjectStore) -> None:
    store.write("a/b/c", b"")

    for key in ("nothing", "a", "a/b", "a/b/d"):
        for ask in (store.read, store.info, lambda key: next(store.stream(key))):
            with pytest.raises(SourceGone):
                ask(key)
        with pytest.raises(SourceGone):
            store.read_range(key, 0, 1)
        with pytest.raises(SourceGone), store.local_file(key):
            pass
        with pytest.raises(SourceGone):
            store.copy(key, "copy")
    store.delete(["nothing", "a", "a/b", "a/b/d"])

    assert keys(store) == ["a/b/c"]


@pytest.mark.parametrize(
    "key",
    [
        "",
        "/etc/passwd",
        "a//b",
        "a/",
        ".",
        "..",
        "a/../b",
        "./a",
        "a\\b",
        "a\0b",
        "a\nb",
        "\ud800",
        "x" * 256,
        "é" * 128,
        "/".join("x" * 100 for _ in range(11)),
        ".lectern-incoming/a",
    ],
)
def test_keys_that_not_every_store_can_hold_are_refused(store: ObjectStore, key: str) -> None:
    with pytest.raises(InvalidRequest):
        store.write(key, b"")
    with pytest.raises(InvalidRequest):
        store.read(key)
    with pytest.raises(InvalidRequest):
        store.delete([key])
    with pytest.raises(InvalidRequest):
        store.upload_url(key, expires_s=60)


@pytest.mark.parametrize(
    "name",
    ["x" * 255, "é" * 127, "한국어 보고서.pdf", "a+b c%20d?.pdf", "cafe\u0301.pdf", "-", "~", " "],
)
def test_odd_names_are_kept_as_given(store: ObjectStore, name: str) -> None:
    store.write(f"uploads/{name}", b"data")

    assert keys(store, "uploads/") == [f"uploads/{name}"]
    assert store.read(f"uploads/{name}") == b"data"


def test_a_listing_is_in_the_order_of_the_keys_bytes(store: ObjectStore) -> None:
    expected = sorted(
        ["a-b", "a/z", "a/b/c", "a0", "b", "a/b-", "a/b0", "é", "z", "Z", "😀", "\uffee", "a/é"],
        key=str.encode,
    )
    for key in reversed(expected):
        store.write(key, b"")

    assert keys(store) == expected
    assert keys(store, "a") == [key for key in expected if key.startswith("a")]
    assert keys(store, "a/b") == ["a/b-", "a/b/c", "a/b0"]
    assert keys(store, "a/b/") == ["a/b/c"]
    assert keys(store, "nothing/") == []


def test_a_listing_goes_beyond_one_page(store: ObjectStore) -> None:
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda n: store.write(f"many/{n:04d}", b""), range(1003)))

    assert len(keys(store, "many/")) == 1003
    assert store.delete_prefix("many/") == 1003
    assert keys(store) == []


def test_only_the_version_that_was_seen_is_removed(store: ObjectStore) -> None:
    store.write("inbox/a", b"first")
    seen = store.info("inbox/a").etag
    store.write("inbox/a", b"second")

    assert store.delete_unchanged("inbox/a", seen) is False
    assert store.read("inbox/a") == b"second"
    assert store.delete_unchanged("inbox/a", store.info("inbox/a").etag) is True
    assert store.delete_unchanged("inbox/a", seen) is False
    assert store.delete_unchanged("inbox", seen) is False
    assert keys(store) == []


def test_a_prefix_is_deleted_and_nothing_beside_it(store: ObjectStore) -> None:
    for key in ("a/b/c", "a/b/d/e", "a/bc", "b"):
        store.write(key, b"")

    assert store.delete_prefix("a/b/") == 2
    assert keys(store) == ["a/bc", "b"]
    assert store.delete_prefix("a/b/") == 0
    for prefix in ("", "a", "/", "../"):
        with pytest.raises(InvalidRequest):
            store.delete_prefix(prefix)


def test_an_object_is_copied_and_replaces_the_target(store: ObjectStore) -> None:
    store.write("from", b"data")
    store.write("to/there", b"old")
    store.copy("from", "to/there")
    store.write("from", b"changed")

    assert store.read("to/there") == b"data"


def test_a_claim_is_won_once(store: ObjectStore) -> None:
    assert store.claim("claims/a", b"mine") is True
    assert store.claim("claims/a", b"yours") is False
    assert store.read("claims/a") == b"mine"
    store.delete(["claims/a"])
    assert store.claim("claims/a", b"yours") is True


def test_a_raced_claim_has_exactly_one_winner_and_its_content(store: ObjectStore) -> None:
    start = threading.Barrier(8)

    def race(number: int) -> int | None:
        start.wait()
        return number if store.claim("claims/raced", b"%d" % number) else None

    with ThreadPoolExecutor(8) as threads:
        winners = [number for number in threads.map(race, range(8)) if number is not None]

    assert len(winners) == 1
    assert store.read("claims/raced") == b"%d" % winners[0]


class Source(io.RawIOBase):
    """Yields `size` bytes in short reads, and fails after `fails_at` if given."""

    def __init__(self, size: int, fails_at: int | None = None) -> None:
        self._left = size
        self._fails_at = fails_at
        self._read = 0

    def read(self, size: int = -1, /) -> bytes:
        if self._fails_at is not None and self._read >= self._fails_at:
            raise ConnectionAbortedError("the sender went away")
        piece = bytes(min(self._left, size if size >= 0 else self._left, 100_000))
        self._left -= len(piece)
        self._read += len(piece)
        return piece


@pytest.mark.parametrize("size", [0, 1, 8 << 20, (17 << 20) + 5])
def test_a_stream_is_stored_whole(store: ObjectStore, size: int) -> None:
    stored = store.write_stream("big/one", Source(size), content_type="application/pdf")  # type: ignore[arg-type]

    assert stored == size
    assert store.info("big/one").size_bytes == size


@pytest.mark.parametrize("fails_at", [0, 1000, 9 << 20])
def test_a_broken_stream_leaves_nothing(store: ObjectStore, fails_at: int) -> None:
    with pytest.raises(ConnectionAbortedError):
        store.write_stream("big/one", Source(20 << 20, fails_at))  # type: ignore[arg-type]

    assert keys(store) == []


def test_readers_never_see_half_an_object(store: ObjectStore) -> None:
    first, second = b"1" * 300_000, b"2" * 200_000
    store.write("swapped", first)
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            store.write("swapped", second)
            store.write("swapped", first)

    with ThreadPoolExecutor(1) as threads:
        writing = threads.submit(write)
        seen = {store.read("swapped") for _ in range(40)}
        stop.set()
        writing.result()

    assert seen <= {first, second}


def test_writers_and_deletions_in_one_folder_do_not_disturb_each_other(store: ObjectStore) -> None:
    def churn(number: int) -> None:
        for _ in range(25):
            store.write(f"busy/folder/{number}", b"data")
            assert store.read(f"busy/folder/{number}") == b"data"
            store.delete([f"busy/folder/{number}"])

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(churn, range(4)))

    assert keys(store) == []


@pytest.mark.parametrize("store", BUCKETS, indirect=True)  # the catalog serves a folder's links
@pytest.mark.parametrize("key", ["uploads/a b/é+%.pdf", "uploads/한국어?.txt"])
def test_links_carry_an_upload_and_a_download(store: ObjectStore, key: str) -> None:
    with httpx.Client() as http:
        put = http.put(
            store.upload_url(key, expires_s=60, content_type="text/plain"),
            content=b"data",
            headers={"content-type": "text/plain"},
        )
        url = store.download_url(key, expires_s=60, file_name='Zoë "1"\r\nX: y.pdf')
        got = http.get(url)

    assert put.status_code == 200
    assert store.read(key) == b"data"
    assert (got.status_code, got.content) == (200, b"data")
