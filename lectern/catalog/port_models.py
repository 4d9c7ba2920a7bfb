"""What Lectern asks of its catalog about models."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

ModelKind = Literal["chat", "rerank", "embedding"]
ModelUse = Literal["answer", "small", "vision", "rerank", "embedding"]
BudgetSubject = Literal["user", "collection"]

KIND_OF_USE: Mapping[ModelUse, ModelKind] = {
    "answer": "chat",
    "small": "chat",
    "vision": "chat",
    "rerank": "rerank",
    "embedding": "embedding",
}


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """A model at an endpoint.

    `url` is what `/chat/completions`, `/rerank` or `/embeddings` follows, "" in this process.
    `sealed_key` is "" without a key. Prices are for a million tokens. `dialect` is a reranker's.
    `context_tokens` are an embedder's longest input; `dimensions` are asked of it unless 0, and its
    prefixes stand before what it embeds. `version` grows with every change.
    """

    model_id: str
    name: str
    kind: ModelKind
    url: str
    model: str
    preset: str = ""
    sealed_key: str = field(default="", repr=False)
    dialect: str = ""
    context_tokens: int = 8192
    sees_images: bool = False
    prompt_price: float = 0.0
    completion_price: float = 0.0
    timeout_s: float = 120.0
    enabled: bool = True
    version: int = 1
    dimensions: int = 0
    query_prefix: str = ""
    passage_prefix: str = ""


@dataclass(frozen=True, slots=True)
class ModelBudget:
    """What a user may spend, or what may be spent on a collection, in a calendar month in UTC.

    `subject_id` "" holds for each who has no budget of their own. None is no limit; cost is in
    millionths of the currency of the prices.
    """

    subject: BudgetSubject
    subject_id: str = ""
    tokens: int | None = None
    cost_micros: int | None = None


@dataclass(frozen=True, slots=True)
class ModelRegistry:
    """Entries by name, the choices of each use that has any, and all budgets."""

    entries: Sequence[ModelEntry] = ()
    choices: Mapping[ModelUse, Sequence[str]] = field(default_factory=dict)
    budgets: Sequence[ModelBudget] = ()


class ModelEntries(Protocol):
    """The models of this installation beside those of its environment."""

    def registry(self) -> ModelRegistry:
        """Return everything as it is at one moment."""
        ...

    def get(self, model_id: str) -> ModelEntry | None:
        """Return an entry."""
        ...

    def create(self, entry: ModelEntry) -> ModelEntry:
        """Store a new entry; its `model_id` is made here.

        Raises:
            InvalidRequest: Another one has the name.
        """
        ...

    def change(self, entry: ModelEntry) -> ModelEntry:
        """Replace the entry of this id; return it with its new version.

        Raises:
            NotFound: There is none.
            InvalidRequest: Another one has the name, or changed meanwhile (code `model_changed`).
        """
        ...

    def delete(self, model_id: str) -> None:
        """Remove an entry and all choices of it. Safe to repeat."""
        ...

    def choose(self, use: ModelUse, model_ids: Sequence[str]) -> None:
        """Let these models serve a use, the first choice first; none undoes the choice."""
        ...

    def set_budget(self, budget: ModelBudget) -> None:
        """Set a budget; one without any limit is forgotten."""
        ...

    def reseal(self, rotate: Callable[[str], str]) -> int:
        """Replace every sealed key by what `rotate` makes of it; return how many there are."""
        ...
