"""Budgets: what a user may spend, and what may be spent on a collection, in a month.

What a call takes is known when it has ended, so calls that run side by side may together go beyond
a budget; the next one is refused.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from lectern.catalog.port_models import BudgetSubject, ModelBudget
from lectern.errors import RateLimited

if TYPE_CHECKING:
    from lectern.catalog.port_models import ModelEntry
    from lectern.catalog.port_usage import Usage

_MICROS = 1_000_000


@dataclass(slots=True)
class Spending:
    """What the replies of one `ChosenChat` took. Safe to add to from several threads.

    Tokens that a provider does not count are estimated, rather too high.
    """

    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost_micros: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def add(self, entry: "ModelEntry", prompt_tokens: int, completion_tokens: int) -> None:
        """Add one reply at the entry's prices per million tokens: that is micros per token."""
        cost = prompt_tokens * entry.prompt_price + completion_tokens * entry.completion_price
        with self._lock:
            self.prompt_tokens += prompt_tokens
            self.completion_tokens += completion_tokens
            self.cost_micros += round(cost)


@dataclass(frozen=True, slots=True)
class Allowance:
    """What one question may still spend.

    Args:
        budgets: All of them.
        usage: What was spent.
        user_id: Who asks, "" for nobody in particular.
        collection_id: The only collection the question is about, "" for several.
    """

    budgets: Sequence[ModelBudget]
    usage: "Usage"
    user_id: str
    collection_id: str

    def require(self, spent: Spending | None = None) -> None:
        """Return if there is something left, once what the question itself `spent` is counted.

        Raises:
            RateLimited: A budget is used up (code `budget_used_up`); it starts anew next month.
            TransientError: The catalog cannot be reached.
        """
        pending = spent or Spending()
        self._require("user", self.user_id, pending)
        self._require("collection", self.collection_id, pending)

    def _require(self, subject: BudgetSubject, subject_id: str, pending: Spending) -> None:
        of_subject = {b.subject_id: b for b in self.budgets if b.subject == subject}
        budget = of_subject.get(subject_id) or of_subject.get("")
        if budget is None or not subject_id:
            return
        now = datetime.now(UTC)
        spent = self.usage.total(subject_id, since=now.date().replace(day=1), by=subject)
        whose = "your budget" if subject == "user" else "the budget of this collection"
        tokens = spent.tokens + pending.prompt_tokens + pending.completion_tokens
        if budget.tokens is not None and tokens >= budget.tokens:
            raise _used_up(f"{whose} of {budget.tokens:,} tokens", now)
        cost_micros = spent.cost_micros + pending.cost_micros
        if budget.cost_micros is not None and cost_micros >= budget.cost_micros:
            raise _used_up(f"{whose} of {budget.cost_micros / _MICROS:,.2f}", now)


def _used_up(what: str, now: datetime) -> RateLimited:
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    next_month = (midnight.replace(day=1) + timedelta(days=32)).replace(day=1)
    return RateLimited(
        f"{what} for this month is used up; wait until {next_month.date()} (UTC), or ask an "
        "administrator for more",
        code="budget_used_up",
        retry_after_s=round((next_month - now).total_seconds()),
    )
