"""Mind maps of answers and documents."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from lectern.api.answers import AnswerUsage
from lectern.api.bodies import Reply, Request
from lectern.api.notices import Notices
from lectern.api.search import Passage


class MindMapRequest(Request):
    """What to draw: an answer (`conversation_id` and `message_id`), a document, or passages.

    Passages are what a search or an answer that is stored nowhere returned; `title` is then the
    name of the map.
    """

    conversation_id: Annotated[str, Field(max_length=64)] = ""
    message_id: Annotated[str, Field(max_length=64)] = ""
    document_id: Annotated[str, Field(max_length=64)] = ""
    passages: Annotated[list[Passage], Field(max_length=100)] = []
    title: Annotated[str, Field(max_length=8000)] = ""

    @model_validator(mode="after")
    def _one_of_three(self) -> Self:
        if bool(self.conversation_id) != bool(self.message_id):
            raise ValueError("an answer is named by conversation_id and message_id together")
        if (bool(self.message_id), bool(self.document_id), bool(self.passages)).count(True) != 1:
            raise ValueError("give one of message_id, document_id and passages")
        return self


class MindMapPlace(Reply):
    """A passage that a branch rests on; `number` is its number in the answer, 0 without one."""

    chunk_id: str
    document_id: str
    document_name: str
    page_number: int
    number: int = 0


class MindMapNode(Reply):
    """A branch: plain text, the passages it rests on, the nearest first, and what hangs on it."""

    title: str
    places: list[MindMapPlace]
    children: list["MindMapNode"] = []


class MindMapReply(Reply):
    """A tree; only its root may rest on nothing.

    `generated` was drawn by a chat model from the passages, `outline` is made of headings, subjects
    and quotes as they stand.
    """

    kind: Literal["generated", "outline"]
    root: MindMapNode
    usage: AnswerUsage
    warnings: Notices
