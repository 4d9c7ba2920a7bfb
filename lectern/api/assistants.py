"""Assistants: where and how to ask, saved under a name."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from lectern.api.answers import AnswerLanguage, CitationStyle, Reasoning, ToolName
from lectern.api.bodies import Reply, Request
from lectern.api.search import SearchMode

MODEL_PREFIX = "assistant/"
"""What the name of an assistant begins with as a model of the OpenAI-compatible API."""

_Name = Annotated[str, Field(min_length=1, max_length=100)]
_Description = Annotated[str, Field(max_length=500)]
_Collections = Annotated[list[str], Field(max_length=100)]
_Style = Annotated[str, Field(max_length=2000)]
_TopK = Annotated[int, Field(ge=1, le=50)]


class AssistantManner(Request):
    """How an assistant answers; what is None is as whoever asks has it.

    `answer_style` stands in the place of Lectern's words on how to write; see `UserSettings`.
    """

    reasoning: Reasoning | None = None
    tools: list[ToolName] | None = None
    mode: SearchMode | None = None
    top_k: _TopK | None = None
    language: AnswerLanguage | None = None
    citation_style: CitationStyle | None = None
    answer_style: _Style = ""


class AssistantRequest(Request):
    """A new assistant; without `collections` it asks all that whoever asks may read.

    `shared` lets everybody of this installation ask it, each with their own rights.
    """

    name: _Name
    description: _Description = ""
    shared: bool = False
    collections: _Collections = []
    manner: AssistantManner = AssistantManner()


class AssistantChange(Request):
    """What shall become different; fields left out stay as they are."""

    name: _Name | None = None
    description: _Description | None = None
    shared: bool | None = None
    collections: _Collections | None = None
    manner: AssistantManner | None = None


class AssistantReply(Reply):
    """An assistant. `collections` are those of its collections that the caller may read.

    `unreadable` counts the others. As a model of the OpenAI-compatible API it is `model`.
    """

    assistant_id: str
    slug: str
    model: str
    name: str
    description: str
    shared: bool
    own: bool
    collections: list[str]
    unreadable: int
    manner: AssistantManner
    created_at: datetime


class AssistantList(Reply):
    """The caller's own assistants and those shared with everybody, by name."""

    assistants: list[AssistantReply]
