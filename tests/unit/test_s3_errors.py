"""What an S3 endpoint's troubles mean to Lectern, and how the store is chosen."""

import socket
from pathlib import Path

import pytest

from lectern.errors import (
    InvalidRequest,
    LecternError,
    PermanentError,
    RateLimited,
    SourceGone,
    TransientError,
)
from lectern.objects import key_prefix, object_store
from lectern.objects.folder import FolderStore
from lectern.objects.s3 import S3Store
from lectern.objects.s3_client import S3Connection, of_answer
from lectern.settings import Settings


@pytest.mark.parametrize(
    ("code", "status", "kind", "name"),
    [
        ("NoSuchKey", 404, SourceGone, "source_gone"),
        ("404", 404, SourceGone, "source_gone"),
        ("NoSuchBucket", 404, PermanentError, "no_bucket"),
        ("AccessDenied", 403, PermanentError, "store_denied"),
        ("403", 403, PermanentError, "store_denied"),
        ("InvalidAccessKeyId", 403, PermanentError, "store_denied"),
        ("SlowDown", 503, RateLimited, "store_busy"),
        ("InternalError", 500, TransientError, "store_unavailable"),
        ("", 502, TransientError, "store_unavailable"),
        ("RequestTimeout", 400, TransientError, "store_unavailable"),
        ("ExpiredToken", 400, TransientError, "store_unavailable"),
        ("EntityTooLarge", 400, PermanentError, "store_refused"),
    ],
)
def test_an_error_answer_says_whether_to_try_again(
    code: str, status: int, kind: type[LecternError], name: str
) -> None:
    answer = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}

    error = of_answer(answer, "a", "bucket")

    assert type(error) is kind
    assert error.code == name


def test_an_endpoint_that_is_not_there_is_transient() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{unused.getsockname()[1]}"
        store = S3Store("bucket", "", S3Connection(address, "us-east-1", "key", "secret"))

        with pytest.raises(TransientError, match="cannot be reached"):
            store.info("a")


def test_the_secret_key_is_not_shown() -> None:
    assert "hush" not in repr(S3Connection("", "us-east-1", "key", "hush"))


@pytest.mark.parametrize(
    ("address", "kind", "prefix"),
    [
        ("", FolderStore, ""),
        ("data/with/parts", FolderStore, ""),
        ("s3://bucket", S3Store, ""),
        ("s3://bucket/", S3Store, ""),
        ("s3://bucket/team/lectern/", S3Store, "team/lectern/"),
    ],
)
def test_the_address_chooses_the_store(
    tmp_path: Path, address: str, kind: type, prefix: str
) -> None:
    settings = Settings(home=tmp_path, store=address)

    assert type(object_store(settings)) is kind
    assert object_store(settings) is object_store(settings)
    assert key_prefix(settings) == prefix


@pytest.mark.parametrize("address", ["gs://bucket", "s3://", "s3:///prefix"])
def test_an_address_nobody_knows_is_refused(tmp_path: Path, address: str) -> None:
    with pytest.raises(InvalidRequest, match="LECTERN_STORE"):
        object_store(Settings(home=tmp_path, store=address))
