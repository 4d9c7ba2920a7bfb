"""Feedback on answers: what a reader says, and what administrators learn from it."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from lectern.api.bodies import Reply, Request

Verdict = Literal["up", "down"]
FeedbackReason = Literal[
    "incorrect",
    "incomplete",
    "unsupported",
    "wrong_source",
    "missed",
    "off_topic",
    "language",
    "offensive",
    "other",
]
"""`unsupported`: its source does not say it; `missed`: the documents hold it, it was not found."""


class FeedbackRequest(Request):
    """A reader's verdict on an answer. Whoever gives it shows administrators the answer with it."""

    verdict: Verdict
    reasons: Annotated[list[FeedbackReason], Field(max_length=9)] = []
    comment: Annotated[str, Field(max_length=2000)] = ""


class FeedbackReply(Reply):
    """A verdict as it was given."""

    verdict: Verdict
    reasons: list[FeedbackReason]
    comment: str
    given_at: datetime


class FeedbackQuery(Request):
    """A page of all feedback."""

    limit: Annotated[int, Field(ge=1, le=200)] = 50
    cursor: str = ""
    verdict: Verdict | None = None


class FeedbackEntry(Reply):
    """Feedback as administrators see it: with the question and the answer, and nothing else of it.

    `chunk_ids` are the passages that the answer was made from, most relevant first.
    """

    message_id: str
    user_id: str
    user_name: str
    question: str
    answer: str
    chunk_ids: list[str]
    verdict: Verdict
    reasons: list[FeedbackReason]
    comment: str
    given_at: datetime


class FeedbackList(Reply):
    """A page of feedback, latest first; `cursor` is "" on the last page."""

    feedback: list[FeedbackEntry]
    cursor: str


class EvaluationCase(Reply):
    """A line of the export: a judged answer, to measure later versions with."""

    question: str
    answer: str
    chunk_ids: list[str]
    cited_chunk_ids: list[str]
    verdict: Verdict
    reasons: list[FeedbackReason]
    comment: str
