"""A copy in another provider's bucket, and an installation restored from it."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from lectern.backup.disaster import copy_to
from lectern.backup.restoring import restore
from lectern.catalog import open_catalog
from lectern.documents import DocumentState
from lectern.index import collection_index
from lectern.objects import object_store
from lectern.settings import Settings
from tests.component.maintain_world import World, maintain_world

pytestmark = [
    # moto 5.2 and botocore use parts of the standard library that Python is about to drop
    pytest.mark.filterwarnings("ignore:.*utcnow.*:DeprecationWarning"),
]


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    with maintain_world(tmp_path / "home", monkeypatch) as world:
        yield world


@pytest.fixture
def endpoint() -> Iterator[str]:
    import boto3
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    url = "http://{}:{}".format(*server.get_host_and_port())
    client = boto3.client(
        "s3",
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id="copy",
        aws_secret_access_key="secret",
    )
    client.create_bucket(Bucket="copies")
    client.close()
    yield url
    server.stop()


def test_a_folder_is_copied_to_a_bucket_and_restored_from_it(
    world: World, endpoint: str, tmp_path: Path
) -> None:
    document = world.ready(b"words")
    time.sleep(
        1.1
    )  # a bucket's times are whole seconds: what is as old as its copy is copied again
    there = "s3://copies/lectern"
    bucket = {
        "copy_s3_endpoint": endpoint,
        "copy_s3_region": "us-east-1",
        "copy_s3_access_key": "copy",
        "copy_s3_secret_key": SecretStr("secret"),
    }
    source = world.settings.model_copy(update=bucket)
    elsewhere = Settings(home=tmp_path / "elsewhere").model_copy(update=bucket)

    first = copy_to(there, source)
    again = copy_to(there, source)
    report = restore(elsewhere, source=there)

    catalog = open_catalog(elsewhere)
    found = catalog.documents.get(document.document_id)
    catalog.close()
    assert found is not None
    assert (found.state, dict(report.reconciled)) == (DocumentState.READY, {})
    assert again.copied.new_objects == 1, "the manifest of the one table"
    assert again.copied.objects == first.copied.objects
    assert object_store(elsewhere).read(document.object_key) == b"words"
    index = collection_index(elsewhere, world.collection.collection_id)
    assert index.held() == {(document.document_id, 1): 1}
