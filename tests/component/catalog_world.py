"""The catalog function as a container runs it, with people in it and a broker beside it."""

import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from functions_framework import create_app
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from functions.catalog import main
from functions.catalog.wiring import Dependencies, dependencies
from lectern.catalog import migrate
from lectern.catalog.records import Collection, PartPlan, User
from lectern.documents import new_id
from lectern.settings import Settings
from tests.component.event_sink import EventSink

MAX_UPLOAD_BYTES = 3 << 20
ROLES = ("owner", "editor", "viewer", "stranger")
SOURCE = Path(__file__).parents[2] / "functions" / "catalog" / "main.py"


@dataclass(frozen=True)
class World:
    """The running function; each of `ROLES` and "administrator" has a token, "anonymous" none."""

    client: FlaskClient
    needs: Dependencies
    sink: EventSink
    users: Mapping[str, User]
    secrets: Mapping[str, str]

    def call(self, method: str, path: str, who: str = "owner", **options: Any) -> TestResponse:
        """Call the function in somebody's name."""
        headers = dict(options.pop("headers", {}))
        if who in self.secrets:
            headers["Authorization"] = f"Bearer {self.secrets[who]}"
        return self.client.open(path, method=method, headers=headers, **options)

    def shelf(self) -> "Shelf":
        """Return a new collection of the owner's with an editor and a viewer."""
        collections = self.needs.catalog.collections
        made = collections.create(f"shelf {new_id()}", self.users["owner"].user_id)
        collections.set_member(made.collection_id, self.users["editor"].user_id, "editor")
        collections.set_member(made.collection_id, self.users["viewer"].user_id, "viewer")
        return Shelf(self, made)

    def published(self, document_id: str) -> list[str]:
        """Return the ids of the events about a document."""
        return [e.event_id for e in self.sink.events if e.subject == document_id]


@dataclass(frozen=True)
class Shelf:
    """One collection and short ways to fill it."""

    world: World
    collection: Collection
    path: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "path", f"/v1/collections/{self.collection.collection_id}")

    def post(self, data: bytes = b"hello", name: str = "a.txt", **options: Any) -> TestResponse:
        """Upload a form with a file; bytes may come again under another name."""
        content_type = options.pop("content_type", "")
        file = FileStorage(io.BytesIO(data), filename=name, content_type=content_type)
        fields = {"allow_duplicate": "true"} | options.pop("fields", {})
        boundary, body = encode_multipart({"file": file} | fields)
        return self.world.call(
            "POST",
            f"{self.path}/documents",
            data=body,
            content_type=f"multipart/form-data; boundary={boundary}",
            **options,
        )

    def upload(self, data: bytes = b"hello", name: str = "a.txt", **options: Any) -> dict[str, Any]:
        """Upload a form with a file and return the document."""
        response = self.post(data, name, **options)
        assert response.status_code in {200, 201}, response.text
        return response.get_json()

    def ticket(self, name: str = "a.txt", **fields: Any) -> dict[str, Any]:
        """Ask for an upload ticket."""
        body = {"name": name, **fields}
        response = self.world.call("POST", f"{self.path}/documents", json=body)
        assert response.status_code == 201, response.text
        return response.get_json()

    def ready(self, document_id: str, revision: int = 1) -> None:
        """Move a document through its stages, one part."""
        documents = self.world.needs.catalog.documents
        documents.begin_parsing(document_id, revision)
        plan = PartPlan(1, 1, 1, chunks_key="parsed/part-0001", chunk_count=1)
        documents.plan_parts(document_id, revision, [plan], pages=1)
        documents.part_embedded(document_id, revision, 1)
        documents.finish(document_id, revision)


@contextmanager
def running_world(home: Path) -> Iterator[World]:
    """Start the function on an empty home."""
    with pytest.MonkeyPatch.context() as patch, EventSink() as sink:
        patch.setenv("LECTERN_HOME", str(home))
        patch.setenv("LECTERN_MAX_UPLOAD_BYTES", str(MAX_UPLOAD_BYTES))
        patch.setenv("LECTERN_PUBLIC_URL", "http://localhost")
        patch.setenv("K_SINK", sink.url)
        migrate(Settings())
        dependencies.cache_clear()
        client = create_app("catalog", str(SOURCE)).test_client()
        needs = dependencies()
        people = needs.catalog.people
        users = {who: people.create_user(who) for who in ROLES}
        users["administrator"] = people.create_user("administrator", is_admin=True)
        secrets = {who: people.create_token(user.user_id, "test")[1] for who, user in users.items()}
        yield World(client, needs, sink, users, secrets)
        needs.catalog.close()
        needs.painter.close()
        dependencies.cache_clear()


ROUTES = sorted(
    f"{method} {rule.rule}"
    for rule in main.api.app.url_map.iter_rules()
    for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
)
