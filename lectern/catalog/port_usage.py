"""What Lectern asks of its catalog about use."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, Protocol

UsageBy = Literal["user", "collection"]


@dataclass(frozen=True, slots=True)
class Used:
    """Amounts of use.

    `documents` counts new documents and new versions of them, `size_bytes` their bytes. `questions`
    counts every answer that was begun, `failed` those of them that broke off with an error.
    `prompt_tokens` and `completion_tokens` are those of chat models, `embedding_tokens` what was
    embedded. `cost_micros` is the price of all, in millionths of the currency of the prices.
    """

    documents: int = 0
    size_bytes: int = 0
    questions: int = 0
    failed: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost_micros: int = 0
    embedding_tokens: int = 0

    @property
    def tokens(self) -> int:
        """Return all tokens that models were given or wrote."""
        return self.prompt_tokens + self.completion_tokens + self.embedding_tokens


@dataclass(frozen=True, slots=True)
class UsageDay:
    """What one user used, or what was used of one collection, on one day in UTC.

    `name` is "" when it is gone. `subject_id` is "" for use of no single collection, and for what
    no single user caused: embedding documents.
    """

    day: date
    subject_id: str
    name: str
    used: Used


class Usage(Protocol):
    """Sums by day, user and collection; adding to them reads nothing else."""

    def add(self, user_id: str, used: Used, *, collection_id: str = "") -> None:
        """Add to today's sums; `collection_id` is "" for what concerned no single collection."""
        ...

    def days(self, *, since: date, until: date, by: UsageBy) -> Sequence[UsageDay]:
        """Return the sums of the days from `since` to `until`, both included.

        In order of the day and the name; days without use are left out.
        """
        ...

    def total(self, subject_id: str, *, since: date, by: UsageBy) -> Used:
        """Return what one user used, or what was used of one collection, from `since` on."""
        ...
