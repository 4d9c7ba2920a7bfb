"""What embedding takes, counted where it is spent: tokens and cost, against budgets."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from lectern import telemetry
from lectern.catalog.port_usage import Used
from lectern.errors import TransientError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from lectern.catalog.port_models import ModelEntry
    from lectern.catalog.port_usage import Usage
    from lectern.models.endpoint import EndpointEmbedder
    from lectern.models.ports import Embedder
    from lectern.models.registry_budgets import Allowance


@dataclass(frozen=True, slots=True)
class Expense:
    """At whose expense something is embedded.

    Args:
        allowance: What may still be spent.
        usage: Counts what was.
    """

    allowance: "Allowance"
    usage: "Usage"

    def count(self, entry: "ModelEntry", tokens: int) -> None:
        """Add tokens at the entry's price per million, that is micros per token, rounded up."""
        if not tokens:
            return
        used = Used(
            embedding_tokens=tokens, cost_micros=math.ceil(round(tokens * entry.prompt_price, 6))
        )
        try:
            self.usage.add(self.allowance.user_id, used, collection_id=self.allowance.collection_id)
        except TransientError as error:
            telemetry.logger.warning("use not counted", extra={"code": error.code})


class CountedEmbedder:
    """See `Embedder`. Counts what each call takes, also one that fails midway.

    Args:
        entry: Has the price.
        client: Returns what embeds, an `EndpointEmbedder`; called at the first use, which raises
            what stands against it: a key that cannot be read, an address that is not allowed.
        expense: Refuses when a budget is used up: `embed_passages` and `embed_query` then raise
            RateLimited with code `budget_used_up`, and nothing is sent.
    """

    def __init__(
        self, entry: "ModelEntry", client: "Callable[[], Embedder]", expense: Expense
    ) -> None:
        self.name = entry.model
        self.max_tokens = entry.context_tokens
        self._entry = entry
        self._make = client
        self._expense = expense

    @property
    def _client(self) -> "EndpointEmbedder":
        return cast("EndpointEmbedder", self._make())

    @property
    def dimensions(self) -> int:
        """See `Embedder.dimensions`."""
        return self._client.dimensions

    @property
    def fingerprint(self) -> str:
        """See `Embedder.fingerprint`."""
        return self._client.fingerprint

    def embed_passages(self, texts: Sequence[str]) -> "NDArray[np.float32]":
        """See `Embedder.embed_passages`."""
        if len(texts):
            self._expense.allowance.require()
        spent: list[int] = []
        try:
            return self._client.embed_passages_counted(texts, spent.append)
        finally:
            self._expense.count(self._entry, sum(spent))

    def embed_query(self, text: str) -> "NDArray[np.float32]":
        """See `Embedder.embed_query`."""
        self._expense.allowance.require()
        spent: list[int] = []
        try:
            return self._client.embed_query_counted(text, spent.append)
        finally:
            self._expense.count(self._entry, sum(spent))

    def count_tokens(self, text: str) -> int:
        """See `Embedder.count_tokens`."""
        return self._client.count_tokens(text)
