"""The whole of Lectern as subprocesses, a chat model that says what a test wrote, and a document.

`stack.ask` never leaves loopback: the model is a scripted endpoint in this very process.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pymupdf
import pytest

from lectern.local.home import Home
from lectern.local.web import sign_in_link
from tests.e2e.lectern_up import LecternUp, lectern_up
from tests.provider.chat import Script, ScriptedChat

PAGES = (
    "Opening hours. The library in Gamle Brygge opens at eight in the morning on weekdays.",
    "Lending. A borrowed telescope must be returned to the observatory within nineteen days.",
    "Fines. A late book costs two kroner for every started week.",
)
QUESTION = "Within how many days must a borrowed telescope be returned?"
ANSWER = "A borrowed telescope must be returned within nineteen days [1]."


@dataclass(frozen=True)
class Stack:
    """What runs, and what its model will say."""

    up: LecternUp
    model: ScriptedChat
    document_id: str

    @property
    def link(self) -> str:
        """A link that signs the owner in, once."""
        return sign_in_link(Home(self.up.home), self.up.running.web)

    @property
    def token(self) -> str:
        """The owner's token."""
        return Home(self.up.home).owner_token()


@pytest.fixture(scope="session")
def running_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Start everything once, with one document in the collection "Library"."""
    folder = tmp_path_factory.mktemp("chat")
    with ExitStack() as stack:
        model = stack.enter_context(ScriptedChat(Script(ANSWER)).running())
        environment = {
            "LECTERN_WEB": "true",
            "LECTERN_WEB_PORT": "0",
            "LECTERN_CHAT_URL": model.url,
            "LECTERN_CHAT_MODEL": "scripted",
        }
        up = stack.enter_context(lectern_up(folder / "home", environment))
        with up.client() as lectern:
            collection = lectern.collections.ensure("Library").collection_id
            document = lectern.documents.upload(collection, _pdf(folder))
            assert lectern.documents.wait(document.document_id).state == "ready"
        yield Stack(up, model, document.document_id)


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
