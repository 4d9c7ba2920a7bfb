"""Conversations: questions and answers as a tree, of which one branch is active; and their shares.

Editing a question or answering it again adds a sibling, so nothing that was said is lost. A
conversation is its owner's alone: for everybody else, administrators included, it does not exist.
"""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from lectern.api.answers import AnswerReply
from lectern.api.bodies import Reply, Request
from lectern.api.feedback import FeedbackReply

NEW_CONVERSATION = "new"
"""The `conversation_id` of an answer that begins a conversation."""

MessageState = Literal["complete", "stopped", "failed"]
Title = Annotated[str, Field(min_length=1, max_length=200)]


class ConversationScope(Request):
    """Where questions of a conversation search: ids; nothing means all its owner may read."""

    collections: Annotated[list[str], Field(max_length=100)] = []
    documents: Annotated[list[str], Field(max_length=1000)] = []


class ConversationRequest(Request):
    """A new conversation; without a title it gets one from its first question.

    `assistant` is whom its questions are put to, by id or slug; "" for nobody in particular.
    """

    title: Annotated[str, Field(max_length=200)] = ""
    scope: ConversationScope = ConversationScope()
    assistant: Annotated[str, Field(max_length=100)] = ""


class ConversationChange(Request):
    """What shall become different; fields left out stay as they are."""

    title: Title | None = None
    pinned: bool | None = None
    scope: ConversationScope | None = None
    assistant: Annotated[str, Field(max_length=100)] | None = None


class ConversationQuery(Request):
    """A page of a listing; `query` is looked for in titles and in what was said."""

    limit: Annotated[int, Field(ge=1, le=200)] = 50
    cursor: str = ""
    query: Annotated[str, Field(max_length=200)] = ""


class ShareRequest(Request):
    """A link to be made; without `expires_in_days` it works until it is revoked."""

    expires_in_days: Annotated[int, Field(ge=1, le=3650)] | None = None


class ShareReply(Reply):
    """A read-only link to a conversation as it was when shared: later messages are not in it.

    `secret` is present only in the answer to its creation.
    """

    created_at: datetime
    expires_at: datetime | None = None
    secret: str | None = None


class ConversationReply(Reply):
    """A conversation; `updated_at` is when it last got a message. Without messages, no title.

    `assistant` is the id of the assistant that its questions are put to, "" without one.
    """

    conversation_id: str
    title: str
    pinned: bool
    scope: ConversationScope
    assistant: str = ""
    created_at: datetime
    updated_at: datetime
    share: ShareReply | None = None


class ConversationList(Reply):
    """A page of conversations, pinned ones first, then the latest; the last has no `cursor`."""

    conversations: list[ConversationReply]
    cursor: str


class MessageFailure(Reply):
    """Why an answer did not come, or not to its end."""

    code: str
    detail: str


class MessageReply(Reply):
    """A question or an answer.

    `siblings` are the ids of all messages in its place, in the order they were made, itself
    included; `position` is its own place among them from 1: what "2 of 3" needs. `answer` is the
    whole answer, also of one that was stopped or failed. `withheld` counts the passages that its
    owner may no longer read: they are blank, as is what the answer says after them.
    """

    message_id: str
    parent_id: str
    role: Literal["question", "answer"]
    state: MessageState
    text: str
    created_at: datetime
    siblings: list[str]
    position: Annotated[int, Field(ge=1)]
    answer: AnswerReply | None = None
    failure: MessageFailure | None = None
    feedback: FeedbackReply | None = None
    withheld: int = 0


class MessageQuery(Request):
    """The last `limit` messages of the active branch, or those before the message `before`."""

    limit: Annotated[int, Field(ge=1, le=500)] = 100
    before: str = ""


class MessageList(Reply):
    """Messages of the active branch from the first to the last; `earlier` more are before them."""

    messages: list[MessageReply]
    earlier: int


class ExportQuery(Request):
    """`markdown` is the active branch to be read; `json`, the whole tree to be processed."""

    format: Literal["markdown", "json"] = "markdown"


class ConversationExport(Reply):
    """A whole conversation; `active_id` is the last message of the active branch."""

    conversation: ConversationReply
    active_id: str
    messages: list[MessageReply]


class SharedSource(Reply):
    """What an answer rests on; blank when the one who shared it may no longer read it."""

    number: int
    document_name: str
    page_number: int
    quote: str
    supported: bool


class SharedMessage(Reply):
    """A question or an answer of a shared conversation."""

    role: Literal["question", "answer"]
    state: MessageState
    text: str
    created_at: datetime
    sources: list[SharedSource] = []


class SharedConversation(Reply):
    """What somebody with the link sees: words, names and pages; no id that opens anything."""

    title: str
    shared_at: datetime
    expires_at: datetime | None
    messages: list[SharedMessage]
