"""How a stored answer came about, and what has changed since."""

from datetime import datetime
from typing import Literal

from lectern.api.answers import AnswerLanguage, AnswerReply, CitationStyle, Reasoning, ToolName
from lectern.api.bodies import Reply
from lectern.api.conversations import MessageState
from lectern.api.search import SearchedIndex, SearchFilters, SearchMode

StyleOrigin = Literal["default", "own", "collection", "assistant"]
"""Whose words on style a generated answer followed: Lectern's, the asker's, or a collection's."""


class ReceiptSettings(Reply):
    """How the question was to be answered: a request, completed by settings and scope."""

    collections: list[str]
    documents: list[str]
    filters: SearchFilters
    mode: SearchMode
    top_k: int
    language: AnswerLanguage
    reasoning: Reasoning
    tools: list[ToolName]
    outer_tools: list[str] = []
    citation_style: CitationStyle
    assistant: str = ""


class SentMessage(Reply):
    """A message as a model got it; `images` counts pictures, `calls` are tools it had called."""

    role: Literal["system", "user", "assistant", "tool"]
    content: str
    images: int = 0
    calls: list[str] = []


class ModelCall(Reply):
    """One request to a model.

    `prompt` is the name and version of the prompt whose rules it began with, "" for none. `tools`
    are the names of those it was offered. Tokens are 0 when the provider does not say.
    """

    prompt: str
    model: str
    messages: list[SentMessage]
    tools: list[str]
    prompt_tokens: int
    completion_tokens: int


class Receipt(Reply):
    """How an answer came about.

    `meant` is the question with what it leaned on, as the model got it; `query` is what was
    searched for. `searched` are the indexes at the versions that answered. `answer` has the
    passages as they were given, steps, timings and tokens. What the reader may not read any more
    is blank, as in the conversation: `withheld` counts such passages, and then no message of
    `calls` has its content.
    """

    message_id: str
    conversation_id: str
    question_id: str
    state: MessageState
    answered_at: datetime
    lectern_version: str
    question: str
    meant: str
    query: str
    settings: ReceiptSettings
    style: StyleOrigin
    searched: list[SearchedIndex]
    calls: list[ModelCall]
    answer: AnswerReply
    withheld: int = 0
    messages_withheld: bool = False


class PassageChange(Reply):
    """What became of a passage; numbers are those of the markers, None where it is not.

    `revised`: it stands in another revision of its document, or says something else in its place.
    """

    change: Literal["same", "revised", "gone", "new"]
    document_id: str
    document_name: str
    page_number: int
    number_then: int | None
    number_now: int | None
    revision_then: int | None
    revision_now: int | None


class TextChange(Reply):
    """A piece of the two answers in order: in both, only in the old, or only in the new."""

    change: Literal["same", "gone", "new"]
    text: str


class MadeWith(Reply):
    """What an answer was made with: the models called, prompts and style, Lectern's version."""

    models: list[str]
    prompts: list[str]
    style: StyleOrigin
    lectern_version: str


class RepeatReply(Reply):
    """A question asked again with the settings it had, beside the answer it got then.

    The new answer is stored nowhere. `passages` are in the order of the new answer, those that are
    gone at the end. Pieces of `text` joined without the new are the old answer as its reader may
    see it now, joined without the gone ones the new.
    """

    answered_at: datetime
    then: MadeWith
    now: MadeWith
    passages: list[PassageChange]
    text: list[TextChange]
    answer: AnswerReply
