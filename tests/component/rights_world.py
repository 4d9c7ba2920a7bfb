"""Every HTTP function on one home, a collection with secrets in it, and all kinds of callers."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flask.testing import FlaskClient
from functions_framework import create_app
from werkzeug.exceptions import NotFound
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

from functions.answer import main as answer_main
from functions.answer import wiring as answer_wiring
from functions.catalog import main as catalog_main
from functions.maintain import views as maintain_views
from functions.maintain import wiring as maintain_wiring
from functions.retrieve import main as retrieve_main
from functions.retrieve import wiring as retrieve_wiring
from lectern.catalog.records import Grant
from lectern.documents import Chunk, new_id
from lectern.index.rows import ChunkRow
from lectern.serving import Api
from tests.component.catalog_world import Shelf, World, running_world
from tests.component.pdf_files import plain, write_pdf

SECRET = "xylophone"
"""In the names of the collection, its document, conversation and assistant, and in its text."""

APIS: Mapping[str, Api] = {
    "catalog": catalog_main.api,
    "retrieve": retrieve_main.api,
    "answer": answer_main.api,
    "maintain": maintain_views.api,
}
ROUTES = sorted(
    f"{function} {method} {rule.rule}"
    for function, api in APIS.items()
    for rule in api.app.url_map.iter_rules()
    for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
)
_FUNCTIONS = Path(__file__).parents[2] / "functions"
_DIMENSIONS = 4


@dataclass(frozen=True)
class Everything:
    """The running functions; each kind of caller has a token, "anonymous" has none."""

    world: World
    clients: Mapping[str, FlaskClient]
    secrets: Mapping[str, str]
    members: str
    pdf: bytes

    def call(self, route: str, path: str, who: str, **options: Any) -> TestResponse:
        """Call the route of a function at `path` in somebody's name."""
        function, method, _ = route.split(" ")
        headers = {"Authorization": f"Bearer {self.secrets[who]}"} if who in self.secrets else {}
        return self.clients[function].open(path, method=method, headers=headers, **options)

    def room(self, *, to_everyone: bool = False) -> "Room":
        """Return a new collection of the owner's, shared, with one indexed document."""
        collections, users = self.world.needs.catalog.collections, self.world.users
        word = "marimba" if to_everyone else SECRET
        made = collections.create(f"{word} {new_id()}", users["owner"].user_id)
        grants = [
            Grant("user", "editor", users["editor"].user_id),
            Grant("user", "editor", users["disabled"].user_id),
            Grant("user", "viewer", users["viewer"].user_id),
            Grant("group", "viewer", self.members),
        ]
        if to_everyone:
            grants.append(Grant("everyone", "viewer"))
        collections.set_grants(made.collection_id, grants)
        shelf = Shelf(self.world, made)
        document_id = shelf.upload(self.pdf, f"{word}.pdf")["document_id"]
        shelf.ready(document_id)
        self._index(made.collection_id, document_id, word)
        turn = self.world.needs.catalog.conversations.begin_turn(
            users["owner"].user_id, f"What is a {word}?", collections=[made.collection_id]
        )
        assistant = self.world.needs.catalog.assistants.create(
            users["owner"].user_id, f"{word} desk", collections=[made.collection_id], manner={}
        )
        ids = (turn.conversation_id, turn.answer_id, assistant.assistant_id)
        return Room(shelf, document_id, *ids)

    def _index(self, collection_id: str, document_id: str, word: str) -> None:
        chunk = Chunk(
            chunk_id=f"{document_id}.1.0001.00000",
            document_id=document_id,
            revision=1,
            part=1,
            ordinal=0,
            page_number=1,
            text=f"The {word} is an instrument.",
        )
        row = ChunkRow(chunk, np.eye(_DIMENSIONS, dtype=np.float32)[0], f"{word}.pdf")
        needs = self.world.needs
        needs.index_of(collection_id).replace_part(document_id, 1, 1, [row])
        prefix = f"figures/{collection_id}/{document_id}/1"
        for key in ("figure.png", "pages/00001-1000.png"):
            needs.store.write(f"{prefix}/{key}", b"png")


@dataclass(frozen=True)
class Room:
    """What there is to read, search, download and delete."""

    shelf: Shelf
    document_id: str
    conversation_id: str
    message_id: str
    assistant_id: str

    def path(self, route: str) -> str:
        """Return the route's path, about what is in this room."""
        return filled(
            route,
            {
                "collection": self.shelf.collection.collection_id,
                "document_id": self.document_id,
                "conversation_id": self.conversation_id,
                "message_id": self.message_id,
                "assistant": self.assistant_id,
            },
        )


def filled(route: str, variables: Mapping[str, str]) -> str:
    """Return the route's path with its variables; those not given name nothing that exists."""
    path = route.split(" ")[2]
    numbers = {"int:revision": "1", "int:page_number": "1", "name": "figure.png"}
    for variable, value in (numbers | dict(variables)).items():
        path = path.replace(f"<{variable}>", value)
    while "<" in path:
        before, _, rest = path.partition("<")
        path = f"{before}nothing{rest.partition('>')[2]}"
    return path


@contextmanager
def running_everything(home: Path) -> Iterator[Everything]:
    """Start the four functions that people talk to."""
    with pytest.MonkeyPatch.context() as patch, ExitStack() as stack:
        patch.setenv("LECTERN_UNDO_S", "3600")
        world = stack.enter_context(running_world(home))
        for wiring in (retrieve_wiring, answer_wiring, maintain_wiring):
            _forget(wiring)
        retrieve = create_app("retrieve", str(_FUNCTIONS / "retrieve" / "main.py"))
        asked = DispatcherMiddleware(
            NotFound(), {"/retrieve": retrieve, "/catalog": world.client.application}
        )
        address = stack.enter_context(_served(asked))
        patch.setenv("LECTERN_FUNCTION_URL", address + "/{function}")
        clients = {"catalog": world.client, "retrieve": retrieve.test_client()}
        for function in ("answer", "maintain"):
            app = create_app(function, str(_FUNCTIONS / function / "main.py"))
            clients[function] = app.test_client()
        pdf = write_pdf(home / "a.pdf", plain("An instrument with bars.")).read_bytes()
        yield Everything(world, clients, *_people(world), pdf)
        for wiring in (retrieve_wiring, answer_wiring, maintain_wiring):
            _forget(wiring)


def _people(world: World) -> tuple[Mapping[str, str], str]:
    catalog = world.needs.catalog
    group_id = catalog.groups.create("members").group_id
    secrets = dict(world.secrets)
    users = dict(world.users)
    for who in ("member", "disabled"):
        users[who] = catalog.people.create_user(who)
        secrets[who] = catalog.people.create_token(users[who].user_id, "test")[1]
    catalog.groups.add(group_id, users["member"].user_id)
    catalog.accounts.change(users["disabled"].user_id, disabled=True)
    root = catalog.people.create_user("root", is_admin=True)
    secrets["administrator"] = catalog.people.create_token(root.user_id, "test")[1]
    secrets["reader"] = catalog.people.create_token(
        users["owner"].user_id, "reads only", scopes=["read"]
    )[1]
    world.users.update(users)  # type: ignore[attr-defined]
    return secrets, group_id


def _forget(wiring: Any) -> None:
    for name in ("dependencies", "settings", "letters"):
        cached = getattr(wiring, name, None)
        if hasattr(cached, "cache_clear"):
            cached.cache_clear()


@contextmanager
def _served(app: Any) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
