"""What was used, by day; for administrators."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from lectern.api.bodies import Reply, Request

MOST_USAGE_DAYS = 400


class UsageQuery(Request):
    """Days in UTC, both included; the last 30 unless said otherwise, at most `MOST_USAGE_DAYS`."""

    by: Literal["user", "collection"] = "user"
    since: date | None = None
    until: date | None = None


class UsageEntry(Reply):
    """What one user used, or what was used of one collection, on one day.

    `subject_id` is "" for questions about no single collection, and for the embedding of documents,
    which is nobody's in particular; `name` is "" for what is gone.
    `documents` counts new documents and new versions, `failed` answers that broke off with an
    error. Tokens are the models', as their providers count them: `prompt_tokens` and
    `completion_tokens` of chat models, `embedding_tokens` of embedders. `cost_micros` is the price
    of all in millionths of the currency in which models are priced.
    """

    day: date
    subject_id: str
    name: str
    documents: Annotated[int, Field(ge=0)]
    size_bytes: Annotated[int, Field(ge=0)]
    questions: Annotated[int, Field(ge=0)]
    failed: Annotated[int, Field(ge=0)]
    prompt_tokens: Annotated[int, Field(ge=0)]
    completion_tokens: Annotated[int, Field(ge=0)]
    cost_micros: Annotated[int, Field(ge=0)] = 0
    embedding_tokens: Annotated[int, Field(ge=0)] = 0


class UsageReport(Reply):
    """Use in the order of the days, then of the names; days without any are left out."""

    since: date
    until: date
    entries: list[UsageEntry]
