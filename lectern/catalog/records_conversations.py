"""What the catalog returns about conversations: plain values. Times are UTC."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from lectern.catalog.records import User

MessageRole = Literal["question", "answer"]
MessageState = Literal["complete", "stopped", "failed"]


@dataclass(frozen=True, slots=True)
class Share:
    """A link that shows a conversation up to `leaf_id`; its secret is stored as a digest only."""

    conversation_id: str
    leaf_id: str
    created_at: datetime
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation; `active_id` is the last message of its active branch, "" without any.

    `collections` and `documents` are ids: where its questions search unless they say otherwise.
    `assistant_id` is whom they are put to, "" for nobody in particular. `updated_at` is when it
    last got a message. `share` is there only while its link works.
    """

    conversation_id: str
    user_id: str
    title: str
    pinned: bool
    collections: tuple[str, ...]
    documents: tuple[str, ...]
    assistant_id: str
    active_id: str
    created_at: datetime
    updated_at: datetime
    share: Share | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a user said of an answer."""

    verdict: Literal["up", "down"]
    reasons: tuple[str, ...]
    comment: str
    given_at: datetime


@dataclass(frozen=True, slots=True)
class Breakdown:
    """Why an answer failed."""

    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class Message:
    """A question (`parent_id` is an answer's, or "" at the root) or an answer to its parent.

    `siblings` are the ids of all children of its parent in the order they were made, itself
    included. `reply` is an answer's JSON as it was given to `finish_turn`.
    """

    message_id: str
    parent_id: str
    role: MessageRole
    state: MessageState
    text: str
    created_at: datetime
    siblings: tuple[str, ...]
    reply: Mapping[str, Any] | None = None
    failure: Breakdown | None = None
    verdict: Verdict | None = None

    @property
    def position(self) -> int:
        """Its place among its siblings, from 1."""
        return self.siblings.index(self.message_id) + 1


@dataclass(frozen=True, slots=True)
class Receipted:
    """An answer, its question and how it came about; `record` is as `finish_turn` was given it."""

    conversation_id: str
    question_id: str
    question: str
    answer: Message
    record: bytes


@dataclass(frozen=True, slots=True)
class Turn:
    """A question that was stored and its answer to come.

    `earlier` are the questions before it on its branch, oldest first. `leaf_id` is what was shown
    last when the turn began: the answer is shown only if that is still so. `finished` is the
    complete answer if this very turn has been taken before.
    """

    user_id: str
    conversation_id: str
    question_id: str
    answer_id: str
    earlier: tuple[str, ...]
    collections: tuple[str, ...]
    documents: tuple[str, ...]
    assistant_id: str
    leaf_id: str
    finished: Message | None = None


@dataclass(frozen=True, slots=True)
class Shared:
    """What a link shows, and by whose rights."""

    owner: User
    title: str
    share: Share
    messages: tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class JudgedAnswer:
    """A verdict with what it is about."""

    message_id: str
    user_id: str
    user_name: str
    question: str
    answer: str
    reply: Mapping[str, Any]
    verdict: Verdict
