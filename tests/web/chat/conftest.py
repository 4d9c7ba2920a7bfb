"""Somebody with a document, and a chat model that says what a test wrote."""

from dataclasses import dataclass
from pathlib import Path

import pymupdf
import pytest

from lectern.client import Lectern
from tests.e2e.lectern_up import LecternUp
from tests.provider.chat import Script, ScriptedChat
from tests.web.stack import Person
from tests.web.stack import Stack as Running

PAGES = (
    "Opening hours. The library in Gamle Brygge opens at eight in the morning on weekdays.",
    "Lending. A borrowed telescope must be returned to the observatory within nineteen days.",
    "Fines. A late book costs two kroner for every started week.",
)
QUESTION = "Within how many days must a borrowed telescope be returned?"
ANSWER = "A borrowed telescope must be returned within nineteen days [1]."


@dataclass(frozen=True)
class Stack:
    """What runs, what its model will say, and somebody who can read one document only."""

    up: LecternUp
    model: ScriptedChat
    person: Person
    document_id: str

    @property
    def web(self) -> str:
        """Address of the web UI."""
        return self.up.running.web

    @property
    def token(self) -> str:
        """The person's token."""
        return self.person.token

    def client(self) -> Lectern:
        """Return Lectern as the person sees it; close it."""
        return self.person.lectern()


@pytest.fixture(scope="session")
def running_stack(running: Running, tmp_path_factory: pytest.TempPathFactory) -> Stack:
    """Give somebody a collection with one document."""
    person = running.person("chat-reader")
    with person.lectern() as lectern:
        collection = lectern.collections.ensure("Chat library").collection_id
        document = lectern.documents.upload(collection, _pdf(tmp_path_factory.mktemp("chat")))
        assert lectern.documents.wait(document.document_id).state == "ready"
    return Stack(running.up, running.model, person, document.document_id)


@pytest.fixture
def stack(running_stack: Stack) -> Stack:
    """The running stack, whose model gives the one right answer again."""
    running_stack.model.play(Script(ANSWER))
    return running_stack


def _pdf(folder: Path) -> Path:
    path = folder / "library.pdf"
    with pymupdf.open() as pdf:
        for text in PAGES:
            pdf.new_page().insert_textbox(pymupdf.Rect(72, 200, 500, 700), text, fontsize=12)
        pdf.save(path)
    return path
